//! The cluster lacks what a tenant needs: the tenant says so, and goes on when it is there.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::storage::v1::StorageClass;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use tenantry_crd::Tenant;
use tenantry_tests::{TestPartner, until};

use crate::daemon::in_control;

const PATIENCE: Duration = Duration::from_mins(3);
const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
const CLASS: &str = "nobodys";

/// Waits until the tenant's condition `kind` has a reason of which `is` says that it is right.
async fn told(partner: &TestPartner, kind: &str, is: impl Fn(&str) -> bool) -> Result<()> {
    let tenants = partner.tenants();
    until(&tenants, "shop", PATIENCE, |tenant: Option<&Tenant>| {
        let status = tenant.and_then(|tenant| tenant.status.as_ref());
        let conditions = status.map(|status| &status.conditions[..]);
        let mut conditions = conditions.unwrap_or_default().iter();
        let found = conditions.find(|condition| condition.type_ == kind);
        found
            .filter(|condition| is(&condition.reason))
            .map(drop)
            .ok_or_else(|| format!("{found:?}"))
    })
    .await
}

async fn set_default(classes: &Api<StorageClass>, class: &str, is: bool) -> Result<()> {
    let metadata = json!({"metadata": {"annotations": {DEFAULT: is.to_string()}}});
    let change = PatchParams::default();
    classes
        .patch(class, &change, &Patch::Merge(metadata))
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_volume_without_a_storage_class_is_told_and_bound_when_there_is_one() -> Result<()> {
    in_control(async |control, partner| {
        let daemon = control.start()?;
        let classes: Api<StorageClass> = Api::all(partner.environment.kube.clone());
        let all = classes.list(&ListParams::default()).await?;
        let is_default = |class: &&StorageClass| class.annotations().contains_key(DEFAULT);
        let class = all.iter().find(is_default).context("no default class")?;
        let class = class.name_any();
        set_default(&classes, &class, false).await?;
        partner.create_tenant("shop").await?;
        let outcome = told(partner, "WorkloadReady", |reason| {
            reason == "VolumeNotBound"
        })
        .await;
        set_default(&classes, &class, true).await?;
        outcome?;
        partner.serving("shop").await?;
        partner.delete_tenant("shop").await?;
        daemon.kill().await
    })
    .await
}

#[tokio::test]
async fn an_ingress_class_that_is_missing_is_told_until_there_is_one() -> Result<()> {
    in_control(async |control, partner| {
        let before = control.set_ingress("className", json!(CLASS))?;
        let daemon = control.start()?;
        partner.create_tenant("shop").await?;
        let is_missing = |reason: &str| reason == "IngressClassMissing";
        told(partner, "Routed", is_missing).await?;
        let classes: Api<IngressClass> = Api::all(partner.environment.kube.clone());
        let class = json!({
            "metadata": {"name": CLASS},
            "spec": {"controller": "tests.tenantry.dev/nobody"},
        });
        let class = serde_json::from_value(class)?;
        classes.create(&PostParams::default(), &class).await?;
        let outcome = told(partner, "Routed", |reason| !is_missing(reason)).await;
        classes.delete(CLASS, &DeleteParams::default()).await?;
        outcome?;
        daemon.kill().await?;
        control.set_ingress("className", before)?;
        let daemon = control.start()?;
        partner.serving("shop").await?;
        partner.delete_tenant("shop").await?;
        daemon.kill().await
    })
    .await
}
