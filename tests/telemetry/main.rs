//! Traces and logs of the installed tenantryd, seen arriving at a real collector. It runs alone:
//! tenantryd is started anew for it, with the chart's value.

#[cfg(test)]
mod collector;

#[cfg(test)]
mod telemetry {
    use anyhow::{Context as _, Result, ensure};
    use k8s_openapi::api::discovery::v1::EndpointSlice;
    use kube::Api;
    use prost::Message as _;
    use serde_json::{Value, json};
    use tenantry_proto::v1alpha1::{CreateTenantMetadata, CreateTenantRequest};
    use tenantry_tests::{Doors, Environment, TestPartner, follow, helm, with_partner};
    use tonic::Request;

    use crate::collector::Collector;

    const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const CALLERS_SPAN: &str = "00f067aa0ba902b7";

    #[tokio::test]
    async fn a_call_and_the_reconciles_that_follow_it_arrive_at_a_collector() -> Result<()> {
        let environment = Environment::load().await?;
        let collector = Collector::start().await?;
        let machine = machine(&environment).await?;
        send_to(&format!("http://{machine}:{}", collector.port)).await?;
        let outcome = with_partner(async |partner| traced(partner, &collector).await).await;
        send_to("").await?;
        outcome
    }

    async fn traced(partner: &TestPartner, collector: &Collector) -> Result<()> {
        let metadata = create(partner).await?;
        ensure!(metadata.trace_id == TRACE_ID, "{metadata:?}");
        let call = collector
            .span(|span| span["name"] == "call" && span["traceId"] == TRACE_ID)
            .await?;
        ensure!(call["parentSpanId"] == CALLERS_SPAN, "{call}");
        let reconcile = collector
            .span(|span| span["name"] == "reconcile" && is_linked(span, &call))
            .await?;
        ensure!(attribute(&reconcile, "object") == "shop", "{reconcile}");
        let answered = collector
            .record(|record| record["spanId"] == call["spanId"])
            .await?;
        ensure!(answered["traceId"] == TRACE_ID, "{answered}");
        Ok(())
    }

    /// Makes a tenant within the trace of a caller, and waits until it serves.
    async fn create(partner: &TestPartner) -> Result<CreateTenantMetadata> {
        let doors = Doors::open(&partner.environment).await?;
        let spec = &partner.manifest("shop")["spec"];
        let mut request = Request::new(CreateTenantRequest {
            parent: format!("partners/{}", partner.name),
            tenant_id: "shop".to_owned(),
            tenant: Some(serde_json::from_value(json!({"spec": spec}))?),
            request_id: uuid::Uuid::new_v4().to_string(),
            validate_only: false,
        });
        let caller = format!("00-{TRACE_ID}-{CALLERS_SPAN}-01").parse()?;
        request.metadata_mut().insert("traceparent", caller);
        let begun = doors.tenants().create_tenant(request).await?.into_inner();
        let done = follow(&doors, begun).await?;
        let metadata = done.metadata.unwrap_or_default();
        Ok(CreateTenantMetadata::decode(&*metadata.value)?)
    }

    fn is_linked(span: &Value, call: &Value) -> bool {
        let links = span["links"].as_array().into_iter().flatten();
        links
            .into_iter()
            .any(|link| link["traceId"] == TRACE_ID && link["spanId"] == call["spanId"])
    }

    fn attribute<'a>(span: &'a Value, key: &str) -> &'a Value {
        let attributes = span["attributes"].as_array().into_iter().flatten();
        let mut found = attributes.filter(|attribute| attribute["key"] == key);
        found
            .next()
            .map_or(&Value::Null, |one| &one["value"]["stringValue"])
    }

    /// Has the installed tenantryd send to a collector, or to none, and waits until it does.
    async fn send_to(endpoint: &str) -> Result<()> {
        let endpoint = format!("otlpEndpoint={endpoint}");
        let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/../charts/tenantry");
        helm(&[
            "upgrade",
            "tenantry",
            chart,
            "--namespace=tenantry-system",
            "--reuse-values",
            "--set",
            &endpoint,
            "--wait",
            "--timeout=3m",
        ])
        .await?
        .text()?;
        Ok(())
    }

    /// This machine, as pods reach it: the API server runs on it.
    async fn machine(environment: &Environment) -> Result<String> {
        let slices: Api<EndpointSlice> = Api::namespaced(environment.kube.clone(), "default");
        let slice = slices.get("kubernetes").await?;
        let mut addresses = slice.endpoints.into_iter().flat_map(|one| one.addresses);
        addresses.next().context("the API server is nowhere")
    }
}
