//! A tenant stops, shows a parking page, and comes back with all that it had; or is purged.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use hyper::{StatusCode, header};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Pod, Service};
use kube::Api;
use kube::api::{ListParams, PostParams};
use serde_json::json;
use tenantry_crd::Tenant;
use tenantry_proto::longrunning::Operation;
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::v1alpha1::{
    DeleteTenantRequest, ResumeTenantRequest, SuspendTenantRequest, UndeleteTenantRequest,
};
use tenantry_tests::{
    Answer, Browser, Doors, TestPartner, condition, false_for, follow, gone, query, until,
    with_partner,
};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(90);
const REMOVAL: Duration = Duration::from_mins(4);
/// How long an ingress may take to hear of a route.
const ROUTING: Duration = Duration::from_mins(1);
const RETRY: Duration = Duration::from_millis(250);
const SECRET: &str = "odoo-administrator";

fn name(partner: &TestPartner) -> String {
    format!("partners/{}/tenants/shop", partner.name)
}

/// Waits until the operation is done, and that it succeeded.
async fn done(doors: &Doors, operation: Operation) -> Result<()> {
    match follow(doors, operation).await?.result {
        Some(Outcome::Response(_)) => Ok(()),
        other => bail!("{other:?}"),
    }
}

/// What the hostname answers once it is the parking page.
async fn parked(partner: &TestPartner) -> Result<Answer> {
    let mut browser = Browser::new(&partner.environment, &partner.hostname("shop"));
    let begin = Instant::now();
    loop {
        let answer = browser.get("/web/login").await?;
        if answer.headers.contains_key(header::RETRY_AFTER) {
            return Ok(answer);
        }
        ensure!(begin.elapsed() < ROUTING, "{answer:?}");
        // There is nothing to watch at an ingress.
        sleep(RETRY).await;
    }
}

#[tokio::test]
async fn a_suspended_tenant_shows_its_brand_and_comes_back_with_its_logins() -> Result<()> {
    with_partner(async |partner| {
        let before = partner.serving_tenant("shop").await?;
        let provisioned = before.status.and_then(|status| status.provisioned_in);
        let login = partner.secret("shop", SECRET, "login").await?;
        let password = partner.secret("shop", SECRET, "password").await?;
        let doors = Doors::open(&partner.environment).await?;
        let suspend = SuspendTenantRequest {
            name: name(partner),
            ..SuspendTenantRequest::default()
        };
        let operation = doors.tenants().suspend_tenant(suspend).await?.into_inner();
        done(&doors, operation).await?;

        for kind in ["Serving", "Ready"] {
            let told = condition(kind, "False");
            let reason = until(&partner.tenants(), "shop", PATIENCE, told).await?;
            ensure!(reason == "Suspended", "{kind}: {reason}");
        }
        let pods: Api<Pod> = partner.objects_of("shop");
        let left = pods.list(&ListParams::default()).await?.items;
        ensure!(left.is_empty(), "it still has {} pods", left.len());
        let page = parked(partner).await?;
        ensure!(page.status == StatusCode::SERVICE_UNAVAILABLE, "{page:?}");
        ensure!(page.body.contains("Test ERP"), "{}", page.body);
        ensure!(page.body.contains("#112233"), "{}", page.body);

        let resume = ResumeTenantRequest {
            name: name(partner),
            ..ResumeTenantRequest::default()
        };
        let operation = doors.tenants().resume_tenant(resume).await?.into_inner();
        done(&doors, operation).await?;
        let after = partner.serving("shop").await?;
        let status = after.status.context("no status")?;
        ensure!(status.provisioned_in == provisioned, "{status:?}");
        let mut browser = Browser::new(&partner.environment, &partner.hostname("shop"));
        ensure!(browser.log_in(&login, &password).await?, "{login} is lost");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_deleted_tenant_can_be_had_back_until_it_is_purged() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let password = partner.secret("shop", SECRET, "password").await?;
        let doors = Doors::open(&partner.environment).await?;
        let delete = DeleteTenantRequest {
            name: name(partner),
            ..DeleteTenantRequest::default()
        };
        let operation = doors.tenants().delete_tenant(delete).await?.into_inner();
        done(&doors, operation).await?;

        let status = partner.tenants().get("shop").await?.status;
        let status = status.context("no status")?;
        let deleted = status.delete_time.context("no deleteTime")?.0;
        let purged = status.purge_time.context("no purgeTime")?.0;
        let week = purged.duration_since(deleted).as_hours();
        ensure!(week == 7 * 24, "purged after {week} hours");
        parked(partner).await?;
        let deployments: Api<Deployment> = partner.objects_of("shop");
        until(&deployments, "odoo", PATIENCE, gone).await?;
        let services: Api<Service> = partner.objects_of("shop");
        until(&services, "odoo", PATIENCE, gone).await?;
        let volumes: Api<PersistentVolumeClaim> = partner.objects_of("shop");
        let volume = volumes.get("odoo-data").await?;
        ensure!(volume.metadata.deletion_timestamp.is_none(), "{volume:?}");

        let undelete = UndeleteTenantRequest {
            name: name(partner),
            ..UndeleteTenantRequest::default()
        };
        let operation = doors.tenants().undelete_tenant(undelete).await?;
        done(&doors, operation.into_inner()).await?;
        let status = partner.serving("shop").await?.status;
        let status = status.context("no status")?;
        ensure!(status.purge_time.is_none(), "{:?}", status.purge_time);
        let mut browser = Browser::new(&partner.environment, &partner.hostname("shop"));
        let known = browser.log_in("owner@shop.example", &password).await?;
        ensure!(known, "its login is lost");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_tenant_whose_time_is_over_leaves_nothing() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let status = partner.tenants().get("shop").await?.status;
        let placement = status.and_then(|status| status.placement);
        let database = placement.context("no placement")?.database;
        let over = json!({"spec": {
            "runState": "Deleted", "deletion": {"policy": "Retain", "purgeAfterSeconds": 3},
        }});
        let tenants = partner.tenants();
        let change = kube::api::PatchParams::default();
        tenants
            .patch("shop", &change, &kube::api::Patch::Merge(over))
            .await?;
        until(&tenants, "shop", REMOVAL, gone).await?;
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        let namespace = partner.tenant_namespace("shop");
        until(&namespaces, &namespace, REMOVAL, gone).await?;
        let select = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
        ensure!(
            query("postgres", &select).await? == "0",
            "{database} is left"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_tenant_that_begins_suspended_is_built_when_it_is_to_run() -> Result<()> {
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["runState"] = json!("Suspended");
        let tenant: Tenant = serde_json::from_value(manifest)?;
        let tenants = partner.tenants();
        tenants.create(&PostParams::default(), &tenant).await?;
        until(&tenants, "shop", PATIENCE, false_for("Ready", "Suspended")).await?;
        let run = json!({"spec": {"runState": "Running"}});
        let change = kube::api::PatchParams::default();
        tenants
            .patch("shop", &change, &kube::api::Patch::Merge(run))
            .await?;
        partner.serving("shop").await?;
        Ok(())
    })
    .await
}
