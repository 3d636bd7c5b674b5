//! A tenant changes its release and keeps its data, or stays what it was.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use tenantry_crd::{ReleaseChangePhase as Phase, ReleaseChangeStatus, Tenant};
use tenantry_tests::{Platform, TestPartner, condition, false_for, query, until, with_partner};

use crate::secrecy::{Log, nothing_is_told};

/// Stop, copy, update, start, each on a busy machine.
const PATIENCE: Duration = Duration::from_mins(8);
const DATA: &str = "Written before";

async fn database(partner: &TestPartner) -> Result<String> {
    let status = partner.tenants().get("shop").await?.status;
    let placement = status.and_then(|status| status.placement);
    Ok(placement.context("no placement")?.database)
}

/// Writes what must still be there afterwards.
async fn write(partner: &TestPartner) -> Result<()> {
    let database = database(partner).await?;
    query(
        &database,
        &format!("UPDATE res_company SET name = '{DATA}'"),
    )
    .await?;
    Ok(())
}

/// The data is there, and no other database of the tenant's.
async fn kept(partner: &TestPartner) -> Result<()> {
    let database = database(partner).await?;
    let company = query(&database, "SELECT name FROM res_company").await?;
    ensure!(company == DATA, "the data became {company}");
    let select = format!("SELECT datname FROM pg_database WHERE datname LIKE '{database}%'");
    let databases = query("postgres", &select).await?;
    ensure!(databases == database, "{databases} are there");
    Ok(())
}

async fn edit(partner: &TestPartner, spec: Value) -> Result<Tenant> {
    let spec = json!({"spec": spec});
    let params = PatchParams::default();
    let tenants = partner.tenants();
    Ok(tenants.patch("shop", &params, &Patch::Merge(spec)).await?)
}

async fn ask_for(partner: &TestPartner, release: &str) -> Result<()> {
    edit(partner, json!({"release": release})).await?;
    Ok(())
}

/// Waits until the change to `release` is over.
async fn over(partner: &TestPartner, release: &str) -> Result<ReleaseChangeStatus> {
    until(
        &partner.tenants(),
        "shop",
        PATIENCE,
        |tenant: Option<&Tenant>| {
            let status = tenant.and_then(|tenant| tenant.status.as_ref());
            let change = status.and_then(|status| status.release_change.as_ref());
            change
                .filter(|change| change.to == release && change.phase.is_over())
                .cloned()
                .ok_or_else(|| format!("{change:?}"))
        },
    )
    .await
}

async fn running(partner: &TestPartner) -> Result<String> {
    let status = partner.tenants().get("shop").await?.status;
    status
        .and_then(|status| status.release)
        .context("no release")
}

