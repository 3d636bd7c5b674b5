//! A blueprint of a test's own, one channel of which leads to a release that cannot run.

use std::time::Duration;

use anyhow::{Context as _, Result};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_crd::{Blueprint, DatabaseServer, Release, TemplateStatus};

use crate::kubectl::kubectl;
use crate::partner::TestPartner;
use crate::sql::query;
use crate::watch::{delete_abandoned, until};

const SERVER: &str = "main";
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs `test` with a blueprint of the partner's name, whose channel `stable` is that of the samples
/// and whose channel `sick` leads to the same release, spoiled by `spoil`. Both go afterwards.
///
/// # Errors
/// Those of the test, and what stood in the way of making or removing them.
pub async fn with_sick_channel(
    partner: &TestPartner,
    spoil: impl FnOnce(&mut Value),
    test: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    let kube = &partner.environment.kube;
    let blueprints: Api<Blueprint> = Api::all(kube.clone());
    let releases: Api<Release> = Api::all(kube.clone());
    let base = blueprints.get("base").await?;
    let stable = base.spec.channels.get("stable").context("no channel")?;
    let mut release = serde_json::to_value(&releases.get(stable).await?.spec)?;
    spoil(&mut release);
    let sick = format!("{}-sick", partner.name);
    let release = json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "Release",
        "metadata": {"name": sick},
        "spec": release,
    });
    let mut spec = serde_json::to_value(&base.spec)?;
    spec["channels"] = json!({"stable": stable, "sick": sick});
    let blueprint = json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "Blueprint",
        "metadata": {"name": partner.name},
        "spec": spec,
    });
    let create = PostParams::default();
    releases
        .create(&create, &serde_json::from_value(release)?)
        .await?;
    blueprints
        .create(&create, &serde_json::from_value(blueprint)?)
        .await?;
    let outcome = test().await;
    let removed = remove(partner, &sick).await;
    outcome?;
    removed.context("the test passed, but its blueprint cannot be removed")
}

impl TestPartner {
    /// A manifest of a tenant of the blueprint of [`with_sick_channel`].
    #[must_use]
    pub fn manifest_on(&self, name: &str, channel: &str) -> Value {
        let mut manifest = self.manifest(name);
        manifest["spec"]["blueprint"] = json!(self.name);
        manifest["spec"]["channel"] = json!(channel);
        manifest
    }

    /// Has the tenant `name` change to the release of another channel. A channel alone changes
    /// nothing of a tenant that exists.
    ///
    /// # Errors
    /// There is no such channel, or the API server refuses it.
    pub async fn follow_channel(&self, name: &str, channel: &str) -> Result<()> {
        let blueprints: Api<Blueprint> = Api::all(self.environment.kube.clone());
        let channels = blueprints.get(&self.name).await?.spec.channels;
        let release = channels.get(channel).context("no such channel")?;
        let patch = json!({"spec": {"release": release}});
        self.tenants()
            .patch(name, &PatchParams::default(), &Patch::Merge(patch))
            .await?;
        Ok(())
    }
}

async fn remove(partner: &TestPartner, release: &str) -> Result<()> {
    let kube = &partner.environment.kube;
    let servers: Api<DatabaseServer> = Api::all(kube.clone());
    let abandoned = unsealed(&servers.get(SERVER).await?, release);
    let blueprints: Api<Blueprint> = Api::all(kube.clone());
    // A tenant may be left of them: its removal asks for neither.
    delete_abandoned(&blueprints, &partner.name).await?;
    let releases: Api<Release> = Api::all(kube.clone());
    delete_abandoned(&releases, release).await?;
    // From then on nobody makes them again. They are told of for as long as they are kept.
    until(&servers, SERVER, PATIENCE, |server| {
        let left = wanted(server.ok_or("absent")?, release);
        left.is_empty()
            .then_some(())
            .ok_or_else(|| format!("with the templates {left:?}"))
    })
    .await?;
    for template in abandoned {
        let name = format!("template-{template}");
        let namespace = format!("database-{SERVER}");
        let kinds = "job,secret,configmap";
        kubectl(
            &[
                "delete",
                kinds,
                &name,
                "-n",
                &namespace,
                "--ignore-not-found",
            ],
            "",
        )
        .await?
        .text()?;
        let drop = format!("DROP DATABASE IF EXISTS tpl_{template} WITH (FORCE)");
        query("postgres", &drop).await?;
        query("postgres", &format!("DROP ROLE IF EXISTS tpl_{template}")).await?;
    }
    Ok(())
}

/// The templates of a release that never came to be. One that did is shared with others.
fn unsealed(server: &DatabaseServer, release: &str) -> Vec<String> {
    let templates = of_release(server, release);
    let unsealed = templates.filter(|template| !template.sealed);
    unsealed.map(|template| template.name.clone()).collect()
}

/// Those of them that somebody still asks for.
fn wanted(server: &DatabaseServer, release: &str) -> Vec<String> {
    let templates = of_release(server, release);
    let wanted = templates.filter(|template| !template.sealed && template.unused_since.is_none());
    wanted.map(|template| template.name.clone()).collect()
}

fn of_release<'a>(
    server: &'a DatabaseServer,
    release: &'a str,
) -> impl Iterator<Item = &'a TemplateStatus> {
    let templates = server.status.iter().flat_map(|status| &status.templates);
    templates.filter(move |template| template.release == release)
}
