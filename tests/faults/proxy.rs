//! Stands between tenantryd and the API server, and does to each request what a test decides.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::watch_stream::{self, Trouble};

/// A request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.query.contains("watch=true") || self.query.contains("watch=1")
    }

    /// Whether `text` is in its path, its query or its body.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let mut windows = self.body.windows(text.len());
        let is_asked = self.path.contains(text) || self.query.contains(text);
        is_asked || windows.any(|window| window == text.as_bytes())
    }
}

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It is answered as the API server answers.
    Pass,
    /// The API server does not see it.
    Refuse(StatusCode),
    /// The API server does it, and the answer never comes.
    Unanswered,
    /// It is a while on its way.
    Late(Duration),
    /// A watch whose events do not come as they should.
    Troubled(Trouble),
}

pub(crate) type Decide = dyn Fn(&Seen) -> Fate + Send + Sync;

/// A proxy that serves as long as it lives.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    decide: Arc<Mutex<Arc<Decide>>>,
    _task: AbortOnDropHandle<()>,
}

impl Proxy {
    /// In front of the API server that `upstream` speaks to, with that client's identity.
    pub(crate) async fn start(upstream: Client) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let pass: Arc<Decide> = Arc::new(|_| Fate::Pass);
        let decide = Arc::new(Mutex::new(pass));
        let task = tokio::spawn(accept(listener, upstream, Arc::clone(&decide)));
        Ok(Self {
            address,
            decide,
            _task: AbortOnDropHandle::new(task),
        })
    }

    /// From now on every request is asked about.
    pub(crate) fn decide(&self, by: impl Fn(&Seen) -> Fate + Send + Sync + 'static) {
        *self.decide.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(by);
    }

    /// From now on every request passes.
    pub(crate) fn pass(&self) {
        self.decide(|_| Fate::Pass);
    }
}

async fn accept(listener: TcpListener, upstream: Client, decide: Arc<Mutex<Arc<Decide>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (upstream, decide) = (upstream.clone(), Arc::clone(&decide));
        let service = service_fn(move |request| {
            let decide = Arc::clone(&decide.lock().unwrap_or_else(PoisonError::into_inner));
            answer(request, upstream.clone(), decide)
        });
        tokio::spawn(async move {
            // A daemon that was killed leaves its connection; that is the point.
            _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Answer = Response<UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>>;

async fn answer(
    request: Request<Incoming>,
    upstream: Client,
    decide: Arc<Decide>,
) -> Result<Answer, Infallible> {
    let (mut parts, body) = request.into_parts();
    // A daemon that is killed while it asks has asked nothing.
    let Ok(body) = body.collect().await.map(Collected::to_bytes) else {
        return Ok(refusal(StatusCode::BAD_REQUEST));
    };
    parts.headers.remove(HOST);
    let seen = Seen {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: body.clone(),
    };
    let fate = decide(&seen);
    if let Fate::Refuse(status) = fate {
        return Ok(refusal(status));
    }
    if let Fate::Late(time) = fate {
        tokio::time::sleep(time).await;
    }
    let request = Request::from_parts(parts, Body::from(body));
    let answered = upstream.send(request).await;
    match (fate, answered) {
        (Fate::Unanswered, _) => std::future::pending().await,
        (Fate::Troubled(trouble), Ok(answer)) if answer.status().is_success() => {
            Ok(answer.map(|body| watch_stream::trouble(body, trouble)))
        }
        (_, Ok(answer)) => Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync())),
        (_, Err(_)) => Ok(refusal(StatusCode::BAD_GATEWAY)),
    }
}

/// A refusal in the API server's own form.
fn refusal(status: StatusCode) -> Answer {
    let reason = match status {
        StatusCode::CONFLICT => "Conflict",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::GONE => "Expired",
        _ => "InternalError",
    };
    let text = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure",
        "message": "refused by the test", "reason": reason, "code": status.as_u16(),
    });
    let body = Full::new(Bytes::from(text.to_string()));
    let mut answer = Response::new(body.map_err(Into::into).boxed_unsync());
    *answer.status_mut() = status;
    let json = hyper::header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    answer
}
