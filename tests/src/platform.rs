//! Kinds that the platform owns, made by a test for itself.

use anyhow::{Context as _, Result};
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_crd::{Blueprint, Release};

use crate::partner::TestPartner;
use crate::watch::delete_abandoned;

/// The Release that the samples' channels lead to.
const INSTALLED: &str = "odoo-19";
/// The Blueprint of the samples that asks for no modules.
const BASE: &str = "base";

/// Releases and a Blueprint of a test's own. Their names begin with the partner's.
pub struct Platform<'a> {
    partner: &'a TestPartner,
    releases: Api<Release>,
    blueprints: Api<Blueprint>,
}

impl<'a> Platform<'a> {
    /// Runs `test` with kinds of its own, and removes them.
    ///
    /// # Errors
    /// Those of the test, and what stood in the way of the removal.
    pub async fn of(
        partner: &'a TestPartner,
        test: impl AsyncFnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        let kube = &partner.environment.kube;
        let platform = Self {
            partner,
            releases: Api::all(kube.clone()),
            blueprints: Api::all(kube.clone()),
        };
        let outcome = test(&platform).await;
        let removed = platform.remove().await;
        outcome?;
        removed
    }

    /// The name of the Release with this suffix.
    #[must_use]
    pub fn release_name(&self, suffix: &str) -> String {
        format!("{}-{suffix}", self.partner.name)
    }

    /// The name of the Blueprint.
    #[must_use]
    pub fn blueprint_name(&self) -> String {
        self.partner.name.clone()
    }

    /// Makes a Release that is the installed one but for `change`, which is merged into its spec.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn release(&self, suffix: &str, change: &Value) -> Result<String> {
        let name = self.release_name(suffix);
        let installed = self.releases.get(INSTALLED).await?;
        let mut spec = serde_json::to_value(&installed.spec)?;
        for (field, value) in change.as_object().context("a change of fields")? {
            spec[field] = value.clone();
        }
        let release = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Release",
            "metadata": {"name": name},
            "spec": spec,
        }))?;
        self.releases
            .create(&PostParams::default(), &release)
            .await?;
        Ok(name)
    }

    /// Makes a Blueprint like the sample without modules.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn blueprint(&self) -> Result<()> {
        let base = self.blueprints.get(BASE).await?;
        let blueprint = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Blueprint",
            "metadata": {"name": self.blueprint_name()},
            "spec": base.spec,
        }))?;
        self.blueprints
            .create(&PostParams::default(), &blueprint)
            .await?;
        Ok(())
    }

    /// Changes the spec of the Blueprint.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn edit_blueprint(&self, spec: Value) -> Result<()> {
        let patch = Patch::Merge(json!({"spec": spec}));
        self.blueprints
            .patch(&self.blueprint_name(), &PatchParams::default(), &patch)
            .await?;
        Ok(())
    }

    /// A Tenant may be left of it: its removal asks for none of these.
    async fn remove(&self) -> Result<()> {
        delete_abandoned(&self.blueprints, &self.blueprint_name()).await?;
        for release in self.releases.list_metadata(&ListParams::default()).await? {
            let name = release.metadata.name.unwrap_or_default();
            if name.starts_with(&self.release_name("")) {
                delete_abandoned(&self.releases, &name).await?;
            }
        }
        Ok(())
    }
}
