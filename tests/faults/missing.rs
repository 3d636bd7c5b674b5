//! The cluster lacks what a tenant needs: the tenant says so, and goes on when it is there.

use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use serde_json::json;
use tenantry_crd::Tenant;
use tenantry_tests::{TestPartner, until};

use crate::daemon::in_control;

const PATIENCE: Duration = Duration::from_mins(3);
/// The storage class of the local cluster.
const REAL: &str = "standard";
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

#[tokio::test]
async fn a_volume_without_a_storage_class_is_told_and_bound_when_there_is_one() -> Result<()> {
    in_control(async |control, partner| {
        control.configure("/storageClassName", json!(CLASS))?;
        let daemon = control.start()?;
        partner.create_tenant("shop").await?;
        told(partner, "WorkloadReady", |reason| {
            reason == "VolumeNotBound"
        })
        .await?;
        let classes: Api<StorageClass> = Api::all(partner.environment.kube.clone());
        let mut class = classes.get(REAL).await?;
        class.metadata = ObjectMeta {
            name: Some(CLASS.to_owned()),
            ..ObjectMeta::default()
        };
        classes.create(&PostParams::default(), &class).await?;
        let outcome = partner.serving("shop").await;
        classes.delete(CLASS, &DeleteParams::default()).await?;
        outcome?;
        partner.delete_tenant("shop").await?;
        daemon.kill().await
    })
    .await
}

#[tokio::test]
async fn an_ingress_class_that_is_missing_is_told_until_there_is_one() -> Result<()> {
    in_control(async |control, partner| {
        let before = control.configure("/ingress/className", json!(CLASS))?;
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
        control.configure("/ingress/className", before)?;
        let daemon = control.start()?;
        partner.serving("shop").await?;
        partner.delete_tenant("shop").await?;
        daemon.kill().await
    })
    .await
}
