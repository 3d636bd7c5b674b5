//! One span and one log line per call: method, tenant, code, time. Never a token or a body.

use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::BoxFuture;
use http::{Request, Response};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use tonic::{Code, Status};

/// Opens a span for each call.
#[derive(Clone, Copy)]
pub(crate) struct Telemetry;

/// A service behind [`Telemetry`].
#[derive(Clone)]
pub(crate) struct Traced<S>(S);

impl<S> Layer<S> for Telemetry {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced(inner)
    }
}

impl<S, B, R> Service<Request<B>> for Traced<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<R>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = tracing::info_span!(
            "call",
            method = request.uri().path().trim_start_matches('/'),
            tenant = Empty,
            operation = Empty,
            code = Empty,
        );
        let began = Instant::now();
        let answer = span.in_scope(|| self.0.call(request));
        let traced = async move {
            let answer = answer.await;
            if let Ok(response) = &answer {
                // A refused unary call has its status in the headers; what has none succeeded.
                let code = Status::from_header_map(response.headers())
                    .map_or(Code::Ok, |status| status.code());
                Span::current().record("code", tracing::field::debug(code));
                let milliseconds = began.elapsed().as_millis();
                tracing::info!(milliseconds, "answered");
            }
            answer
        };
        Box::pin(traced.instrument(span))
    }
}

/// Says in the call's span which tenant it is about.
pub(crate) fn about_tenant(tenant: &impl std::fmt::Display) {
    Span::current().record("tenant", tracing::field::display(tenant));
}

/// Says in the call's span which operation it is about.
pub(crate) fn about_operation(operation: &impl std::fmt::Display) {
    Span::current().record("operation", tracing::field::display(operation));
}
