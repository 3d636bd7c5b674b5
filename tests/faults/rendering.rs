//! A version of Tenantry that renders pods, and what they read, differently restarts nobody.
//!
//! The other version is the same program, built with the feature `another-rendering`: a variable
//! more in the pods of Odoo and of PostgreSQL, and a line more in Odoo's file, in our addon and in
//! the script that starts PostgreSQL.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Pod, ResourceQuota};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde::Serialize;
use serde_json::json;
use tenantry_tests::{TestPartner, until};

use crate::daemon::in_control;
use crate::end_state::End;

const PATIENCE: Duration = Duration::from_mins(3);
/// Where the managed PostgreSQL of the samples runs.
const SERVER: &str = "database-main";
/// What the other version alone writes into pods, and into what they read.
const OTHER_POD: &str = "another-version";
const OTHER_LINE: &str = "# rendered by another version";

/// What changes when something is restarted, or is to be.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    odoo: BTreeMap<String, i32>,
    postgresql: BTreeMap<String, i32>,
    deployment: Option<i64>,
    stateful_set: Option<i64>,
    configuration: Option<BTreeMap<String, String>>,
    script: Option<BTreeMap<String, String>>,
}

fn of_server<K>(partner: &TestPartner) -> Api<K>
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
    K::DynamicType: Default,
{
    Api::namespaced(partner.environment.kube.clone(), SERVER)
}

impl Standing {
    async fn of(partner: &TestPartner, tenant: &str) -> Result<Self> {
        End::Serves.reached(partner, tenant).await?;
        let deployments = partner.objects_of::<Deployment>(tenant);
        let sets = of_server::<StatefulSet>(partner);
        let maps = partner.objects_of::<ConfigMap>(tenant);
        let scripts = of_server::<ConfigMap>(partner);
        Ok(Self {
            odoo: pods(partner.objects_of(tenant), "odoo").await?,
            postgresql: pods(of_server(partner), "postgresql").await?,
            deployment: deployments.get("odoo").await?.metadata.generation,
            stateful_set: sets.get("postgresql").await?.metadata.generation,
            configuration: maps.get("odoo-configuration").await?.data,
            script: scripts.get("postgresql").await?.data,
        })
    }

    fn ensure_same(&self, now: &Self) -> Result<()> {
        ensure!(self == now, "{self:#?} became {now:#?}");
        Ok(())
    }
}

/// The uids of a program's pods, and how often their containers restarted.
async fn pods(pods: Api<Pod>, program: &str) -> Result<BTreeMap<String, i32>> {
    let selector = ListParams::default().labels(&format!("app.kubernetes.io/name={program}"));
    let restarts = |pod: &Pod| {
        let status = pod.status.as_ref();
        let containers = status.and_then(|status| status.container_statuses.as_ref());
        let counts = containers.into_iter().flatten().map(|it| it.restart_count);
        (pod.uid().unwrap_or_default(), counts.sum())
    };
    let found: BTreeMap<_, _> = pods.list(&selector).await?.iter().map(restarts).collect();
    ensure!(!found.is_empty(), "{program} has no pod");
    Ok(found)
}

/// Waits until the daemon has gone through the tenant and through the database server: it has
/// written something of the one, and made good what went of the other.
async fn goes_through(partner: &TestPartner, tenants: &[&str], words: &str) -> Result<()> {
    let rename = json!({"spec": {"displayName": words}});
    for tenant in tenants {
        let patch = Patch::Merge(&rename);
        let change = PatchParams::default();
        partner.tenants().patch(tenant, &change, &patch).await?;
        let brands: Api<ConfigMap> = partner.objects_of(tenant);
        until(&brands, "branding", PATIENCE, |brand| carries(brand, words)).await?;
        // The Deployment is written after the brand, and the status after that.
        End::Serves.reached(partner, tenant).await?;
    }
    let quotas: Api<ResourceQuota> = of_server(partner);
    let before = quotas.get("baseline").await?.uid();
    quotas.delete("baseline", &DeleteParams::default()).await?;
    until(
        &quotas,
        "baseline",
        PATIENCE,
        |quota: Option<&ResourceQuota>| {
            let now = quota.and_then(ResourceQuota::uid);
            (now.is_some() && now != before)
                .then_some(())
                .ok_or_else(|| format!("{now:?}"))
        },
    )
    .await
}

fn carries(object: Option<&impl Serialize>, text: &str) -> Result<(), String> {
    let found = serde_json::to_string(&object).unwrap_or_default();
    found.contains(text).then_some(()).ok_or(found)
}

/// Whether the tenant's pod and all that it reads are the other version's.
async fn is_of_other(partner: &TestPartner, tenant: &str) -> Result<()> {
    let deployments = partner.objects_of::<Deployment>(tenant);
    let template = deployments
        .get("odoo")
        .await?
        .spec
        .map(|spec| spec.template);
    carries(template.as_ref(), OTHER_POD).map_err(anyhow::Error::msg)?;
    let maps = partner.objects_of::<ConfigMap>(tenant);
    let data = maps.get("odoo-configuration").await?.data;
    for (key, text) in data.context("no data")? {
        ensure!(text.ends_with(&format!("{OTHER_LINE}\n")), "{key}: {text}");
    }
    Ok(())
}

/// What is edited by hand becomes what the other version said.
async fn is_mended(partner: &TestPartner, tenant: &str) -> Result<()> {
    let deployments = partner.objects_of::<Deployment>(tenant);
    let by_hand = json!({"spec": {"template": {"spec": {"serviceAccountName": "default"}}}});
    let by_hand = Patch::Merge(by_hand);
    let change = PatchParams::default();
    deployments.patch("odoo", &change, &by_hand).await?;
    until(
        &deployments,
        "odoo",
        PATIENCE,
        |deployment: Option<&Deployment>| {
            let spec = deployment.and_then(|deployment| deployment.spec.as_ref());
            let template = spec.map(|spec| &spec.template);
            carries(template, OTHER_POD)?;
            let pod = template.and_then(|template| template.spec.as_ref());
            let account = pod.and_then(|pod| pod.service_account_name.clone());
            (account.as_deref() == Some("odoo"))
                .then_some(())
                .ok_or_else(|| format!("{account:?}"))
        },
    )
    .await
}

#[tokio::test]
async fn another_version_and_the_way_back_restart_neither_tenants_nor_postgresql() -> Result<()> {
    in_control(async |control, partner| {
        let first = control.start()?;
        partner.serving_tenant("shop").await?;
        let before = Standing::of(partner, "shop").await?;
        first.kill().await?;

        let other = control.start_another_version()?;
        let upgraded = goes_through(partner, &["shop"], "After the upgrade").await;
        upgraded.with_context(|| control.said())?;
        partner.serving_tenant("late").await?;
        is_of_other(partner, "late").await?;
        before.ensure_same(&Standing::of(partner, "shop").await?)?;
        let late = Standing::of(partner, "late").await?;
        other.kill().await?;

        let first = control.start()?;
        let tenants = ["shop", "late"];
        let back = goes_through(partner, &tenants, "After the way back").await;
        back.with_context(|| control.said())?;
        late.ensure_same(&Standing::of(partner, "late").await?)?;
        is_mended(partner, "late").await?;
        before.ensure_same(&Standing::of(partner, "shop").await?)?;
        first.kill().await
    })
    .await
}
