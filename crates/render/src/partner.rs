//! What a partner has: the namespace of its tenants' specs.

use serde_json::json;
use tenantry_crd::labels;
use tenantry_domain::PartnerName;

use crate::object::{Kind, Object, Writing};

/// The namespace that holds the partner's tenants.
#[must_use]
pub fn namespace(partner: &PartnerName) -> Object {
    let owner = vec![(labels::PARTNER, partner.to_string())];
    Object::new(
        Kind::Namespace,
        None,
        &partner.namespace(),
        &owner,
        json!({}),
    )
    .writing(Writing::Claim)
}
