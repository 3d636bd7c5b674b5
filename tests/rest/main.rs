//! At rest nothing is written. It runs alone: what other tests do would be counted, too.

#[cfg(test)]
mod rest {
    use std::time::Duration;

    use anyhow::{Result, ensure};
    use tenantry_tests::{audit, with_partner};

    /// Long enough for what follows a provisioning: events, caches, the last status.
    const SETTLING: Duration = Duration::from_secs(10);
    const REST: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn tenants_at_rest_cost_no_writes() -> Result<()> {
        with_partner(async |partner| {
            partner.serving_tenant("shop").await?;
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
    }
}
