//! At rest nothing is written. It runs alone: what other tests do would be counted, too.

#[cfg(test)]
mod rest {
    use std::time::Duration;

    use anyhow::{Result, ensure};
    use kube::api::PostParams;
    use serde_json::{Value, json};
    use tenantry_crd::Tenant;
    use tenantry_tests::{TestPartner, audit, condition, until, with_partner, with_sick_channel};

    /// Long enough for what follows a provisioning: events, caches, the last status.
    const SETTLING: Duration = Duration::from_secs(10);
    const REST: Duration = Duration::from_mins(1);
    const PATIENCE: Duration = Duration::from_mins(6);

    /// The pod of the sick one is started again and again, and its status changes with that; what
    /// is told of it does not.
    #[tokio::test]
    async fn tenants_at_rest_cost_no_writes_neither_a_well_one_nor_a_sick_one() -> Result<()> {
        with_partner(async |partner| {
            let spoil = |release: &mut Value| {
                release["contract"]["command"] = json!(["sh", "-c", "exit 3"]);
            };
            with_sick_channel(partner, spoil, async || {
                partner.serving_tenant("shop").await?;
                crashing_tenant(partner, "sick").await?;
                tokio::time::sleep(SETTLING).await;
                let log = audit::Log::from_now()?;
                tokio::time::sleep(REST).await;
                let requests = log.requests()?;
                let writes: Vec<_> = requests
                    .iter()
                    .filter(|request| request.is_write())
                    .collect();
                ensure!(writes.is_empty(), "tenantryd wrote at rest: {writes:#?}");
                Ok(())
            })
            .await
        })
        .await
    }

    async fn crashing_tenant(partner: &TestPartner, name: &str) -> Result<()> {
        let tenant = serde_json::from_value(partner.manifest_on(name, "sick"))?;
        let tenants = partner.tenants();
        tenants.create(&PostParams::default(), &tenant).await?;
        let crashes = |tenant: Option<&Tenant>| {
            let reason = condition("Ready", "False")(tenant)?;
            let told = reason == "PodCrashes";
            told.then_some(()).ok_or(reason)
        };
        until(&tenants, name, PATIENCE, crashes).await
    }
}
