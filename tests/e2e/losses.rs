//! What a tenant had and has no more is told as what it is, and nothing new takes its place.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::PersistentVolumeClaim;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::json;
use tenantry_crd::{Blueprint, DatabaseServer, TemplateStatus};
use tenantry_tests::{Platform, TestPartner, query, until, with_partner};

use crate::story::{
    database_of, explains_itself, falls_sick, is_told_to_recover, restart_pods, told,
};

const PATIENCE: Duration = Duration::from_mins(6);
const SERVER: &str = "main";
/// A small module of Odoo's, which needs no other.
const MODULES: [&str; 1] = ["barcodes"];

/// Renames a database, which to everybody else is gone then.
async fn rename(from: &str, to: &str) -> Result<()> {
    for statement in [
        format!("ALTER DATABASE {from} ALLOW_CONNECTIONS false"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'"),
        format!("ALTER DATABASE {from} RENAME TO {to}"),
        format!("ALTER DATABASE {to} ALLOW_CONNECTIONS true"),
    ] {
        query("postgres", &statement).await.context(statement)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_never_made_anew_and_found_again() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner).await?;
        let away = format!("away_{database}");
        rename(&database, &away).await?;
        restart_pods(partner).await?;
        let words = "restore it there";
        falls_sick(partner, "shop", "DatabaseReady", "DatabaseLost", words).await?;
        explains_itself(partner, "shop", "DatabaseLost", words).await?;
        let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
        ensure!(query("postgres", &count).await? == "0", "it was made anew");
        rename(&away, &database).await?;
        is_told_to_recover(partner, "shop").await
    })
    .await
}

#[tokio::test]
async fn a_volume_that_is_gone_is_told_and_no_empty_one_takes_its_place() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let claims: Api<PersistentVolumeClaim> = partner.objects_of("shop");
        claims.delete("odoo-data", &DeleteParams::default()).await?;
        // It is there for as long as a pod has it.
        let words = "odoo-data";
        falls_sick(partner, "shop", "WorkloadReady", "VolumeLost", words).await?;
        restart_pods(partner).await?;
        until(&claims, "odoo-data", PATIENCE, tenantry_tests::gone).await?;
        explains_itself(partner, "shop", "VolumeLost", words).await?;
        let left = claims.list(&ListParams::default()).await?.items;
        ensure!(left.is_empty(), "there is one again: {left:?}");
        Ok(())
    })
    .await
}

/// A Blueprint of the test's own, and the template that was made for it. No other test asks for
/// these modules, so nobody else misses it.
async fn template_of_its_own(
    platform: &Platform<'_>,
    partner: &TestPartner,
) -> Result<TemplateStatus> {
    let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
    platform.blueprint().await?;
    platform.edit_blueprint(json!({"modules": MODULES})).await?;
    until(&servers, SERVER, PATIENCE, |server| {
        let templates = server.and_then(|server| server.status.as_ref());
        let templates = templates.map(|status| &status.templates[..]);
        let mut templates = templates.unwrap_or_default().iter();
        // One of an older image may be kept unused.
        let own = templates.find(|template| {
            template.modules == MODULES && template.sealed && template.unused_since.is_none()
        });
        own.cloned()
            .ok_or_else(|| format!("{:?}", server.and_then(|server| server.status.as_ref())))
    })
    .await
}

#[tokio::test]
async fn a_template_that_is_gone_is_told_and_made_again() -> Result<()> {
    with_partner(async |partner| {
        Platform::of(partner, async |platform| {
            let template = template_of_its_own(platform, partner).await?;
            let name = format!("tpl_{}", template.name);
            for statement in [
                format!("ALTER DATABASE {name} IS_TEMPLATE false"),
                format!("DROP DATABASE {name} WITH (FORCE)"),
            ] {
                query("postgres", &statement).await.context(statement)?;
            }
            let blueprints: Api<Blueprint> = Api::all(partner.environment.kube.clone());
            // Nothing but a change has it looked at at once.
            let touch = json!({"metadata": {"annotations": {"tests.tenantry.dev/look": "now"}}});
            let change = PatchParams::default();
            let blueprint = platform.blueprint_name();
            blueprints
                .patch(&blueprint, &change, &Patch::Merge(touch))
                .await?;
            let mut manifest = partner.manifest("shop");
            manifest["spec"]["blueprint"] = json!(blueprint);
            crate::story::create(partner, manifest).await?;
            partner.serving("shop").await?;
            // Events of objects without a namespace are there.
            let events = Api::namespaced(partner.environment.kube.clone(), "default");
            told(&events, "TemplateLost", &template.name).await
        })
        .await
    })
    .await
}
