//! Killed after any write of a change of release, a tenant ends with the new release or with the
//! old one, and with its data.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tenantry_crd::{ReleaseChangePhase as Phase, Tenant};
use tenantry_tests::{Platform, TestPartner, query, tell, until};

use crate::crash::{Traces, reach, stop_at, taken};
use crate::daemon::{Control, in_control};
use crate::end_state::page;

const PATIENCE: Duration = Duration::from_mins(5);
const TENANT: &str = "moving";
const DATA: &str = "Written before";

async fn ask_for(partner: &TestPartner, release: &str) -> Result<()> {
    let spec = json!({"spec": {"release": release}});
    partner
        .tenants()
        .patch(TENANT, &PatchParams::default(), &Patch::Merge(spec))
        .await?;
    Ok(())
}

/// Waits until the change to `release` is over and the tenant serves with its data.
async fn changed(partner: &TestPartner, release: &str) -> Result<()> {
    let status = until(
        &partner.tenants(),
        TENANT,
        PATIENCE,
        |tenant: Option<&Tenant>| {
            let status = tenant.and_then(|tenant| tenant.status.clone());
            let status = status.ok_or("no status")?;
            let change = status.release_change.as_ref();
            let over = change.is_some_and(|change| change.to == release && change.phase.is_over());
            over.then(|| status.clone())
                .ok_or_else(|| format!("{change:?}"))
        },
    )
    .await?;
    let phase = status.release_change.map(|change| change.phase);
    ensure!(phase == Some(Phase::Completed), "{phase:?}");
    ensure!(
        status.release.as_deref() == Some(release),
        "{:?}",
        status.release
    );
    page(partner, TENANT).await?;
    let database = status.placement.context("no placement")?.database;
    let company = query(&database, "SELECT name FROM res_company").await?;
    ensure!(company == DATA, "the data became {company}");
    let select = format!("SELECT count(*) FROM pg_database WHERE datname LIKE '{database}%'");
    let databases = query("postgres", &select).await?;
    ensure!(databases == "1", "{databases} databases");
    Ok(())
}

/// Makes a tenant with data. Returns its id.
async fn prepare(control: &Control, partner: &TestPartner) -> Result<String> {
    control.proxy.pass();
    let daemon = control.start()?;
    let tenant = partner.serving_tenant(TENANT).await?;
    let status = tenant.status.context("no status")?;
    let database = status.placement.context("no placement")?.database;
    query(
        &database,
        &format!("UPDATE res_company SET name = '{DATA}'"),
    )
    .await?;
    daemon.kill().await?;
    status.tenant_id.context("no id")
}

/// The writes of a change that nothing disturbs.
async fn undisturbed(
    control: &Control,
    partner: &TestPartner,
    traces: Traces,
    to: &str,
) -> Result<Vec<String>> {
    let writes = Arc::default();
    stop_at(control, traces, None, &writes);
    let daemon = control.start()?;
    ask_for(partner, to).await?;
    changed(partner, to).await?;
    daemon.kill().await?;
    Ok(taken(&writes))
}

#[tokio::test]
async fn killed_after_any_write_a_change_of_release_is_completed() -> Result<()> {
    in_control(async |control, partner| {
        Platform::of(partner, async |platform| {
            let releases = [
                platform.release("one", &json!({})).await?,
                platform.release("two", &json!({})).await?,
            ];
            let id = prepare(control, partner).await?;
            let traces = || anyhow::Ok(Traces::of(partner, TENANT)?.with_id(&id));
            let writes = undisturbed(control, partner, traces()?, &releases[0]).await?;
            ensure!(writes.len() > 5, "{writes:?}");
            for (number, write) in writes.iter().enumerate() {
                let to = &releases[(number + 1) % 2];
                let reached = stop_at(control, traces()?, Some(number), &Arc::default());
                let daemon = control.start()?;
                ask_for(partner, to).await?;
                reach(&reached, write, control).await?;
                daemon.kill().await?;
                control.proxy.pass();
                let daemon = control.start()?;
                changed(partner, to)
                    .await
                    .with_context(|| format!("killed after {write}:\n{}", control.said()))?;
                daemon.kill().await?;
                let (number, all) = (number + 1, writes.len());
                tell(&format!("{number} of {all}: killed after {write}"));
            }
            control.proxy.pass();
            Ok(())
        })
        .await
    })
    .await
}
