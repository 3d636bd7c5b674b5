//! A collector of OpenTelemetry that keeps what it is sent.

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// A collector that listens.
pub(crate) struct Collector {
    /// Its URL.
    pub(crate) endpoint: String,
    traces: UnboundedReceiver<ExportTraceServiceRequest>,
    logs: UnboundedReceiver<ExportLogsServiceRequest>,
}

struct Traces(UnboundedSender<ExportTraceServiceRequest>);

#[tonic::async_trait]
impl TraceService for Traces {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let _ = self.0.send(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

struct Logs(UnboundedSender<ExportLogsServiceRequest>);

#[tonic::async_trait]
impl LogsService for Logs {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let _ = self.0.send(request.into_inner());
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}

impl Collector {
    /// Listens until the test ends.
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (trace_sender, traces) = unbounded_channel();
        let (log_sender, logs) = unbounded_channel();
        let server = Server::builder()
            .add_service(TraceServiceServer::new(Traces(trace_sender)))
            .add_service(LogsServiceServer::new(Logs(log_sender)))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        Ok(Self {
            endpoint,
            traces,
            logs,
        })
    }

    /// The spans that came.
    pub(crate) fn spans(&mut self) -> Vec<Span> {
        let mut spans = Vec::new();
        while let Ok(request) = self.traces.try_recv() {
            let resources = request.resource_spans.into_iter();
            let scopes = resources.flat_map(|resource| resource.scope_spans);
            spans.extend(scopes.flat_map(|scope| scope.spans));
        }
        spans
    }

    /// The log records that came.
    pub(crate) fn records(&mut self) -> Vec<LogRecord> {
        let mut records = Vec::new();
        while let Ok(request) = self.logs.try_recv() {
            let resources = request.resource_logs.into_iter();
            let scopes = resources.flat_map(|resource| resource.scope_logs);
            records.extend(scopes.flat_map(|scope| scope.log_records));
        }
        records
    }
}

/// What a record says.
pub(crate) fn text(record: &LogRecord) -> &str {
    match record.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        _ => "",
    }
}
