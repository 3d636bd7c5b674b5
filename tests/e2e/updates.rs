//! What a change of a tenant's object does to its Odoo: a size restarts it once, and nothing else
//! that can be changed and leaves it running restarts it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{ConfigMap, Event};
use k8s_openapi::api::networking::v1::Ingress;
use kube::ResourceExt as _;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};
use tenantry_crd::Tenant;
use tenantry_tests::{TestPartner, query, until, with_partner};

/// What a change may take that has no pod started.
const PATIENCE: Duration = Duration::from_mins(2);
const REVISION: &str = "deployment.kubernetes.io/revision";

/// All that a restart of Odoo would show in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Workload {
    /// How often the Deployment was told something else. The API server counts it at once, while
    /// pods follow when the Deployment acts.
    generation: i64,
    /// How often it had another pod template.
    revision: i64,
    replica_sets: BTreeSet<String>,
    /// Pods by their uids, and how often their containers were started again.
    pods: BTreeMap<String, i32>,
}

impl Workload {
    async fn of(partner: &TestPartner) -> Result<Self> {
        let deployment = partner.objects_of::<Deployment>("shop").get("odoo").await?;
        let sets = partner.objects_of::<ReplicaSet>("shop");
        let sets = sets.list(&ListParams::default()).await?;
        Ok(Self {
            generation: deployment.metadata.generation.context("no generation")?,
            revision: revision(&deployment).context("no revision")?,
            replica_sets: sets.iter().filter_map(ReplicaSet::uid).collect(),
            pods: partner.pods_of("shop").await?,
        })
    }
}

fn revision(deployment: &Deployment) -> Option<i64> {
    deployment.annotations().get(REVISION)?.parse().ok()
}

async fn change(partner: &TestPartner, object: &Value) -> Result<Tenant> {
    let tenants = partner.tenants();
    let change = PatchParams::default();
    Ok(tenants
        .patch("shop", &change, &Patch::Merge(object))
        .await?)
}

/// Everything of a Tenant that can be changed while it runs, but for its size. Labels come before
/// fields: whoever has seen a later version of the object has seen them.
fn changes(partner: &TestPartner, alias: &str, release: &str) -> Vec<(&'static str, Value)> {
    let hostnames = [partner.hostname("shop"), alias.to_owned()];
    vec![
        (
            "labels",
            json!({"metadata": {"labels": {"tests.tenantry.dev/team": "blue"}}}),
        ),
        (
            "annotations",
            json!({"metadata": {"annotations": {"tests.tenantry.dev/note": "any text"}}}),
        ),
        ("displayName", json!({"spec": {"displayName": "Renamed"}})),
        ("environment", json!({"spec": {"environment": "Staging"}})),
        (
            "brand",
            json!({"spec": {"brand": {"productName": "Other", "primaryColor": "#445566"}}}),
        ),
        ("hostnames", json!({"spec": {"hostnames": hostnames}})),
        (
            "deletion",
            json!({"spec": {"deletion": {"protection": "Disabled", "purgeAfterSeconds": 3600}}}),
        ),
        ("channel", json!({"spec": {"channel": "stable"}})),
        // The one that it runs.
        ("release", json!({"spec": {"release": release}})),
        (
            "labels that go",
            json!({"metadata": {"labels": {"tests.tenantry.dev/team": null}}}),
        ),
        ("nothing", json!({"spec": {"displayName": "Renamed again"}})),
    ]
}

#[tokio::test]
async fn whatever_is_changed_but_its_size_does_not_restart_a_tenant() -> Result<()> {
    with_partner(async |partner| {
        let tenant = partner.serving_tenant("shop").await?;
        let release = tenant.status.and_then(|status| status.release);
        let release = release.context("no release")?;
        partner.settled("shop").await?;
        let before = Workload::of(partner).await?;
        let alias = format!("alias.{}", partner.domain());
        for (what, object) in changes(partner, &alias, &release) {
            change(partner, &object).await.context(what)?;
            partner.settled("shop").await.context(what)?;
            let now = Workload::of(partner).await?;
            ensure!(now == before, "{what} made {before:?} {now:?}");
        }
        branded(partner, "Renamed again", "Other").await?;
        published(partner, &alias).await?;
        let now = Workload::of(partner).await?;
        ensure!(now == before, "later, {before:?} became {now:?}");
        Ok(())
    })
    .await
}

/// Waits until the brand says so.
async fn branded(partner: &TestPartner, customer: &str, product: &str) -> Result<()> {
    let maps = partner.objects_of::<ConfigMap>("shop");
    until(&maps, "branding", PATIENCE, |map| {
        let data = map.and_then(|map| map.data.as_ref());
        let says = |key: &str, value: &str| {
            data.and_then(|data| data.get(key))
                .is_some_and(|found| found == value)
        };
        (says("displayName", customer) && says("productName", product))
            .then_some(())
            .ok_or_else(|| format!("{data:?}"))
    })
    .await
}

