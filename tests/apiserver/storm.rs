//! Many changes, and none that is missed.

use std::time::Duration;

use anyhow::{Result, ensure};
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::json;
use tenantry_crd::Tenant;
use tenantry_tests::{condition, until, with_partner};

const PATIENCE: Duration = Duration::from_secs(30);
/// More than any buffer between a watch and its reconcilers holds.
const CHANGES: u32 = 600;

/// Whether the refusal of the spec's generation `generation` has been told.
fn judged(tenant: Option<&Tenant>, generation: i64) -> Result<(), String> {
    let conditions = tenant
        .and_then(|tenant| tenant.status.as_ref())
        .map(|s| &s.conditions[..]);
    let accepted = conditions
        .unwrap_or_default()
        .iter()
        .find(|found| found.type_ == "Accepted");
    match accepted.and_then(|found| found.observed_generation) {
        Some(seen) if seen >= generation => Ok(()),
        seen => Err(format!("generation {seen:?} was judged, not {generation}")),
    }
}

#[tokio::test]
async fn after_a_storm_of_changes_the_next_one_is_still_heard() -> Result<()> {
    with_partner(async |partner| {
        // It is refused, so that nothing is built for it.
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["hostnames"] = json!(["shop.elsewhere.example"]);
        let tenants = partner.tenants();
        tenants
            .create(&PostParams::default(), &serde_json::from_value(manifest)?)
            .await?;
        until(&tenants, "shop", PATIENCE, condition("Accepted", "False")).await?;
        for change in 0..CHANGES {
            let label = json!({"metadata": {"labels": {"storm": change.to_string()}}});
            tenants
                .patch_metadata("shop", &PatchParams::default(), &Patch::Merge(label))
                .await?;
        }
        let spec = json!({"spec": {"displayName": "after the storm"}});
        let changed = tenants
            .patch("shop", &PatchParams::default(), &Patch::Merge(spec))
            .await?;
        let generation = changed.metadata.generation.unwrap_or_default();
        ensure!(generation > 1, "the spec did not change");
        until(&tenants, "shop", PATIENCE, |tenant: Option<&Tenant>| {
            judged(tenant, generation)
        })
        .await
    })
    .await
}
