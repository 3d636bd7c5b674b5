//! What Prometheus reads after a tenant has come to be.

use anyhow::{Result, ensure};
use tenantry_tests::{kubectl, with_partner};

use crate::story::answers;

/// The page, through the API server: no port has to be forwarded for it.
const PAGE: &str =
    "/api/v1/namespaces/tenantry-system/services/tenantryd-metrics:metrics/proxy/metrics";
const SAMPLES: [&str; 8] = [
    r#"tenantry_reconciles_total{kind="Tenant",outcome="Succeeded"}"#,
    r#"tenantry_last_successful_reconcile_timestamp_seconds{kind="Partner"}"#,
    r#"tenantry_queue_seconds_count{kind="Tenant"}"#,
    r#"tenantry_queue_oldest_seconds{kind="Tenant"}"#,
    r#"tenantry_provisioning_step_seconds_count{step="Serve"}"#,
    r#"tenantry_tenants{ready="True",reason="Serving"}"#,
    r#"tenantry_tenant_conditions{status="True",condition="Serving"}"#,
    r#"tenantry_probes_total{result="LoginPage"}"#,
];

#[tokio::test]
async fn a_provisioning_is_on_the_page_of_metrics_and_no_name_is() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let page = async || kubectl(&["get", "--raw", PAGE], "").await;
        let page = answers(page, |page| {
            let missing = SAMPLES.into_iter().find(|sample| !page.contains(sample));
            missing.map_or(Ok(()), |sample| Err(format!("no {sample}")))
        })
        .await?;
        let name = partner.name.as_str();
        ensure!(!page.contains(name), "{name} is on\n{page}");
        Ok(())
    })
    .await
}