#[tokio::test]
async fn a_tenant_changes_its_release_and_keeps_its_data() -> Result<()> {
    with_partner(async |partner| {
        Platform::of(partner, async |platform| {
            let next = platform.release("next", &json!({})).await?;
            partner.serving_tenant("shop").await?;
            write(partner).await?;
            ask_for(partner, &next).await?;
            let change = over(partner, &next).await?;
            ensure!(change.phase == Phase::Completed, "{change:?}");
            partner.serving("shop").await?;
            ensure!(running(partner).await? == next, "it runs another");
            kept(partner).await?;
            let update = Log {
                namespace: &partner.tenant_namespace("shop"),
                pod: "update-",
                previous: false,
            };
            let environment = &partner.environment;
            nothing_is_told(&environment.kube, &environment.token, &[update]).await?;
            Ok(())
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_release_that_cannot_update_leaves_the_tenant_as_it_was() -> Result<()> {
    with_partner(async |partner| {
        Platform::of(partner, async |platform| {
            let tenant = partner.serving_tenant("shop").await?;
            let before = running(partner).await?;
            write(partner).await?;
            let broken = release_running(platform, "broken", json!(["false"])).await?;
            ask_for(partner, &broken).await?;
            let change = over(partner, &broken).await?;
            ensure!(change.phase == Phase::Failed, "{change:?}");
            let failed = condition("ReleaseApplied", "False");
            let reason = until(&partner.tenants(), "shop", PATIENCE, failed).await?;
            ensure!(reason == "ReleaseChangeFailed", "{reason}");
            partner.serving("shop").await?;
            ensure!(running(partner).await? == before, "it runs another");
            kept(partner).await?;
            let id = tenant.status.and_then(|status| status.tenant_id);
            stays_failed(partner, &change, id).await?;
            // What was withdrawn may be asked for again.
            ask_for(partner, &before).await?;
            let withdrawn = in_phase(partner, Phase::Withdrawn).await?;
            ensure!(withdrawn.start_time == change.start_time, "{withdrawn:?}");
            Ok(())
        })
        .await
    })
    .await
}

/// A Release that runs `command` in place of Odoo.
async fn release_running(platform: &Platform<'_>, name: &str, command: Value) -> Result<String> {
    let contract = json!({
        "command": command, "uid": 100, "gid": 101, "dataDirectory": "/var/lib/odoo",
    });
    platform.release(name, &json!({"contract": contract})).await
}

async fn in_phase(partner: &TestPartner, phase: Phase) -> Result<ReleaseChangeStatus> {
    until(
        &partner.tenants(),
        "shop",
        PATIENCE,
        |tenant: Option<&Tenant>| {
            let status = tenant.and_then(|tenant| tenant.status.as_ref());
            let change = status.and_then(|status| status.release_change.as_ref());
            change
                .filter(|change| change.phase == phase)
                .cloned()
                .ok_or_else(|| format!("{change:?}"))
        },
    )
    .await
}

/// Another change of the spec does not have it tried again.
async fn stays_failed(
    partner: &TestPartner,
    failed: &ReleaseChangeStatus,
    id: Option<String>,
) -> Result<()> {
    let changed = edit(partner, json!({"displayName": "Another name"})).await?;
    partner.serving("shop").await?;
    let tenant = partner.tenants().get("shop").await?;
    ensure!(
        tenant.metadata.generation == changed.metadata.generation,
        "it was edited"
    );
    let status = tenant.status.context("no status")?;
    ensure!(
        status.tenant_id == id,
        "it became another: {:?}",
        status.tenant_id
    );
    ensure!(status.release_change.as_ref() == Some(failed), "{status:?}");
    let jobs = partner
        .objects_of::<Job>("shop")
        .list(&ListParams::default())
        .await?;
    let names: Vec<_> = jobs.iter().map(ResourceExt::name_any).collect();
    ensure!(names.len() == 1, "it was tried again: {names:?}");
    Ok(())
}

#[tokio::test]
async fn a_tenant_that_is_suspended_during_its_update_runs_nothing_until_it_comes_back()
-> Result<()> {
    with_partner(async |partner| {
        Platform::of(partner, async |platform| {
            let hanging = json!(["sh", "-c", "sleep 3600"]);
            let hanging = release_running(platform, "hanging", hanging).await?;
            partner.serving_tenant("shop").await?;
            ask_for(partner, &hanging).await?;
            let change = in_phase(partner, Phase::Updating).await?;
            let jobs: Api<Job> = partner.objects_of("shop");
            let job = format!("update-{}", change.start_time.0.as_millisecond());
            until(&jobs, &job, PATIENCE, runs).await?;

            edit(partner, json!({"runState": "Suspended"})).await?;
            let suspended = false_for("WorkloadReady", "Suspended");
            until(&partner.tenants(), "shop", PATIENCE, suspended).await?;
            let pods: Api<Pod> = partner.objects_of("shop");
            let left = pods.list(&ListParams::default()).await?.items;
            ensure!(left.is_empty(), "it still has {} pods", left.len());

            edit(partner, json!({"runState": "Running"})).await?;
            until(&jobs, &job, PATIENCE, runs).await?;
            let changing = false_for("WorkloadReady", "ReleaseChanging");
            until(&partner.tenants(), "shop", PATIENCE, changing).await
        })
        .await
    })
    .await
}

/// Whether the pod of a Job runs.
fn runs(job: Option<&Job>) -> std::result::Result<(), String> {
    let status = job.and_then(|job| job.status.as_ref());
    let ready = status.and_then(|status| status.ready);
    (ready == Some(1))
        .then_some(())
        .ok_or(format!("{status:?}"))
}

#[tokio::test]
async fn a_release_of_another_odoo_version_is_refused_and_nothing_stops() -> Result<()> {
    with_partner(async |partner| {
        Platform::of(partner, async |platform| {
            let other = platform
                .release("other", &json!({"odooVersion": "18.0"}))
                .await?;
            partner.serving_tenant("shop").await?;
            let pods = partner.pods_of("shop").await?;
            ask_for(partner, &other).await?;
            let refused = condition("Accepted", "False");
            let reason = until(&partner.tenants(), "shop", PATIENCE, refused).await?;
            ensure!(reason == "ReleaseMajorDiffers", "{reason}");
            let now = partner.pods_of("shop").await?;
            if now != pods {
                bail!("{pods:?} became {now:?}");
            }
            Ok(())
        })
        .await
    })
    .await
}
