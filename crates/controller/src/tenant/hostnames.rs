//! On which hostnames a tenant may be published: on those that it has claimed.
//!
//! Creating a claim decides a race. A tenant that was never published claims all hostnames of its
//! spec or none, in the order of their names: two that want the same ones do not hold each other
//! up, and a spec that is refused holds nothing. A tenant that was published keeps what it holds
//! while its spec is refused.

use std::sync::Arc;

use kube::api::DynamicObject;
use kube::runtime::reflector::ObjectRef;
use tenantry_crd::{HostnameClaim, Tenant, claim_name, holds};
use tenantry_domain::{
    ConditionType, Hostname, TenantId, TenantKey, ValidTenant, Violation, hostname_taken,
};
use tenantry_render::{Kind, names};

use super::{identify, stop};
use crate::context::Context;
use crate::error::{Error, Result};

/// How a tenant stands with hostnames.
#[derive(Debug, Default)]
pub(super) struct Holding {
    /// Whether it was published before.
    published: bool,
    /// Its claims, in the order of their hostnames.
    own: Vec<Arc<HostnameClaim>>,
    /// Hostnames of its spec that nobody has, in their order.
    free: Vec<Hostname>,
    /// Hostnames of its spec that others have.
    taken: Vec<Violation>,
}

/// What comes of a tenant's claims.
pub(super) enum Claimed {
    /// It may be published.
    Admitted(Box<Admitted>),
    /// It may not: others have its hostnames.
    Refused(Vec<Violation>),
}

/// A tenant that may be published.
pub(super) struct Admitted {
    /// The tenant, with the hostnames that it holds and no others.
    pub(super) tenant: ValidTenant,
    /// What of its spec is refused; what it had goes on.
    pub(super) taken: Vec<Violation>,
    /// Claims that its spec has no use for, once nothing is published on them any more.
    surplus: Vec<Arc<HostnameClaim>>,
}

/// Looks at who has the hostnames of a spec.
pub(super) async fn observe(
    valid: &ValidTenant,
    tenant: &Tenant,
    context: &Context,
) -> Result<Holding> {
    let claims = &context.world.claims;
    let id = identify::known(tenant)?;
    let mut holding = Holding {
        published: was_published(valid, id.as_ref(), tenant, context),
        ..Holding::default()
    };
    let is_own = |claim: &HostnameClaim| id.as_ref().is_some_and(|id| claim.is_of(id));
    if id.is_some() {
        holding.own = claims.state_filter(is_own);
        holding
            .own
            .sort_by(|one, other| one.spec.hostname.cmp(&other.spec.hostname));
    }
    for hostname in valid.hostnames() {
        if holding.holds(hostname) {
            continue;
        }
        match claims.get(&ObjectRef::new(&claim_name(hostname))) {
            // It came just now.
            Some(claim) if is_own(&claim) => holding.own.push(claim),
            Some(claim) if has_tenant(&claim, context).await? => {
                holding.taken.push(taken(valid, hostname, &claim)?);
            }
            _ => holding.free.push(hostname.clone()),
        }
    }
    holding.free.sort();
    Ok(holding)
}

/// Whether anybody may have reached the tenant. Its status is not older than what we wrote, so it
/// knows of an Ingress that the cache does not know yet.
fn was_published(
    valid: &ValidTenant,
    id: Option<&TenantId>,
    tenant: &Tenant,
    context: &Context,
) -> bool {
    let parked = id.is_some_and(|id| parked_ingress(id, context).is_some());
    let built = tenant.status.as_ref().is_some_and(|status| {
        status.provisioned_in.is_some() || holds(&status.conditions, ConditionType::DatabaseReady)
    });
    built || parked || has_ingress(&valid.key, context)
}

/// The Ingress that leads a tenant's hostnames to the parking page.
pub(super) fn parked_ingress(id: &TenantId, context: &Context) -> Option<DynamicObject> {
    let namespace = Some(context.settings.namespace.as_str());
    let children = &context.world.children;
    children.get(Kind::Ingress, namespace, &names::parked_ingress(id))
}

/// Whether a tenant's workload is published.
pub(super) fn has_ingress(tenant: &TenantKey, context: &Context) -> bool {
    let children = &context.world.children;
    children
        .get(Kind::Ingress, Some(&tenant.namespace()), names::ODOO)
        .is_some()
}

/// Whether anything of a tenant is published: its workload, or the parking page in its place.
pub(super) fn has_any_ingress(tenant: &TenantKey, id: &TenantId, context: &Context) -> bool {
    has_ingress(tenant, context) || parked_ingress(id, context).is_some()
}

/// Takes every Ingress of a tenant away.
async fn unpublish(tenant: &TenantKey, id: &TenantId, context: &Context) -> Result<()> {
    let cluster = &context.cluster;
    if has_ingress(tenant, context) {
        let namespace = tenant.namespace();
        cluster
            .delete(Kind::Ingress, Some(&namespace), names::ODOO)
            .await?;
    }
    if parked_ingress(id, context).is_some() {
        stop::unpark(id, context).await?;
    }
    Ok(())
}

