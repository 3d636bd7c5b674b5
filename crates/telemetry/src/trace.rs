//! Which trace a span belongs to, in the form that calls carry it: the W3C header `traceparent`.
//!
//! While nobody traces (the daemon was not told where to send traces), spans belong to none: what
//! is asked here has no answer, and what is said here has no effect.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header's name.
pub const TRACEPARENT: &str = "traceparent";
/// The field of a span that [`begin`] fills in, for the log lines within it. A span that wants it
/// declares it empty.
pub const TRACE_ID: &str = "trace_id";

/// Puts `span` into the trace that `parent` names, or into one of its own, and notes which one
/// that is in its field [`TRACE_ID`]. `links` are other spans that caused it. To be called before
/// the span is entered.
pub fn begin(span: &Span, parent: Option<&str>, links: Option<&str>) {
    if let Some(parent) = parent.and_then(context) {
        // It cannot be set while nobody traces.
        let _ = span.set_parent(parent);
    }
    if let Some(link) = links.and_then(context) {
        span.add_link(span_of(&link));
    }
    let own = span_of(&span.context());
    if own.is_valid() {
        span.record(TRACE_ID, tracing::field::display(own.trace_id()));
    }
}

/// What a call made within `span` would carry; nothing while nobody traces.
#[must_use]
pub fn traceparent(span: &Span) -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// The trace that `traceparent` names, as 32 hexadecimal digits.
#[must_use]
pub fn trace_id(traceparent: &str) -> Option<String> {
    Some(span_of(&context(traceparent)?).trace_id().to_string())
}

fn context(traceparent: &str) -> Option<Context> {
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
    context.has_active_span().then_some(context)
}

fn span_of(context: &Context) -> SpanContext {
    context.span().span_context().clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
    use std::sync::{Arc, Mutex};
    use tracing::field::Empty;
    use tracing_subscriber::layer::SubscriberExt as _;

    const CALL: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const CALLS_TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    #[derive(Debug, Clone, Default)]
    struct Ended(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Ended {
        async fn export(&self, mut spans: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().append(&mut spans);
            Ok(())
        }
    }

    /// Runs `test` where spans are traced, and returns those that ended.
    fn traced(test: impl FnOnce()) -> Vec<SpanData> {
        let ended = Ended::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(ended.clone())
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, test);
        std::mem::take(&mut *ended.0.lock().unwrap())
    }

    fn attribute(span: &SpanData, name: &str) -> Option<String> {
        let mut attributes = span.attributes.iter();
        let found = attributes.find(|attribute| attribute.key.as_str() == name)?;
        Some(found.value.to_string())
    }

    #[test]
    fn a_call_continues_the_trace_of_its_caller() {
        let spans = traced(|| {
            let span = tracing::info_span!("call", trace_id = Empty);
            begin(&span, Some(CALL), None);
            let own = traceparent(&span).unwrap();
            assert_eq!(trace_id(&own).as_deref(), Some(CALLS_TRACE));
            assert_ne!(own, CALL, "its span is another one");
        });
        assert_eq!(spans[0].span_context.trace_id().to_string(), CALLS_TRACE);
        assert_eq!(spans[0].parent_span_id.to_string(), "b7ad6b7169203331");
        assert_eq!(attribute(&spans[0], TRACE_ID).as_deref(), Some(CALLS_TRACE));
    }

    #[test]
    fn a_linked_span_has_a_trace_of_its_own() {
        let spans = traced(|| {
            begin(&tracing::info_span!("reconcile"), None, Some(CALL));
        });
        assert_ne!(spans[0].span_context.trace_id().to_string(), CALLS_TRACE);
        let link = &spans[0].links.iter().next().unwrap().span_context;
        assert_eq!(link.trace_id().to_string(), CALLS_TRACE);
    }

    #[test]
    fn what_is_no_header_is_ignored() {
        for nonsense in ["", "00", "00-0-0-01", &CALL.to_uppercase()] {
            assert_eq!(trace_id(nonsense), None, "{nonsense}");
        }
        let spans = traced(|| begin(&tracing::info_span!("call"), Some("x"), Some("y")));
        assert!(spans[0].span_context.is_valid());
        assert_eq!(spans[0].links.len(), 0);
    }

    #[test]
    fn without_tracing_there_is_no_trace() {
        let span = tracing::info_span!("call", trace_id = Empty);
        begin(&span, Some(CALL), Some(CALL));
        assert_eq!(traceparent(&span), None);
    }
}
