//! What `tenantryd` sends to a collector of OpenTelemetry: the program as it is installed, and a
//! receiver of the real protocol. The API server that it is given accepts connections and never
//! answers, so that it serves calls and reconciles nothing.

mod collector;
mod daemon;

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use std::fmt::Write as _;
use tenantry_proto::v1alpha1::GetTenantRequest;
use tenantry_proto::v1alpha1::tenant_service_client::TenantServiceClient;
use tonic::transport::Endpoint;
use tonic::{Code, Request};

use collector::Collector;
use daemon::{Daemon, TOKEN};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLERS_SPAN: &str = "b7ad6b7169203331";

/// Makes a call that is refused without asking the API server, within a trace.
async fn call(daemon: &Daemon) -> Outcome {
    let address = format!("http://{}", daemon.address("grpc"));
    let channel = Endpoint::from_shared(address)?.connect().await?;
    let mut request = Request::new(GetTenantRequest {
        name: "no tenant's name".to_owned(),
    });
    let headers = request.metadata_mut();
    headers.insert("authorization", format!("Bearer {TOKEN}").parse()?);
    let parent = format!("00-{TRACE_ID}-{CALLERS_SPAN}-01");
    headers.insert("traceparent", parent.parse()?);
    let answer = TenantServiceClient::new(channel).get_tenant(request).await;
    let code = answer.map_or_else(|status| status.code(), |_| Code::Ok);
    assert_eq!(code, Code::InvalidArgument);
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}

#[tokio::test]
async fn a_call_is_one_trace_from_its_caller_to_the_collector_and_to_the_log() -> Outcome {
    let mut collector = Collector::start().await?;
    let mut daemon = Daemon::start(Some(&collector.endpoint)).await?;
    call(&daemon).await?;
    let answered = daemon.line("answered").await?;
    assert_eq!(answered["span"]["trace_id"], TRACE_ID, "{answered}");
    daemon.end().await?;

    let spans = collector.spans();
    let span = spans.iter().find(|span| span.name == "call");
    let span = span.ok_or("no span of the call came")?;
    assert_eq!(hexadecimal(&span.trace_id), TRACE_ID);
    assert_eq!(hexadecimal(&span.parent_span_id), CALLERS_SPAN);
    assert_eq!(span.kind(), SpanKind::Server);
    assert!(
        spans.iter().all(|span| span.name == "call"),
        "others than ours are traced: {spans:#?}"
    );

    let records = collector.records();
    let record = records
        .iter()
        .find(|record| collector::text(record) == "answered");
    let record = record.ok_or("no log record of the call came")?;
    assert_eq!(hexadecimal(&record.trace_id), TRACE_ID);
    assert_eq!(record.span_id, span.span_id);
    Ok(())
}

#[tokio::test]
async fn without_a_collector_nothing_is_traced_and_calls_are_counted_all_the_same() -> Outcome {
    let mut daemon = Daemon::start(None).await?;
    call(&daemon).await?;
    let answered = daemon.line("answered").await?;
    assert_eq!(answered["span"]["code"], "InvalidArgument", "{answered}");
    assert_eq!(answered["span"].get("trace_id"), None, "{answered}");
    let page = daemon.metrics().await?;
    let sample = concat!(
        r#"tenantry_calls_total{method="tenantry.v1alpha1.TenantService/GetTenant","#,
        r#"code="InvalidArgument"} 1"#
    );
    assert!(page.lines().any(|line| line == sample), "{page}");
    daemon.end().await
}
