//! Whatever is deleted or edited by hand is as it was within five seconds.

mod hurt;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;
use tenantry_crd::{DatabaseServer, HostnameClaim, Partner, Tenant, labels};
use tenantry_tests::{
    Environment, TestPartner, delete_abandoned, delete_unused, false_for, until, with_partner,
};

use self::hurt::{Hurt, Object, all, all_of, repaired};

/// How long what is to be hurt may take to be there.
const PATIENCE: Duration = Duration::from_mins(3);

/// Kinds that are not repaired by being written again, and why.
const EXCEPTIONS: [(&str, &str); 7] = [
    ("Secret", "it holds what cannot be had a second time"),
    ("PersistentVolumeClaim", "a volume is more than its claim"),
    ("Pod", "what made it makes another"),
    ("ReplicaSet", "its Deployment makes another"),
    ("ControllerRevision", "its StatefulSet makes another"),
    ("Endpoints", "its Service has others made"),
    ("EndpointSlice", "its Service has others made"),
];

/// What a tenant's namespace has for certain, or nothing was looked for.
const OF_A_TENANT: [&str; 8] = [
    "ConfigMap",
    "Deployment",
    "Ingress",
    "LimitRange",
    "NetworkPolicy",
    "ResourceQuota",
    "Service",
    "ServiceAccount",
];

/// All objects of ours in a namespace that are to be repaired.
async fn repairable(partner: &TestPartner, namespace: &str) -> Result<Vec<Object>> {
    let mut objects = all(&partner.environment.kube, namespace).await?;
    objects.retain(|object| EXCEPTIONS.iter().all(|(kind, _)| object.kind() != *kind));
    Ok(objects)
}

fn has_all(objects: &[Object], kinds: &[&str]) -> Result<()> {
    let found: BTreeSet<_> = objects.iter().map(Object::kind).collect();
    let missing: Vec<_> = kinds.iter().filter(|kind| !found.contains(*kind)).collect();
    ensure!(missing.is_empty(), "no {missing:?} among {found:?}");
    Ok(())
}

async fn claims(partner: &TestPartner) -> Result<Vec<Object>> {
    let own = format!("{}={}", labels::PARTNER, partner.name);
    let found = all_of::<HostnameClaim>(&partner.environment.kube, &own).await?;
    ensure!(found.len() == 1, "{} claims", found.len());
    Ok(found)
}

#[tokio::test]
async fn whatever_a_tenant_has_is_back_within_five_seconds_and_it_serves() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        partner.settled("shop").await?;
        let namespace = partner.tenant_namespace("shop");
        let objects = repairable(partner, &namespace).await?;
        has_all(&objects, &OF_A_TENANT)?;
        repaired("a tenant", &objects).await?;
        repaired("a hostname", &claims(partner).await?).await?;

        partner.runs("shop").await?;
        the_labels_of(partner, &namespace).await
    })
    .await
}

/// A namespace is not deleted by a test: all that is in it would go, too.
async fn the_labels_of(partner: &TestPartner, namespace: &str) -> Result<()> {
    let name = format!("kubernetes.io/metadata.name={namespace}");
    let found = all_of::<Namespace>(&partner.environment.kube, &name).await?;
    let found = found.first().context("no namespace")?;
    let open = json!({"pod-security.kubernetes.io/enforce": "privileged"});
    let edit = Hurt::Edited(json!({"metadata": {"labels": open}}));
    found.repaired_after(&edit).await?;
    Ok(())
}

#[tokio::test]
async fn the_parking_page_of_a_suspended_tenant_is_back_within_five_seconds() -> Result<()> {
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["runState"] = json!("Suspended");
        let tenant: Tenant = serde_json::from_value(manifest)?;
        let tenants = partner.tenants();
        tenants.create(&PostParams::default(), &tenant).await?;
        let suspended = false_for("Ready", "Suspended");
        until(&tenants, "shop", PATIENCE, suspended).await?;
        let status = tenants.get("shop").await?.status;
        let id = status.and_then(|status| status.tenant_id);
        let parked = format!("parked-{}", id.context("no id")?);

        let mut objects = all(&partner.environment.kube, "tenantry-system").await?;
        objects.retain(|object| object.name() == parked);
        has_all(&objects, &["Ingress"])?;
        repaired("a suspended tenant", &objects).await?;
        repaired("its hostname", &claims(partner).await?).await
    })
    .await
}

#[tokio::test]
async fn whatever_a_partners_namespace_has_is_back_within_five_seconds() -> Result<()> {
    with_partner(async |partner| {
        let partners: Api<Partner> = Api::all(partner.environment.kube.clone());
        until(&partners, &partner.name, PATIENCE, |found| {
            let status = found.and_then(|found: &Partner| found.status.as_ref());
            let ready = status.and_then(|status| status.conditions.first());
            ready
                .filter(|ready| ready.status == "True")
                .map(drop)
                .ok_or_else(|| format!("{status:?}"))
        })
        .await?;
        let objects = repairable(partner, &partner.namespace()).await?;
        has_all(&objects, &["NetworkPolicy", "ResourceQuota", "RoleBinding"])?;
        repaired("a partner", &objects).await
    })
    .await
}

/// A managed server of the test's own: tenants of others live on the one of the samples.
#[tokio::test]
async fn whatever_a_database_server_has_is_back_within_five_seconds() -> Result<()> {
    with_partner(async |partner| {
        let environment = &partner.environment;
        let outcome = on_a_database_server(partner).await;
        let removed = remove_database_server(environment, &partner.name).await;
        outcome?;
        removed.context("the test passed, but its database server cannot be removed")
    })
    .await
}

async fn on_a_database_server(partner: &TestPartner) -> Result<()> {
    let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
    let server = serde_json::from_value(json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "DatabaseServer",
        "metadata": {"name": partner.name},
        "spec": {"managed": {
            "storage": "1Gi", "cpu": "50m", "memory": "512Mi", "maxConnections": 100,
        }},
    }))?;
    servers.create(&PostParams::default(), &server).await?;
    until(
        &servers,
        &partner.name,
        PATIENCE,
        |found: Option<&DatabaseServer>| {
            let status = found.and_then(|found| found.status.as_ref());
            let ready = status.and_then(|status| status.conditions.first());
            ready
                .filter(|ready| ready.status == "True")
                .map(drop)
                .ok_or_else(|| format!("{ready:?}"))
        },
    )
    .await?;
    let namespace = format!("database-{}", partner.name);
    let objects = repairable(partner, &namespace).await?;
    has_all(
        &objects,
        &[
            "ConfigMap",
            "NetworkPolicy",
            "ResourceQuota",
            "Service",
            "ServiceAccount",
            "StatefulSet",
        ],
    )?;
    repaired("a database server", &objects).await
}

async fn remove_database_server(environment: &Environment, name: &str) -> Result<()> {
    let kube = &environment.kube;
    delete_unused::<DatabaseServer>(&Api::all(kube.clone()), name, PATIENCE).await?;
    let namespace = format!("database-{name}");
    delete_abandoned::<Namespace>(&Api::all(kube.clone()), &namespace).await
}
