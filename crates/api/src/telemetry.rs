//! One span, one log line and one count per call: method, tenant, code, time. Never a token or a
//! body.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::BoxFuture;
use http::{Request, Response};
use tenantry_telemetry::{Metrics, trace};
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::methods::Methods;

/// Opens a span for each call, and counts it.
#[derive(Clone)]
pub(crate) struct Telemetry {
    metrics: Metrics,
    methods: Arc<Methods>,
}

/// A service behind [`Telemetry`].
#[derive(Clone)]
pub(crate) struct Traced<S> {
    inner: S,
    telemetry: Telemetry,
}

impl Telemetry {
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self {
            metrics,
            methods: Arc::new(Methods::default()),
        }
    }
}

impl<S> Layer<S> for Telemetry {
    type Service = Traced<S>;

    fn layer(&self, inner: S) -> Traced<S> {
        Traced {
            inner,
            telemetry: self.clone(),
        }
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
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = span(&request);
        let method = self.telemetry.methods.of(request.uri().path());
        let metrics = self.telemetry.metrics.clone();
        let began = Instant::now();
        let answer = span.in_scope(|| self.inner.call(request));
        let traced = async move {
            let answer = answer.await;
            if let Ok(response) = &answer {
                // A refused unary call has its status in the headers; what has none succeeded.
                let code = Status::from_header_map(response.headers())
                    .map_or(Code::Ok, |status| status.code());
                let code = format!("{code:?}");
                Span::current().record("code", &code);
                metrics.called(&method, &code, began.elapsed());
                let milliseconds = began.elapsed().as_millis();
                tracing::info!(milliseconds, "answered");
            }
            answer
        };
        Box::pin(traced.instrument(span))
    }
}

/// The call's span, in the trace that the caller says it belongs to.
fn span<B>(request: &Request<B>) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "call",
        otel.kind = "server",
        method = request.uri().path().trim_start_matches('/'),
        tenant = Empty,
        operation = Empty,
        code = Empty,
        trace_id = Empty,
    );
    let parent = request.headers().get(trace::TRACEPARENT);
    trace::begin(&span, parent.and_then(|text| text.to_str().ok()), None);
    span
}

/// Says in the call's span which tenant it is about.
pub(crate) fn about_tenant(tenant: &impl std::fmt::Display) {
    Span::current().record("tenant", tracing::field::display(tenant));
}

/// Says in the call's span which operation it is about.
pub(crate) fn about_operation(operation: &impl std::fmt::Display) {
    Span::current().record("operation", tracing::field::display(operation));
}
