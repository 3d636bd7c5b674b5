//! What goes with a tenant, and what stays.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, PersistentVolumeClaim, Service};
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;
use tenantry_crd::Tenant;
use tenantry_tests::{
    Browser, TestPartner, condition, delete_abandoned, gone, query, until, with_partner,
};

const PATIENCE: Duration = Duration::from_secs(90);

async fn database_of(partner: &TestPartner, name: &str) -> Result<String> {
    let status = partner
        .tenants()
        .get(name)
        .await?
        .status
        .context("no status")?;
    Ok(status.placement.context("no placement")?.database)
}

async fn exists(catalog: &str, column: &str, name: &str) -> Result<bool> {
    let select = format!("SELECT count(*) FROM {catalog} WHERE {column} = '{name}'");
    Ok(query("postgres", &select).await? == "1")
}

#[tokio::test]
async fn delete_removes_namespace_database_and_role() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner, "shop").await?;
        ensure!(
            exists("pg_database", "datname", &database).await?,
            "no {database}"
        );
        partner.delete_tenant("shop").await?;
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        until(
            &namespaces,
            &partner.tenant_namespace("shop"),
            PATIENCE,
            gone,
        )
        .await?;
        ensure!(
            !exists("pg_database", "datname", &database).await?,
            "{database} is left"
        );
        ensure!(
            !exists("pg_roles", "rolname", &database).await?,
            "role {database} is left"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_deleted_tenant_can_come_again_under_its_name() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let before = database_of(partner, "shop").await?;
        partner.delete_tenant("shop").await?;
        partner.serving_tenant("shop").await?;
        let after = database_of(partner, "shop").await?;
        ensure!(
            before != after,
            "the new tenant has the old database {before}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn retain_keeps_namespace_volume_and_database() -> Result<()> {
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["deletion"] = json!(null);
        let tenant = serde_json::from_value(manifest)?;
        partner
            .tenants()
            .create(&PostParams::default(), &tenant)
            .await?;
        partner.serving("shop").await?;
        let database = database_of(partner, "shop").await?;
        partner.delete_tenant("shop").await?;
        let kept = kept(partner, &database).await;
        purge(partner, &database).await?;
        kept
    })
    .await
}

async fn kept(partner: &TestPartner, database: &str) -> Result<()> {
    until(
        &partner.objects_of::<Deployment>("shop"),
        "odoo",
        PATIENCE,
        gone,
    )
    .await?;
    until(
        &partner.objects_of::<Service>("shop"),
        "odoo",
        PATIENCE,
        gone,
    )
    .await?;
    until(
        &partner.objects_of::<Ingress>("shop"),
        "odoo",
        PATIENCE,
        gone,
    )
    .await?;
    let volumes = partner.objects_of::<PersistentVolumeClaim>("shop");
    let volume = volumes.get("odoo-data").await?;
    ensure!(
        volume.metadata.deletion_timestamp.is_none(),
        "the volume goes"
    );
    partner
        .secret("shop", "odoo-administrator", "password")
        .await?;
    let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
    let namespace = namespaces.get(&partner.tenant_namespace("shop")).await?;
    ensure!(
        namespace.metadata.deletion_timestamp.is_none(),
        "the namespace goes"
    );
    ensure!(
        exists("pg_database", "datname", database).await?,
        "{database} is gone"
    );
    let hostname = partner.hostname("shop");
    let page = Browser::new(&partner.environment, &hostname)
        .get("/web/login")
        .await?;
    ensure!(!page.is_login_page(), "it still serves");
    Ok(())
}

/// Removes what the policy kept.
async fn purge(partner: &TestPartner, database: &str) -> Result<()> {
    let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
    let namespace = partner.tenant_namespace("shop");
    delete_abandoned(&namespaces, &namespace).await?;
    until(&namespaces, &namespace, PATIENCE, gone).await?;
    drop_database(database).await
}

async fn drop_database(database: &str) -> Result<()> {
    let drop = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    query("postgres", &drop).await?;
    query("postgres", &format!("DROP ROLE IF EXISTS {database}")).await?;
    Ok(())
}

