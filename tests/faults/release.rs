//! Killed after any write of a change of release, a tenant ends with the new release or with the
//! old one, and with its data.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tenantry_crd::{ReleaseChangePhase as Phase, Tenant, TenantStatus};
use tenantry_tests::{Platform, TestPartner, query, until};

use crate::daemon::in_control;
use crate::end_state::End;
use crate::traces::Traces;
use crate::victim::{Doing, Victim};
use crate::writes::Left;

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

/// Waits until the change to `release` is over.
async fn over(partner: &TestPartner, release: &str) -> Result<TenantStatus> {
    let tenants = partner.tenants();
    until(&tenants, TENANT, PATIENCE, |tenant: Option<&Tenant>| {
        let status = tenant.and_then(|tenant| tenant.status.clone());
        let status = status.ok_or("no status")?;
        let change = status.release_change.as_ref();
        let is_over = |phase: Phase| phase.is_over() && phase != Phase::Withdrawn;
        let over = change.is_some_and(|change| change.to == release && is_over(change.phase));
        over.then(|| status.clone())
            .ok_or_else(|| format!("{change:?}"))
    })
    .await
}

/// Waits until the change to `release` is over in this way, and the tenant serves with its data.
async fn ended(partner: &TestPartner, release: &str, phase: Phase, runs: &str) -> Result<()> {
    let status = over(partner, release).await?;
    let change = status.release_change.context("no change")?;
    ensure!(change.phase == phase, "{change:?}");
    ensure!(
        status.release.as_deref() == Some(runs),
        "it runs {:?}",
        status.release
    );
    End::Serves.reached(partner, TENANT).await?;
    let database = status.placement.context("no placement")?.database;
    let company = query(&database, "SELECT name FROM res_company").await?;
    ensure!(company == DATA, "the data became {company}");
    let select =
        format!("SELECT datname FROM pg_database WHERE starts_with(datname, '{database}')");
    let databases = query("postgres", &select).await?;
    ensure!(databases == database, "its databases are {databases}");
    Ok(())
}

/// Makes a tenant with data. Returns the release that it runs.
async fn prepare(partner: &TestPartner) -> Result<String> {
    let tenant = partner.serving_tenant(TENANT).await?;
    let status = tenant.status.context("no status")?;
    let database = status.placement.context("no placement")?.database;
    let write = format!("UPDATE res_company SET name = '{DATA}'");
    query(&database, &write).await?;
    status.release.context("no release")
}

#[tokio::test]
async fn a_change_that_is_killed_after_any_write_is_completed() -> Result<()> {
    in_control(async |control, partner| {
        Platform::of(partner, async |platform| {
            let releases = [
                platform.release("one", &json!({})).await?,
                platform.release("two", &json!({})).await?,
            ];
            let mut victim = Victim::start(control)?;
            prepare(partner).await?;
            let traces = Traces::of(partner, TENANT).await?;
            let mut turns = releases.iter().cycle();
            let mut next_turn = || {
                let to = turns.next().context("no release")?;
                anyhow::Ok(Doing {
                    name: format!("to change to {to}"),
                    traces: traces.clone(),
                    ask: async move || ask_for(partner, to).await,
                    over: async move || ended(partner, to, Phase::Completed, to).await,
                })
            };
            let targets = victim.undisturbed(&next_turn()?).await?;
            let mut left = Left::new(targets.into_iter().map(|target| ((), target)));
            while let Some(next) = left.next() {
                let doing = next_turn()?;
                let outcome = victim.until(&doing, Some(&next.1)).await?;
                victim.recover(&doing, Some(&next.1)).await?;
                outcome.settle(Some(next), &mut left)?;
            }
            victim.end().await
        })
        .await
    })
    .await
}

/// A Release whose update fails at once.
async fn broken(platform: &Platform<'_>) -> Result<String> {
    let contract = json!({
        "command": ["false"], "uid": 100, "gid": 101, "dataDirectory": "/var/lib/odoo",
    });
    platform
        .release("broken", &json!({"contract": contract}))
        .await
}

#[tokio::test]
async fn a_way_back_that_is_killed_after_any_write_leads_to_the_old_release() -> Result<()> {
    in_control(async |control, partner| {
        Platform::of(partner, async |platform| {
            let broken = broken(platform).await?;
            let mut victim = Victim::start(control)?;
            let old = prepare(partner).await?;
            let doing = Doing {
                name: "to change to what is broken, and back".to_owned(),
                traces: Traces::of(partner, TENANT).await?,
                ask: async || ask_for(partner, &broken).await,
                over: async || ended(partner, &broken, Phase::Failed, &old).await,
            };
            let targets = victim.undisturbed(&doing).await?;
            withdraw(partner, &old).await?;
            // What comes before is as in a change that succeeds.
            let way_back = targets
                .into_iter()
                .skip_while(|target| !target.is_phase("Reverting"));
            let mut left = Left::new(way_back.map(|target| ((), target)));
            ensure!(!left.is_empty(), "it was not reverted");
            while let Some(next) = left.next() {
                let outcome = victim.until(&doing, Some(&next.1)).await?;
                victim.recover(&doing, Some(&next.1)).await?;
                outcome.settle(Some(next), &mut left)?;
                withdraw(partner, &old).await?;
            }
            victim.end().await
        })
        .await
    })
    .await
}

/// Asks for the old release, so that the broken one may be asked for again.
async fn withdraw(partner: &TestPartner, old: &str) -> Result<()> {
    ask_for(partner, old).await?;
    let tenants = partner.tenants();
    until(&tenants, TENANT, PATIENCE, |tenant: Option<&Tenant>| {
        let status = tenant.and_then(|tenant| tenant.status.as_ref());
        let change = status.and_then(|status| status.release_change.as_ref());
        let withdrawn = change.is_some_and(|change| change.phase == Phase::Withdrawn);
        withdrawn.then_some(()).ok_or_else(|| format!("{change:?}"))
    })
    .await
}
