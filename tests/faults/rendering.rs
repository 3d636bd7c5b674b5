//! A version of Tenantry that renders pods differently restarts no tenant.
//!
//! The other version is played by a Deployment that is written as it would have written it: under
//! our field manager, with its own rendering of the pod and the annotations that say so.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tenantry_tests::{TestPartner, until};

use crate::daemon::in_control;

const PATIENCE: Duration = Duration::from_mins(3);
const KEPT: &str = "tenantry.dev/kept";
/// What the other version renders and this one does not.
const OTHER: &str = "another-version";

/// The first 16 digits of the hash, as the annotation has them.
fn short_hash(text: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(text).iter().take(8) {
        // Writing to a string cannot fail.
        _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The Deployment of the tenant as another version would have written it.
fn as_another_version(ours: &Deployment) -> Result<Value> {
    let kept = ours.annotations().get(KEPT).context("nothing is kept")?;
    let (hash, text) = kept.split_once(' ').context("no hash")?;
    ensure!(hash == short_hash(text), "the hash is made another way");
    let mut template: Value = serde_json::from_str(text)?;
    let environment = template["spec"]["containers"][0]["env"]
        .as_array_mut()
        .context("no environment")?;
    environment.push(json!({"name": "RENDERED_BY", "value": OTHER}));
    let text = template.to_string();
    let mut annotations = ours.annotations().clone();
    annotations.retain(|name, _| name.starts_with("tenantry.dev/"));
    annotations.insert(KEPT.to_owned(), format!("{} {text}", short_hash(&text)));
    let spec = ours.spec.as_ref().context("no spec")?;
    Ok(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "odoo", "labels": ours.labels(), "annotations": annotations,
        },
        "spec": {
            "replicas": spec.replicas,
            "revisionHistoryLimit": spec.revision_history_limit,
            "strategy": spec.strategy,
            "selector": spec.selector,
            "template": template,
        },
    }))
}

fn rendered_by_other(deployment: Option<&Deployment>) -> Result<(), String> {
    let text = serde_json::to_string(&deployment.and_then(|deployment| deployment.spec.as_ref()));
    let text = text.unwrap_or_default();
    text.contains(OTHER).then_some(()).ok_or(text)
}

/// Waits until the one pod of the tenant is the other version's, and ready.
async fn settled(partner: &TestPartner) -> Result<()> {
    let deployments = partner.objects_of::<Deployment>("shop");
    until(&deployments, "odoo", PATIENCE, |deployment| {
        rendered_by_other(deployment)?;
        let generation = deployment.and_then(|deployment| deployment.metadata.generation);
        let status = deployment.and_then(|deployment| deployment.status.as_ref());
        let status = status.ok_or("no status")?;
        let settled = status.observed_generation == generation
            && status.replicas == Some(1)
            && status.updated_replicas == Some(1)
            && status.ready_replicas == Some(1);
        settled.then_some(()).ok_or_else(|| format!("{status:?}"))
    })
    .await
}

/// Waits until the daemon has written something of the tenant again.
async fn rewritten(partner: &TestPartner, words: &str) -> Result<()> {
    let spec = json!({"spec": {"displayName": words}});
    partner
        .tenants()
        .patch("shop", &PatchParams::default(), &Patch::Merge(spec))
        .await?;
    let brands: Api<ConfigMap> = partner.objects_of("shop");
    until(
        &brands,
        "branding",
        PATIENCE,
        |brand: Option<&ConfigMap>| {
            let data = brand.and_then(|brand| brand.data.as_ref());
            let name = data.and_then(|data| data.get("displayName"));
            (name.map(String::as_str) == Some(words))
                .then_some(())
                .ok_or_else(|| format!("{name:?}"))
        },
    )
    .await?;
    // The Deployment is written after the brand, and the status after that.
    partner.serving("shop").await.map(drop)
}

#[tokio::test]
async fn a_version_that_renders_pods_differently_restarts_nobody() -> Result<()> {
    in_control(async |control, partner| {
        let first = control.start()?;
        partner.serving_tenant("shop").await?;
        first.kill().await?;

        let deployments = partner.objects_of::<Deployment>("shop");
        let other = as_another_version(&deployments.get("odoo").await?)?;
        let ours = PatchParams::apply("tenantry-controller").force();
        deployments
            .patch("odoo", &ours, &Patch::Apply(other))
            .await?;
        settled(partner).await?;
        let pods = partner.pods_of("shop").await?;

        let second = control.start()?;
        rewritten(partner, "after the upgrade").await?;
        settled(partner).await?;
        let now = partner.pods_of("shop").await?;
        ensure!(now == pods, "{pods:?} became {now:?}\n{}", control.said());

        // What is edited by hand becomes what the other version said.
        let by_hand = json!({"spec": {"template": {"spec": {"serviceAccountName": "default"}}}});
        deployments
            .patch("odoo", &PatchParams::default(), &Patch::Merge(by_hand))
            .await?;
        until(&deployments, "odoo", PATIENCE, |deployment| {
            rendered_by_other(deployment)?;
            let spec = deployment.and_then(|deployment| deployment.spec.as_ref());
            let pod = spec.and_then(|spec| spec.template.spec.as_ref());
            let account = pod.and_then(|pod| pod.service_account_name.clone());
            (account.as_deref() == Some("odoo"))
                .then_some(())
                .ok_or_else(|| format!("{account:?}"))
        })
        .await?;
        second.kill().await
    })
    .await
}
