//! Rules that need more than the tenant itself: its partner, its blueprint, its release.

use std::collections::HashMap;

use futures::future::try_join_all;
use tenantry_crd::Tenant;
use tenantry_domain::{
    BlueprintFacts, PartnerFacts, Pinned, Reason, ReleaseFacts, ResourceName, TenantRequest,
    ValidTenant, Violation, hostname_taken, validate,
};

use crate::cluster::Cluster;
use crate::refusal::Refusal;
use crate::tenants::partner_not_found;

/// Whether `tenant` can be built, as things are now.
pub(crate) async fn admit(cluster: &Cluster, tenant: &Tenant) -> Result<(), Refusal> {
    let request = tenant.request().map_err(one)?;
    let partner = cluster
        .partner(&request.key.partner)
        .await?
        .ok_or_else(|| partner_not_found(&request.key.partner))?;
    let blueprint = blueprint(cluster, &tenant.spec.blueprint).await?;
    let pinned = tenant.pinned().map_err(one)?;
    let releases = releases(cluster, &request, &blueprint, &pinned).await?;
    let partner = PartnerFacts::from(&partner.spec);
    let valid = validate(&request, &partner, &blueprint, &pinned, |name| {
        releases.get(name).cloned()
    })
    .map_err(Refusal::violations)?;
    let taken = taken(cluster, &valid).await?;
    if taken.is_empty() {
        Ok(())
    } else {
        Err(Refusal::violations(taken))
    }
}

/// Hostnames that other tenants have, as far as it can be known before the tenant claims them.
async fn taken(cluster: &Cluster, tenant: &ValidTenant) -> Result<Vec<Violation>, Refusal> {
    let holders = tenant.hostnames().map(|hostname| cluster.holder(hostname));
    let holders = try_join_all(holders).await?;
    let violations = tenant.hostnames().zip(holders).enumerate();
    Ok(violations
        .filter_map(|(index, (hostname, holder))| {
            let holder = holder.filter(|holder| *holder != tenant.key)?;
            Some(hostname_taken(&tenant.key, index, hostname, &holder))
        })
        .collect())
}

async fn blueprint(cluster: &Cluster, name: &str) -> Result<BlueprintFacts, Refusal> {
    let blueprint = cluster.blueprint(name).await?.ok_or_else(|| {
        one(Violation {
            field: "spec.blueprint".to_owned(),
            reason: Reason::new("BlueprintNotFound"),
            message: format!("there is no Blueprint {name}"),
        })
    })?;
    blueprint.facts().map_err(one)
}

/// The releases that the tenant runs, names, or would have from its channel, as far as they exist.
async fn releases(
    cluster: &Cluster,
    request: &TenantRequest,
    blueprint: &BlueprintFacts,
    pinned: &Pinned,
) -> Result<HashMap<ResourceName, ReleaseFacts>, Refusal> {
    let mut releases = HashMap::new();
    let named = request.release.as_ref().and_then(|name| name.parse().ok());
    let of_channels = blueprint.channels.iter().filter(|(channel, _)| {
        request
            .channel
            .as_ref()
            .is_none_or(|asked| asked == *channel)
    });
    let asked = of_channels
        .map(|(_, name)| name)
        .chain(&pinned.release)
        .chain(&named);
    for name in asked {
        let Some(release) = cluster.release(name).await? else {
            continue;
        };
        releases.insert(name.clone(), release.facts().map_err(one)?);
    }
    Ok(releases)
}

fn one(violation: Violation) -> Refusal {
    Refusal::violations(vec![violation])
}