#[tokio::test]
async fn a_lost_database_is_never_replaced_by_an_empty_one() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner, "shop").await?;
        query(
            "postgres",
            &format!("DROP DATABASE {database} WITH (FORCE)"),
        )
        .await?;
        // Any change of the object has it looked at.
        let touched = json!({"spec": {"displayName": "Renamed"}});
        partner
            .tenants()
            .patch("shop", &PatchParams::default(), &Patch::Merge(touched))
            .await?;
        let told = condition("DatabaseReady", "False");
        until(&partner.tenants(), "shop", PATIENCE, told).await?;
        ensure!(
            !exists("pg_database", "datname", &database).await?,
            "an empty {database} came"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_was_retained_goes_to_who_adopts_it_and_to_nobody_else() -> Result<()> {
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["deletion"] = json!({"policy": "Retain"});
        let retained = serde_json::from_value(manifest)?;
        let tenants = partner.tenants();
        tenants.create(&PostParams::default(), &retained).await?;
        let served = partner.serving("shop").await?.status.context("no status")?;
        let id = served.tenant_id.context("no id")?;
        let password = partner
            .secret("shop", "odoo-administrator", "password")
            .await?;
        partner.delete_tenant("shop").await?;

        partner.create_tenant("shop").await?;
        let refused = condition("Accepted", "False");
        let reason = until(&tenants, "shop", PATIENCE, refused).await?;
        ensure!(reason == "TombstoneExists", "{reason}");
        adopt(partner, &id).await?;
        let served = partner.serving("shop").await?.status.context("no status")?;
        ensure!(served.tenant_id.as_ref() == Some(&id), "{served:?}");
        let mut browser = Browser::new(&partner.environment, &partner.hostname("shop"));
        let known = browser.log_in("owner@shop.example", &password).await?;
        ensure!(known, "its login is lost");
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        let namespace = namespaces.get(&partner.tenant_namespace("shop")).await?;
        let annotations = namespace.metadata.annotations.unwrap_or_default();
        let word = annotations.get("tenantry.dev/deleted-at");
        ensure!(word.is_none(), "it is said to be deleted: {word:?}");
        Ok(())
    })
    .await
}

async fn adopt(partner: &TestPartner, id: &str) -> Result<()> {
    let change = Patch::Merge(json!({"spec": {"adopt": id}}));
    let tenants = partner.tenants();
    tenants
        .patch("shop", &PatchParams::default(), &change)
        .await?;
    Ok(())
}

#[tokio::test]
async fn nobody_adopts_what_was_not_left_under_its_name() -> Result<()> {
    with_partner(async |partner| {
        let other = partner.serving_tenant("shop").await?;
        let id = other.status.and_then(|status| status.tenant_id);
        let mut manifest = partner.manifest("thief");
        manifest["spec"]["adopt"] = json!(id.context("no id")?);
        let thief = serde_json::from_value(manifest)?;
        let tenants = partner.tenants();
        tenants.create(&PostParams::default(), &thief).await?;
        let refused = condition("Accepted", "False");
        let reason = until(&tenants, "thief", PATIENCE, refused).await?;
        ensure!(reason == "TombstoneNotFound", "{reason}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_removal_that_is_stuck_says_what_it_waits_for_until_it_is_abandoned() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner, "shop").await?;
        let maps: Api<ConfigMap> = partner.objects_of("shop");
        let finalized = |finalizers: serde_json::Value| {
            Patch::Merge(json!({"metadata": {"finalizers": finalizers}}))
        };
        let hold = finalized(json!(["tests.tenantry.dev/hold"]));
        let change = PatchParams::default();
        maps.patch("branding", &change, &hold).await?;
        let tenants = partner.tenants();
        tenants.delete("shop", &DeleteParams::default()).await?;
        let reason = until(&tenants, "shop", PATIENCE, deleting).await?;
        ensure!(reason == "DeletingData", "{reason}");
        let id = tenants
            .get("shop")
            .await?
            .status
            .and_then(|status| status.tenant_id);
        let abandon = json!({"metadata": {"annotations": {"tenantry.dev/abandon": id}}});
        let annotated = tenants.patch("shop", &change, &Patch::Merge(abandon)).await;
        let went = until(&tenants, "shop", PATIENCE, gone).await;
        maps.patch("branding", &change, &finalized(json!(null)))
            .await?;
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        let namespace = partner.tenant_namespace("shop");
        until(&namespaces, &namespace, PATIENCE, gone).await?;
        drop_database(&database).await?;
        annotated?;
        went
    })
    .await
}

/// Content when the tenant says what its removal waits for.
fn deleting(tenant: Option<&Tenant>) -> Result<String, String> {
    let status = tenant.and_then(|tenant| tenant.status.as_ref());
    let conditions = status.map(|status| &status.conditions[..]);
    let mut conditions = conditions.unwrap_or_default().iter();
    conditions
        .find(|condition| condition.type_ == "Deleting" && condition.status == "True")
        .map(|condition| condition.reason.clone())
        .ok_or_else(|| "it does not say what it waits for".to_owned())
}
