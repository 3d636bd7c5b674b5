//! The tenant's identity, and the hold on its object, both before anything is made for it.

use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt as _;
use serde_json::json;
use tenantry_crd::{EffectiveSize, EffectiveStatus, PlacementStatus, Tenant, TenantStatus, labels};
use tenantry_domain::{Step, TenantId, ValidTenant};
use tenantry_render::names;

use super::timeline;
use crate::context::Context;
use crate::error::Result;
use crate::placement::Placement;

/// A tenant's identity and the status that holds it.
pub(super) struct Identity {
    pub(super) id: TenantId,
    /// The status as it is in the cluster now.
    pub(super) status: TenantStatus,
    /// The object's version now.
    pub(super) version: String,
}

/// How far a door's clock may be ahead of the API server's creation timestamp, which has whole
/// seconds and is set after the door received the call.
const RECEIPT_TOLERANCE: SignedDuration = SignedDuration::from_secs(30);

/// Reads, adopts or mints the tenant's identity. It is in the status, and its finalizer on the
/// object, when this returns. `first_seen` and `adopted` are of a tenant that has none yet.
pub(super) async fn ensure(
    tenant: &Tenant,
    valid: &ValidTenant,
    placement: &Placement,
    context: &Context,
    first_seen: Timestamp,
    adopted: Option<TenantId>,
) -> Result<Identity> {
    let mut version = tenant.resource_version().unwrap_or_default();
    let (id, status) = if let Some(id) = known(tenant)? {
        let mut status = tenant.status.clone().unwrap_or_default();
        let is_placed = status.placement.is_some();
        if !is_placed && matches!(placement, Placement::Granted(_)) {
            // Where its database is has to be known before there is one.
            decided(&mut status, valid, placement, context, &id);
            version = context.cluster.report(tenant, &version, &status).await?;
        }
        (id, status)
    } else {
        let id = adopted.unwrap_or_else(|| TenantId::from_bytes(rand::random()));
        let status = first_status(tenant, valid, placement, context, &id, first_seen);
        version = context.cluster.report(tenant, &version, &status).await?;
        (id, status)
    };
    let labelled = tenant
        .labels()
        .get(labels::TENANT_ID)
        .is_some_and(|label| label == id.as_str());
    let held = tenant
        .finalizers()
        .iter()
        .any(|finalizer| finalizer == labels::FINALIZER);
    if !labelled || !held {
        let mut finalizers: Vec<&str> = tenant.finalizers().iter().map(String::as_str).collect();
        if !held {
            finalizers.push(labels::FINALIZER);
        }
        let labels = json!({
            labels::TENANT_ID: id.as_str(),
            labels::PARTNER: valid.key.partner.as_str(),
        });
        version = context
            .cluster
            .mark(tenant, &version, labels, &finalizers)
            .await?;
    }
    Ok(Identity {
        id,
        status,
        version,
    })
}

/// The identity that the tenant has already.
pub(super) fn known(tenant: &Tenant) -> Result<Option<TenantId>> {
    let status = tenant.status.as_ref();
    let id = status.and_then(|status| status.tenant_id.as_deref());
    Ok(id.map(str::parse).transpose()?)
}

fn first_status(
    tenant: &Tenant,
    valid: &ValidTenant,
    placement: &Placement,
    context: &Context,
    id: &TenantId,
    first_seen: Timestamp,
) -> TenantStatus {
    let mut status = tenant.status.clone().unwrap_or_default();
    status.tenant_id = Some(id.to_string());
    timeline::begin(
        &mut status.provisioning,
        Step::Accept,
        received(tenant, first_seen),
    );
    decided(&mut status, valid, placement, context, id);
    status
}

/// What follows from the spec and the room that there is for it, and stays when a blueprint is
/// edited later. Where there is no room, the tenant stays where and as large as it was, or nowhere.
/// What its database was made with stays in any case.
pub(super) fn decided(
    status: &mut TenantStatus,
    valid: &ValidTenant,
    placement: &Placement,
    context: &Context,
    id: &TenantId,
) {
    status.url = Some(context.settings.ingress.url(valid.hostname.as_str()));
    status.release = Some(valid.release.name.to_string());
    let before = status.effective.take().unwrap_or_default();
    let mut size = Some(EffectiveSize::new(&valid.size_name, &valid.size));
    if let Placement::Granted(connections) = placement {
        status.placement = Some(PlacementStatus {
            namespace: valid.key.namespace(),
            database_server: valid.database_server.to_string(),
            database: names::tenant_database(id),
            connections: Some(i32::from(*connections)),
        });
    } else if status.placement.is_some() && before.size.is_some() {
        size.clone_from(&before.size);
    }
    status.effective = Some(if status.provisioned_in.is_some() {
        EffectiveStatus { size, ..before }
    } else {
        EffectiveStatus {
            modules: valid.modules.iter().cloned().collect(),
            language: valid.language.clone(),
            country: valid.country.clone(),
            timezone: Some(valid.timezone.clone()),
            size,
        }
    });
}

/// The tenant in the size that it has, as long as it was not given the room that the one of its spec
/// needs.
pub(super) fn as_placed(valid: ValidTenant, placement: &Placement, tenant: &Tenant) -> ValidTenant {
    let pinned = tenant.pinned().ok();
    match (placement, pinned.and_then(|pinned| pinned.size)) {
        (Placement::Refused(_) | Placement::Unknown(_), Some((size_name, size))) => ValidTenant {
            size_name,
            size,
            ..valid
        },
        _ => valid,
    }
}

/// When the clock of the provisioning starts: at the door's receipt, or at our first sight. A
/// receipt that does not fit the creation timestamp was not written by a door.
fn received(tenant: &Tenant, first_seen: Timestamp) -> Timestamp {
    let receipt: Option<Timestamp> = tenant
        .annotations()
        .get(labels::RECEIVED_AT)
        .and_then(|text| text.parse().ok());
    let created = tenant.creation_timestamp().map(|time| time.0);
    match (receipt, created) {
        (Some(receipt), Some(created))
            if receipt <= first_seen
                && created.duration_since(receipt).abs() <= RECEIPT_TOLERANCE =>
        {
            receipt
        }
        _ => first_seen,
    }
}

#[cfg(test)]
mod tests {
    use tenantry_domain::{Allocation, Capacity, Size};

    use super::super::adopt::tests::valid;
    use super::*;
    use crate::servers::Unusable;

    #[test]
    fn a_tenant_keeps_its_size_until_it_is_given_the_room_for_another() {
        let small = valid();
        let size = Size {
            workers: 9,
            ..small.size.clone()
        };
        let large = ValidTenant {
            size_name: "large".into(),
            size,
            ..small.clone()
        };
        let status = json!({"effective": {"size": EffectiveSize::new("small", &small.size)}});
        let tenant: Tenant = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1", "kind": "Tenant",
            "metadata": {"name": "shop42", "namespace": "partner-acme"},
            "spec": {
                "displayName": "Shop 42", "isolation": {"dedicated": {"size": "large"}},
                "blueprint": "retail", "hostnames": ["shop42.acme.example"],
                "administrator": {"email": "ana@acme.example"},
            },
            "status": status,
        }))
        .unwrap();
        let placed = |placement| as_placed(large.clone(), &placement, &tenant).size_name;
        assert_eq!(placed(Placement::Granted(20)), "large");
        let starting = Unusable::Starting("it starts".into());
        assert_eq!(placed(Placement::Unknown(starting)), "small");
        let full = Capacity::new(0, 0, 0)
            .admit(20, Allocation::default())
            .unwrap_err();
        assert_eq!(placed(Placement::Refused(full)), "small");
    }
}
