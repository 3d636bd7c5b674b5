//! Nothing restarts a tenant but its release, its size and its spec.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;
use tenantry_crd::{EffectiveSize, Release, Tenant};
use tenantry_tests::{Platform, TestPartner, until, used, with_partner};

const PATIENCE: Duration = Duration::from_mins(3);

/// Creates the tenant in the test's own Blueprint.
async fn create(partner: &TestPartner, platform: &Platform<'_>, name: &str) -> Result<()> {
    let mut manifest = partner.manifest(name);
    manifest["spec"]["blueprint"] = json!(platform.blueprint_name());
    let tenant: Tenant = serde_json::from_value(manifest)?;
    partner
        .tenants()
        .create(&PostParams::default(), &tenant)
        .await?;
    Ok(())
}

fn size(tenant: &Tenant) -> Result<&EffectiveSize> {
    let status = tenant.status.as_ref().context("no status")?;
    let effective = status.effective.as_ref().context("nothing effective")?;
    effective.size.as_ref().context("no size")
}

fn release(tenant: &Tenant) -> Option<&str> {
    tenant.status.as_ref()?.release.as_deref()
}

/// Waits until the controller has looked at the tenant as it is after this.
async fn looked_at(partner: &TestPartner, name: &str) -> Result<()> {
    let words = json!({"spec": {"displayName": "Another name"}});
    let changed = partner
        .tenants()
        .patch(name, &PatchParams::default(), &Patch::Merge(words))
        .await?;
    until(
        &partner.tenants(),
        name,
        PATIENCE,
        |tenant: Option<&Tenant>| {
            let conditions = tenant.and_then(|tenant| tenant.status.as_ref());
            let conditions = conditions.map(|status| &status.conditions[..]);
            conditions
                .unwrap_or_default()
                .iter()
                .any(|one| {
                    one.type_ == "Ready" && one.observed_generation == changed.metadata.generation
                })
                .then_some(())
                .ok_or_else(|| format!("not looked at: {conditions:?}"))
        },
    )
    .await
}

#[tokio::test]
async fn an_edited_blueprint_restarts_nobody_and_new_tenants_are_as_it_says() -> Result<()> {
    with_partner(async |partner| {
        Platform::of(partner, async |platform| {
            platform.blueprint().await?;
            create(partner, platform, "old").await?;
            let before = partner.serving("old").await?;
            let pods = partner.pods_of("old").await?;

            let next = platform.release("next", &json!({})).await?;
            let workers = size(&before)?.workers + 1;
            platform
                .edit_blueprint(json!({
                    "sizes": {"small": {"workers": workers}},
                    "channels": {"stable": next},
                }))
                .await?;
            let releases: Api<Release> = Api::all(partner.environment.kube.clone());
            until(&releases, &next, PATIENCE, used).await?;
            create(partner, platform, "new").await?;
            let new = partner.serving("new").await?;
            ensure!(release(&new) == Some(next.as_str()), "{:?}", release(&new));
            ensure!(size(&new)?.workers == workers, "{:?}", size(&new));

            looked_at(partner, "old").await?;
            let after = partner.tenants().get("old").await?;
            ensure!(release(&after) == release(&before), "{:?}", release(&after));
            ensure!(size(&after)? == size(&before)?, "{:?}", size(&after));
            let now = partner.pods_of("old").await?;
            ensure!(now == pods, "{pods:?} became {now:?}");
            Ok(())
        })
        .await
    })
    .await
}
