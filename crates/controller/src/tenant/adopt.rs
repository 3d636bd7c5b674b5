//! What a deleted tenant left behind under a name, and who may have it: only a tenant that asks
//! for it by its id.

use kube::ResourceExt as _;
use kube::api::DynamicObject;
use tenantry_crd::{Tenant, labels};
use tenantry_domain::{Reason, TenantId, TenantKey, ValidTenant, Violation};
use tenantry_render::Kind;

use super::identify;
use crate::context::Context;
use crate::error::Result;

/// What a deleted tenant left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tombstone {
    id: TenantId,
    database_server: String,
    /// The release that its data is of.
    release: String,
    deleted_at: String,
}

/// The id that the tenant takes over, if it does; or why it can have none.
///
/// The cache is asked, and the API server only where something is to be adopted, or where there is a
/// namespace of that name: what was left in it may have been written a moment ago. To ask for every
/// new tenant has each of two hundred wait for the answers to all others.
pub(super) async fn judge(
    tenant: &Tenant,
    valid: &ValidTenant,
    context: &Context,
) -> Result<std::result::Result<Option<TenantId>, Violation>> {
    let known = identify::known(tenant)?;
    let wanted = wanted(tenant)?;
    let name = valid.key.namespace();
    let children = &context.world.children;
    let is_there = || children.get(Kind::Namespace, None, &name).is_some();
    let found = match known {
        None if wanted.is_some() || is_there() => {
            context.cluster.find(Kind::Namespace, None, &name).await?
        }
        _ => None,
    };
    let found = found.and_then(|namespace| read(&namespace, &valid.key));
    Ok(decide(known.as_ref(), wanted, found, valid))
}

fn wanted(tenant: &Tenant) -> Result<Option<TenantId>> {
    Ok(tenant.spec.adopt.as_deref().map(str::parse).transpose()?)
}

/// The tombstone in a namespace that is ours, and of a tenant of this name.
fn read(namespace: &DynamicObject, key: &TenantKey) -> Option<Tombstone> {
    let label = |name| namespace.labels().get(name).map(String::as_str);
    let annotation = |name| namespace.annotations().get(name).cloned();
    let ours = label(labels::MANAGED_BY) == Some(labels::MANAGED_BY_VALUE)
        && label(labels::PARTNER) == Some(key.partner.as_str())
        && label(labels::TENANT) == Some(key.name.as_str())
        && namespace.metadata.deletion_timestamp.is_none();
    if !ours {
        return None;
    }
    Some(Tombstone {
        id: label(labels::TENANT_ID)?.parse().ok()?,
        database_server: annotation(labels::DATABASE_SERVER)?,
        release: annotation(labels::RELEASE)?,
        deleted_at: annotation(labels::DELETED_AT)?,
    })
}

fn decide(
    known: Option<&TenantId>,
    wanted: Option<TenantId>,
    found: Option<Tombstone>,
    valid: &ValidTenant,
) -> std::result::Result<Option<TenantId>, Violation> {
    let refused = |reason, message| {
        Err(Violation {
            field: "spec.adopt".to_owned(),
            reason: Reason::new(reason),
            message,
        })
    };
    let namespace = valid.key.namespace();
    match (known, wanted, found) {
        (Some(known), Some(wanted), _) if *known != wanted => refused(
            "AdoptionTooLate",
            format!("it is {known} already; to adopt {wanted}, delete it and create it again"),
        ),
        (Some(_), ..) | (None, None, None) => Ok(None),
        (None, None, Some(left)) => refused(
            "TombstoneExists",
            format!(
                "namespace {namespace} holds what {id} left when it was deleted at {at}: to go \
                 on with that, set spec.adopt to {id}; to be rid of it, do so with \
                 deletion.policy Delete, and delete the tenant",
                id = left.id,
                at = left.deleted_at,
            ),
        ),
        (None, Some(wanted), Some(left)) if left.id == wanted => match unfit(&left, valid) {
            None => Ok(Some(wanted)),
            Some((reason, message)) => refused(reason, message),
        },
        (None, Some(wanted), _) => refused(
            "TombstoneNotFound",
            format!("no tenant {wanted} of this name left anything behind in {namespace}"),
        ),
    }
}

/// Why what is left cannot be had by a tenant of this spec.
fn unfit(left: &Tombstone, valid: &ValidTenant) -> Option<(&'static str, String)> {
    if left.database_server != valid.database_server.as_str() {
        let message = format!(
            "the database of {} is on DatabaseServer {}, and Blueprint {} puts tenants on {}; \
             name a blueprint of that server",
            left.id, left.database_server, valid.blueprint, valid.database_server
        );
        return Some(("TombstoneElsewhere", message));
    }
    if left.release != valid.release.name.as_str() {
        let message = format!(
            "the data of {id} is of Release {release}, and this tenant would begin with {other}; \
             set spec.release to {release}, and change it once it serves",
            id = left.id,
            release = left.release,
            other = valid.release.name
        );
        return Some(("TombstoneOtherRelease", message));
    }
    None
}

#[cfg(test)]
pub(super) mod tests;
