//! Who may call: everything but health and reflection asks for the token.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::{Either, Ready, ready};
use http::header::AUTHORIZATION;
use http::{Request, Response};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::refusal::Refusal;

/// What answers without a token. What is not listed here asks for it, new services too.
const OPEN: [&str; 2] = [
    "/grpc.health.v1.Health/",
    "/grpc.reflection.v1.ServerReflection/",
];

/// Asks for the token.
#[derive(Clone)]
pub(crate) struct Authentication {
    token: Arc<SecretString>,
}

/// A service behind [`Authentication`].
#[derive(Clone)]
pub(crate) struct Authenticated<S> {
    inner: S,
    token: Arc<SecretString>,
}

impl Authentication {
    pub(crate) fn new(token: SecretString) -> Self {
        Self {
            token: Arc::new(token),
        }
    }
}

impl<S> Layer<S> for Authentication {
    type Service = Authenticated<S>;

    fn layer(&self, inner: S) -> Authenticated<S> {
        Authenticated {
            inner,
            token: Arc::clone(&self.token),
        }
    }
}

impl<S, B, R> Service<Request<B>> for Authenticated<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<R>, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        let open = OPEN.iter().any(|service| path.starts_with(service));
        if open || has_token(&request, &self.token) {
            Either::Left(self.inner.call(request))
        } else {
            Either::Right(ready(Ok(unauthenticated().into_http())))
        }
    }
}

fn has_token<B>(request: &Request<B>, token: &SecretString) -> bool {
    request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|header| header.as_bytes().strip_prefix(b"Bearer "))
        .is_some_and(|given| given.ct_eq(token.expose_secret().as_bytes()).into())
}

fn unauthenticated() -> Status {
    Refusal::new(
        Code::Unauthenticated,
        "TOKEN_INVALID",
        "the call has no valid token; send it as `authorization: Bearer <token>`",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost_reflect::DescriptorPool;
    use tower::service_fn;

    async fn code(path: &str, authorization: Option<&str>) -> Option<Code> {
        let mut service =
            Authentication::new("secret".into()).layer(service_fn(|_: Request<()>| async {
                Ok::<_, std::convert::Infallible>(Response::new(()))
            }));
        let mut request = Request::builder().uri(path);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let response = service.call(request.body(()).unwrap()).await.unwrap();
        Status::from_header_map(response.headers()).map(|status| status.code())
    }

    #[tokio::test]
    async fn every_method_of_ours_asks_for_the_token() {
        let pool = DescriptorPool::decode(tenantry_proto::DESCRIPTORS).unwrap();
        let paths: Vec<_> = pool
            .services()
            .flat_map(|service| {
                let name = service.full_name().to_owned();
                let methods: Vec<_> = service.methods().collect();
                methods
                    .into_iter()
                    .map(move |m| format!("/{name}/{}", m.name()))
            })
            .collect();
        assert!(paths.len() >= 6, "{paths:?}");
        for path in paths {
            assert_eq!(
                code(&path, None).await,
                Some(Code::Unauthenticated),
                "{path}"
            );
            for wrong in [
                "Bearer ",
                "Bearer secre",
                "Bearer secret2",
                "secret",
                "bearer secret",
            ] {
                assert!(
                    code(&path, Some(wrong)).await.is_some(),
                    "{path} took {wrong:?}"
                );
            }
            assert_eq!(code(&path, Some("Bearer secret")).await, None, "{path}");
        }
    }

    #[tokio::test]
    async fn health_and_reflection_answer_without_it() {
        for path in [
            "/grpc.health.v1.Health/Check",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ] {
            assert_eq!(code(path, None).await, None, "{path}");
        }
    }
}
