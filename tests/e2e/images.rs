//! An image that cannot be pulled, told of wherever it is missed.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use tenantry_crd::{Blueprint, DatabaseServer, TemplateStatus};
use tenantry_tests::{TestPartner, query, until, with_partner, with_sick_channel};

use crate::story::{create, explains_itself, falls_sick, is_described, is_told_to_serve};

const PATIENCE: Duration = Duration::from_mins(4);
const SERVER: &str = "main";

/// An image that nobody has, and that no earlier run has asked for.
fn nowhere(partner: &TestPartner) -> String {
    let mut digest = String::new();
    for byte in partner.name.bytes() {
        // Writing to a string cannot fail.
        _ = write!(digest, "{byte:02x}");
    }
    format!("localhost:1/odoo@sha256:{digest:0>64.64}")
}

fn templates(server: Option<&DatabaseServer>) -> &[TemplateStatus] {
    let status = server.and_then(|server| server.status.as_ref());
    status
        .map(|status| &status.templates[..])
        .unwrap_or_default()
}

/// Waits until the server tells of a template that lacks this image, and returns its database.
async fn told_of_the_template(servers: &Api<DatabaseServer>, image: &str) -> Result<String> {
    until(servers, SERVER, PATIENCE, |server| {
        let told = templates(server).iter().filter_map(|template| {
            let message = template.message.as_deref()?;
            Some((template, message))
        });
        let mut told: Vec<_> = told.collect();
        told.retain(|(_, message)| message.contains("ImageNotPulled") && message.contains(image));
        told.first()
            .map(|(template, _)| format!("tpl_{}", template.name))
            .ok_or_else(|| format!("with the templates {:?}", templates(server)))
    })
    .await
}

/// Makes the template `database` of one that the image would have made alike, so that nothing but
/// the tenant itself lacks the image: as if a node had lost it.
async fn make(servers: &Api<DatabaseServer>, database: &str) -> Result<()> {
    let server = servers.get(SERVER).await?;
    let alike = templates(Some(&server)).iter();
    let alike = alike.filter(|template| template.sealed && template.modules.is_empty());
    let alike: Vec<_> = alike
        .map(|template| format!("'tpl_{}'", template.name))
        .collect();
    let oldest = format!(
        "SELECT datname FROM pg_database WHERE datistemplate AND datname IN ({}) \
         ORDER BY oid LIMIT 1",
        alike.join(", ")
    );
    let model = query("postgres", &oldest).await?;
    ensure!(!model.is_empty(), "there is no template like it");
    let comment = format!(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{model}'"
    );
    let comment = query("postgres", &comment).await?;
    let key = |database: &str| database.trim_start_matches("tpl_").to_owned();
    let comment = comment.replace(&key(&model), &key(database));
    for statement in [
        format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
        format!(
            "CREATE DATABASE {database} TEMPLATE {model} OWNER tenantry_templates \
             IS_TEMPLATE true ALLOW_CONNECTIONS false"
        ),
        format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC"),
        format!("COMMENT ON DATABASE {database} IS '{comment}'"),
    ] {
        query("postgres", &statement).await.context(statement)?;
    }
    Ok(())
}

/// Nothing but a change has a server look at its databases at once.
async fn look(partner: &TestPartner) -> Result<()> {
    let blueprints: Api<Blueprint> = Api::all(partner.environment.kube.clone());
    let touch = json!({"metadata": {"annotations": {"tests.tenantry.dev/look": "now"}}});
    blueprints
        .patch(&partner.name, &PatchParams::default(), &Patch::Merge(touch))
        .await?;
    Ok(())
}

async fn drop_template(database: &str) -> Result<()> {
    for statement in [
        format!("ALTER DATABASE {database} IS_TEMPLATE false"),
        format!("DROP DATABASE {database} WITH (FORCE)"),
        format!("DROP ROLE IF EXISTS {database}"),
    ] {
        query("postgres", &statement).await.context(statement)?;
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled() -> Result<()> {
    with_partner(async |partner| {
        let nowhere = &nowhere(partner);
        let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
        let mut made = None;
        let spoil = |release: &mut Value| release["image"] = json!(nowhere);
        with_sick_channel(partner, spoil, async || {
            create(partner, partner.manifest_on("shop", "sick")).await?;
            // The template that the channel asks for cannot be made, and says so.
            falls_sick(
                partner,
                "shop",
                "DatabaseReady",
                "TemplateNotReady",
                nowhere,
            )
            .await?;
            is_described(partner, "shop", "TemplateNotReady", nowhere).await?;
            let template = told_of_the_template(&servers, nowhere).await?;
            make(&servers, &template).await?;
            made = Some(template);
            look(partner).await?;

            falls_sick(partner, "shop", "WorkloadReady", "ImageNotPulled", nowhere).await?;
            explains_itself(partner, "shop", "ImageNotPulled", nowhere).await?;
            partner.follow_channel("shop", "stable").await?;
            is_told_to_serve(partner, "shop").await
        })
        .await?;
        drop_template(&made.context("no template")?).await
    })
    .await
}
