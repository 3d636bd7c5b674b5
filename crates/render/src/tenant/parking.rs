//! The way to the parking page, for a tenant that does not run.

use tenantry_domain::{TenantId, ValidTenant};

use super::{edge, owner};
use crate::names;
use crate::object::{Kind, Object};
use crate::settings::Settings;

/// The Ingress that leads every hostname of the tenant to the parking service. An Ingress leads to
/// Services of its own namespace alone, so it lives beside that service.
pub(super) fn ingress(tenant: &ValidTenant, id: &TenantId, settings: &Settings) -> Object {
    let paths = [edge::path("/", names::PARKING, "http")];
    Object::new(
        Kind::Ingress,
        Some(&settings.namespace),
        &names::parked_ingress(id),
        &owner(&tenant.key, id),
        edge::published(tenant, settings, &paths),
    )
}
