//! The tenant's identity, and the hold on its object, both before anything is made for it.

use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt as _;
use serde_json::json;
use tenantry_crd::{EffectiveStatus, PlacementStatus, Tenant, TenantStatus, labels};
use tenantry_domain::{Step, TenantId, ValidTenant};
use tenantry_render::names;

use super::{findings, timeline};
use crate::context::Context;
use crate::error::{Error, Result};

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

/// Reads or mints the tenant's identity. It is in the status, and its finalizer on the object,
/// when this returns.
pub(super) async fn ensure(
    tenant: &Tenant,
    valid: &ValidTenant,
    context: &Context,
    first_seen: Timestamp,
) -> Result<Identity> {
    let mut version = tenant.resource_version().unwrap_or_default();
    let (id, status) = if let Some(id) = known(tenant)? {
        (id, tenant.status.clone().unwrap_or_default())
    } else {
        let id = TenantId::from_bytes(rand::random());
        let status = accepted(tenant, valid, context, &id, first_seen);
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
    status
        .and_then(|status| status.tenant_id.as_deref())
        .map(|id| {
            id.parse()
                .map_err(|error: tenantry_domain::TenantIdError| Error::Invalid(error.to_string()))
        })
        .transpose()
}

fn accepted(
    tenant: &Tenant,
    valid: &ValidTenant,
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
    decided(&mut status, valid, context, id);
    findings::write(
        &mut status,
        tenant,
        findings::accepted(valid),
        Timestamp::now(),
    );
    status
}

/// What follows from the spec alone.
pub(super) fn decided(
    status: &mut TenantStatus,
    valid: &ValidTenant,
    context: &Context,
    id: &TenantId,
) {
    status.url = Some(context.settings.ingress.url(valid.hostname.as_str()));
    status.release = Some(valid.release.name.to_string());
    status.placement = Some(PlacementStatus {
        namespace: valid.key.namespace(),
        database_server: valid.database_server.to_string(),
        database: names::tenant_database(id),
    });
    status.effective = Some(EffectiveStatus {
        modules: valid.modules.iter().cloned().collect(),
        language: valid.language.clone(),
        country: valid.country.clone(),
        timezone: Some(valid.timezone.clone()),
    });
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
