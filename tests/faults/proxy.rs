//! Stands between tenantryd and the API server, and does to each request what a test decides.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

use crate::past::Past;
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

    /// Whether it asks for all objects of a kind before a watch begins. Only such a list may be
    /// older than what was written: other questions are asked to know what is there now.
    pub(crate) fn begins_watch(&self) -> bool {
        self.method == Method::GET && !self.is_watch() && self.query.contains("limit=500")
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
    /// The API server does it, and after this time the connection breaks in place of an answer.
    Broken(Duration),
    /// A list is answered as it was before, if it was asked for before.
    Past,
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
        let way = Way {
            upstream,
            decide: Arc::clone(&decide),
            past: Past::default(),
        };
        let task = tokio::spawn(accept(listener, way));
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

/// What a request meets.
#[derive(Clone)]
struct Way {
    upstream: Client,
    decide: Arc<Mutex<Arc<Decide>>>,
    past: Past,
}

async fn accept(listener: TcpListener, way: Way) {
    while let Ok((stream, _)) = listener.accept().await {
        let way = way.clone();
        let service = service_fn(move |request| answer(request, way.clone()));
        tokio::spawn(async move {
            // A daemon that was killed leaves its connection; that is the point.
            _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>>;

/// The connection is broken on purpose.
#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken by the test")
    }
}

impl std::error::Error for Broken {}

async fn answer(request: Request<Incoming>, way: Way) -> Result<Answer, Broken> {
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
    let decide = Arc::clone(&way.decide.lock().unwrap_or_else(PoisonError::into_inner));
    let fate = decide(&seen);
    match &fate {
        Fate::Refuse(status) => return Ok(refusal(*status)),
        Fate::Late(time) => tokio::time::sleep(*time).await,
        Fate::Past => {
            if let Some(before) = way.past.answer(&seen) {
                return Ok(before);
            }
        }
        _ => {}
    }
    let request = Request::from_parts(parts, Body::from(body));
    let answered = way.upstream.send(request).await;
    match (fate, answered) {
        (Fate::Unanswered, _) => std::future::pending().await,
        (Fate::Broken(time), _) => {
            tokio::time::sleep(time).await;
            Err(Broken)
        }
        (Fate::Troubled(trouble), Ok(answer)) if answer.status().is_success() => {
            Ok(answer.map(|body| watch_stream::trouble(body, trouble)))
        }
        (_, Ok(answer)) if seen.begins_watch() && answer.status().is_success() => {
            way.past.keep(&seen, answer).await.map_err(|_| Broken)
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
    if status == StatusCode::TOO_MANY_REQUESTS {
        answer.headers_mut().insert(RETRY_AFTER, 1.into());
    }
    answer
}
