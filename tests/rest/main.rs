//! At rest nothing is written. It runs alone: what other tests do would be counted, too.

#[cfg(test)]
mod rest {
    use std::time::Duration;

    use anyhow::{Result, ensure};
    use kube::api::PostParams;
    use serde_json::{Value, json};
    use tenantry_tests::{
        TestPartner, audit, false_for, kubectl, until, with_partner, with_sick_channel,
    };

    /// Longer than a tenant that has not answered yet is awaited.
    const REST: Duration = Duration::from_secs(90);
    const PATIENCE: Duration = Duration::from_mins(6);

    /// One of them is well and one is sick. The pod of the sick one is started again and again, and
    /// its status changes with that; what is told of it does not.
    #[tokio::test]
    async fn tenants_at_rest_cost_no_writes_even_when_the_control_plane_starts_again() -> Result<()>
    {
        with_partner(async |partner| {
            let spoil = |release: &mut Value| {
                release["contract"]["command"] = json!(["sh", "-c", "exit 3"]);
            };
            with_sick_channel(partner, spoil, async || {
                partner.serving_tenant("shop").await?;
                crashing_tenant(partner, "sick").await?;
                let log = audit::Log::from_rest().await?;
                start_again().await?;
                tokio::time::sleep(REST).await;
                nothing_written(&log)
            })
            .await
        })
        .await
    }

    fn nothing_written(log: &audit::Log) -> Result<()> {
        let requests = log.requests()?;
        let mut writes = requests.iter().filter(|request| request.is_write());
        let told: Vec<_> = writes
            .by_ref()
            .take(20)
            .map(|one| &one.request_uri)
            .collect();
        ensure!(
            told.is_empty(),
            "{} writes: {told:#?}",
            told.len() + writes.count()
        );
        Ok(())
    }

    async fn start_again() -> Result<()> {
        for verb in ["restart", "status"] {
            let arguments = [
                "rollout",
                verb,
                "deployment/tenantryd",
                "-n",
                "tenantry-system",
            ];
            kubectl(&arguments, "").await?.text()?;
        }
        Ok(())
    }

    async fn crashing_tenant(partner: &TestPartner, name: &str) -> Result<()> {
        let tenant = serde_json::from_value(partner.manifest_on(name, "sick"))?;
        let tenants = partner.tenants();
        tenants.create(&PostParams::default(), &tenant).await?;
        until(&tenants, name, PATIENCE, false_for("Ready", "PodCrashes")).await?;
        // What is last told of it: that its login page was waited for long enough.
        let failed = false_for("Serving", "LoginPageFailed");
        until(&tenants, name, PATIENCE, failed).await
    }
}
