//! Logs to standard error; traces and logs to an OTLP collector as well, when there is one.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

const SERVICE: &str = "tenantryd";
const DEFAULT_FILTER: &str = "info";
/// What our crates are called. Only their spans are traced: others trace every connection.
const OURS: &str = "tenantry";
/// What sending itself consists of. Were its logs sent, sending them would make new ones.
const SENDING: [&str; 5] = ["opentelemetry", "tonic", "tower", "hyper", "h2"];

/// How long what is left of traces may take to be sent in the end, and of logs.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is sent to a collector.
pub(crate) struct Exports {
    traces: SdkTracerProvider,
    logs: SdkLoggerProvider,
}

/// Starts logging to standard error: lines for people on a terminal, JSON elsewhere. What is
/// logged is chosen by the environment variable `RUST_LOG`. With an `endpoint`, the URL of an OTLP
/// collector that speaks gRPC, logs are sent there too, and traces; what is returned has to be
/// flushed in the end. Must be called within a tokio runtime, which does the sending.
pub(crate) fn start(endpoint: Option<&str>) -> anyhow::Result<Option<Exports>> {
    let exports = endpoint.map(Exports::to).transpose()?;
    tracing_subscriber::registry()
        .with(lines())
        .with(exports.as_ref().map(Exports::trace_layer))
        .with(exports.as_ref().map(Exports::log_layer))
        .try_init()
        .context("cannot start logging")?;
    if let Some(endpoint) = endpoint {
        tracing::info!(endpoint, "traces and logs are sent");
    }
    Ok(exports)
}

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_FILTER.into())
}

fn lines<S>() -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    if io::stderr().is_terminal() {
        lines.with_filter(filter()).boxed()
    } else {
        let json = lines.json().flatten_event(true).with_span_list(false);
        json.with_filter(filter()).boxed()
    }
}

impl Exports {
    /// To the collector at `endpoint`. It need not be there yet.
    fn to(endpoint: &str) -> anyhow::Result<Self> {
        let unusable = || format!("cannot send traces and logs to {endpoint}");
        let spans = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .with_context(unusable)?;
        let records = LogExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .build()
            .with_context(unusable)?;
        let resource = Resource::builder()
            .with_service_name(SERVICE)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self {
            traces: SdkTracerProvider::builder()
                .with_resource(resource.clone())
                .with_batch_exporter(spans)
                .build(),
            logs: SdkLoggerProvider::builder()
                .with_resource(resource)
                .with_batch_exporter(records)
                .build(),
        })
    }

    fn trace_layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.traces.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_filter(Targets::new().with_target(OURS, LevelFilter::INFO))
    }

    fn log_layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let silent = SENDING.map(|target| (target, LevelFilter::OFF));
        let loud = Targets::new().with_default(LevelFilter::TRACE);
        OpenTelemetryTracingBridge::new(&self.logs)
            .with_filter(loud.with_targets(silent))
            .with_filter(filter())
    }

    /// Sends what has not been sent yet.
    pub(crate) fn flush(self) {
        for ended in [
            self.traces.shutdown_with_timeout(PATIENCE),
            self.logs.shutdown_with_timeout(PATIENCE),
        ] {
            if let Err(error) = ended {
                tracing::warn!(%error, "not all traces and logs were sent");
            }
        }
    }
}
