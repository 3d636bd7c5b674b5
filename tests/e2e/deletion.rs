//! What goes with a tenant, and what stays.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, PersistentVolumeClaim, Service};
use k8s_openapi::api::networking::v1::Ingress;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;
use tenantry_tests::{Browser, TestPartner, condition, gone, query, until, with_partner};

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
    namespaces
        .delete(&namespace, &DeleteParams::default())
        .await?;
    until(&namespaces, &namespace, PATIENCE, gone).await?;
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