/// Waits until `hostname` is published.
async fn published(partner: &TestPartner, hostname: &str) -> Result<()> {
    let ingresses = partner.objects_of::<Ingress>("shop");
    until(&ingresses, "odoo", PATIENCE, |ingress| {
        let spec = ingress.and_then(|ingress| ingress.spec.as_ref());
        let rules = spec.and_then(|spec| spec.rules.as_ref());
        let mut hosts = rules.into_iter().flatten().map(|rule| &rule.host);
        hosts
            .any(|host| host.as_deref() == Some(hostname))
            .then_some(())
            .ok_or_else(|| format!("{rules:?}"))
    })
    .await
}

#[tokio::test]
async fn a_larger_size_restarts_it_once_and_it_serves_again_with_what_it_was_given() -> Result<()> {
    with_partner(async |partner| {
        let tenant = partner.serving_tenant("shop").await?;
        let small = workers(&tenant)?;
        partner.settled("shop").await?;
        let before = Workload::of(partner).await?;
        change(
            partner,
            &json!({"spec": {"isolation": {"dedicated": {"size": "medium"}}}}),
        )
        .await?;
        begun(partner, before.revision).await?;
        partner.runs("shop").await?;
        let tenant = partner.serving("shop").await?;
        partner.settled("shop").await?;

        let after = Workload::of(partner).await?;
        restarted_once(partner, &before, &after).await?;
        ensure!(workers(&tenant)? > small, "{:?}", tenant.status);
        given_connections(partner, 63).await?;

        // Nothing follows once it serves.
        change(partner, &json!({"spec": {"displayName": "Renamed"}})).await?;
        partner.settled("shop").await?;
        let later = Workload::of(partner).await?;
        ensure!(later == after, "{after:?} became {later:?}");
        Ok(())
    })
    .await
}

/// What its size means.
fn workers(tenant: &Tenant) -> Result<i32> {
    let status = tenant.status.as_ref().context("no status")?;
    let effective = status.effective.as_ref().context("nothing effective")?;
    Ok(effective.size.as_ref().context("no size")?.workers)
}

/// Waits until the Deployment has a later revision than this.
async fn begun(partner: &TestPartner, earlier: i64) -> Result<()> {
    let deployments = partner.objects_of::<Deployment>("shop");
    until(&deployments, "odoo", PATIENCE, |deployment| {
        let now = deployment.and_then(revision);
        (now > Some(earlier))
            .then_some(())
            .ok_or_else(|| format!("of revision {now:?}"))
    })
    .await
}

/// One change of the Deployment, one `ReplicaSet` more, and of that one pod, which nobody started
/// again.
async fn restarted_once(partner: &TestPartner, before: &Workload, after: &Workload) -> Result<()> {
    let told = format!("{before:?} became {after:?}");
    ensure!(after.generation == before.generation + 1, "{told}");
    ensure!(after.revision == before.revision + 1, "{told}");
    let new: Vec<_> = after
        .replica_sets
        .difference(&before.replica_sets)
        .collect();
    ensure!(new.len() == 1, "{told}");
    let restarts: Vec<_> = after.pods.values().collect();
    ensure!(restarts == [&0], "{told}");
    let is_new = after.pods.keys().all(|pod| !before.pods.contains_key(pod));
    ensure!(is_new, "{told}");
    let made = pods_made(partner).await?;
    // An Event may be lost, and none comes without a pod.
    ensure!(made.len() <= 2, "pods were made more than twice: {made:?}");
    Ok(())
}

/// The pods that there ever were, as Events say.
async fn pods_made(partner: &TestPartner) -> Result<BTreeSet<String>> {
    let made = ListParams::default().fields("reason=SuccessfulCreate");
    let events = partner.objects_of::<Event>("shop").list(&made).await?;
    let told = events.into_iter().filter_map(|event| event.message);
    Ok(told.filter(|told| told.contains("odoo-")).collect())
}

/// Waits until so many connections are set aside for it, and its role may have them.
async fn given_connections(partner: &TestPartner, wanted: i32) -> Result<()> {
    let database = until(&partner.tenants(), "shop", PATIENCE, |tenant| {
        let status = tenant.and_then(|tenant: &Tenant| tenant.status.as_ref());
        let placement = status.and_then(|status| status.placement.as_ref());
        placement
            .filter(|placement| placement.connections == Some(wanted))
            .map(|placement| placement.database.clone())
            .ok_or_else(|| format!("{placement:?}"))
    })
    .await?;
    let limit = format!("SELECT rolconnlimit FROM pg_roles WHERE rolname = '{database}'");
    let limit = query("postgres", &limit).await?;
    ensure!(
        limit == wanted.to_string(),
        "its role may have {limit} connections"
    );
    Ok(())
}