/// Whether the tenant of `claim` exists.
async fn has_tenant(claim: &HostnameClaim, context: &Context) -> Result<bool> {
    let id = Some(claim.spec.tenant_id.as_str());
    let known = claim.holder().ok().and_then(|key| {
        let reference = ObjectRef::new(key.name.as_str()).within(&key.partner.namespace());
        context.world.tenants.get(&reference)
    });
    let status = known.as_ref().and_then(|tenant| tenant.status.as_ref());
    if status.is_some_and(|status| status.tenant_id.as_deref() == id) {
        return Ok(true);
    }
    context.cluster.has_tenant(&claim.spec.tenant_id).await
}

/// The claim of `hostname` that there is after trying to have it.
async fn claim_one(
    hostname: &Hostname,
    tenant: &ValidTenant,
    id: &TenantId,
    context: &Context,
) -> Result<HostnameClaim> {
    let wanted = HostnameClaim::of(hostname, &tenant.key, id);
    let found = context.cluster.claim(&wanted).await?;
    if found.is_of(id) || has_tenant(&found, context).await? {
        return Ok(found);
    }
    // It was left over.
    context.cluster.release(&found).await?;
    context.cluster.claim(&wanted).await
}

fn taken(tenant: &ValidTenant, hostname: &Hostname, claim: &HostnameClaim) -> Result<Violation> {
    let holder = claim
        .holder()
        .map_err(|violation| Error::Invalid(format!("the claim of {hostname}: {violation}")))?;
    let index = tenant.hostnames().position(|other| other == hostname);
    Ok(hostname_taken(
        &tenant.key,
        index.unwrap_or_default(),
        hostname,
        &holder,
    ))
}

impl Holding {
    fn holds(&self, hostname: &Hostname) -> bool {
        self.own
            .iter()
            .any(|claim| claim.spec.hostname == hostname.as_str())
    }

    /// What stands in the way of a tenant that has and gets nothing, not even an identity.
    pub(super) fn refusal(&self) -> Option<&[Violation]> {
        let hopeless = self.is_refused() && self.own.is_empty();
        hopeless.then_some(self.taken.as_slice())
    }

    /// Whether the tenant waits for others before it is published at all.
    fn is_refused(&self) -> bool {
        !self.published && !self.taken.is_empty()
    }

    /// Claims what is free, or gives everything back.
    pub(super) async fn claim(
        mut self,
        tenant: ValidTenant,
        id: &TenantId,
        context: &Context,
    ) -> Result<Claimed> {
        if !self.is_refused() {
            self.claim_free(&tenant, id, context).await?;
        }
        if self.is_refused() {
            for claim in self.own.drain(..) {
                context.cluster.release(&claim).await?;
            }
        } else if self.own.is_empty() {
            // Somebody took its claims away, and others were faster: what they are asked for must
            // not reach this tenant.
            context.prober.forget(&tenant.key);
            unpublish(&tenant.key, id, context).await?;
        }
        Ok(self.decide(tenant))
    }

    async fn claim_free(
        &mut self,
        tenant: &ValidTenant,
        id: &TenantId,
        context: &Context,
    ) -> Result<()> {
        for hostname in std::mem::take(&mut self.free) {
            let claim = claim_one(&hostname, tenant, id, context).await?;
            if claim.is_of(id) {
                self.own.push(Arc::new(claim));
            } else {
                self.taken.push(taken(tenant, &hostname, &claim)?);
                if self.is_refused() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// What the claims mean for the tenant.
    fn decide(self, tenant: ValidTenant) -> Claimed {
        let wanted: Vec<Hostname> = tenant.hostnames().cloned().collect();
        let admitted = tenant
            .reached_at(&self.publishable(&wanted))
            .map(|tenant| Admitted {
                tenant,
                surplus: self.surplus(&wanted),
                taken: self.taken.clone(),
            });
        match admitted {
            Some(admitted) => Claimed::Admitted(Box::new(admitted)),
            None => Claimed::Refused(self.taken),
        }
    }

    /// On what it may be published, of what it `wanted`. While its spec is refused, it also keeps
    /// what it had before.
    fn publishable(&self, wanted: &[Hostname]) -> Vec<Hostname> {
        if self.is_refused() {
            return Vec::new();
        }
        let held = wanted.iter().filter(|hostname| self.holds(hostname));
        let had = self.own.iter().map(|claim| claim.spec.hostname.parse());
        let had = had
            .filter_map(std::result::Result::ok)
            .filter(|hostname| !self.taken.is_empty() && !wanted.contains(hostname));
        held.cloned().chain(had).collect()
    }

    /// Claims that can go: none while its spec is refused.
    fn surplus(&self, wanted: &[Hostname]) -> Vec<Arc<HostnameClaim>> {
        let unwanted = |claim: &&Arc<HostnameClaim>| {
            let hostname = &claim.spec.hostname;
            self.taken.is_empty() && !wanted.iter().any(|wanted| wanted.as_str() == hostname)
        };
        self.own.iter().filter(unwanted).cloned().collect()
    }
}

impl Admitted {
    /// Gives back the hostnames that left the spec. They must not be published any more.
    pub(super) async fn release_surplus(&self, context: &Context) -> Result<()> {
        for claim in &self.surplus {
            context.cluster.release(claim).await?;
        }
        Ok(())
    }
}

/// Removes the claims of tenants that exist no more.
///
/// # Errors
/// The API server does not answer.
pub(crate) async fn sweep(context: &Context) -> Result<()> {
    for claim in context.world.claims.state() {
        if !has_tenant(&claim, context).await? {
            context.cluster.release(&claim).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
