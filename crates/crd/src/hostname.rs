//! `Hostname`: a tenant's claim to answer on a hostname.

use std::fmt::Write as _;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tenantry_domain::{Hostname, TenantId, TenantKey, Violation};

use crate::blueprint::violation;
use crate::labels;
use crate::texts::NAME;

/// Which hostname is claimed, and for which tenant. A claim never changes.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "Hostname",
    doc = "A tenant's claim to answer on a hostname. It is named by the hostname's hash, so that creating it decides who of two tenants has the hostname. The control plane makes it and removes it.",
    root = "HostnameClaim",
    shortname = "hn",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Hostname","type":"string","jsonPath":".spec.hostname"}"#,
    printcolumn = r#"{"name":"Partner","type":"string","jsonPath":".spec.partner"}"#,
    printcolumn = r#"{"name":"Tenant","type":"string","jsonPath":".spec.tenant"}"#,
    printcolumn = r#"{"name":"Tenant Id","type":"string","jsonPath":".spec.tenantId","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = kube::core::Rule::new("self.metadata.name.matches('^[0-9a-f]{40}$')").message("a claim is named by the hash of its hostname")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("a claim is immutable; delete it and create another"))]
pub struct HostnameSpec {
    /// The hostname, in lower case and without a trailing dot.
    #[schemars(
        length(min = 3, max = 253),
        regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
    )]
    pub hostname: String,
    /// The partner of the tenant that has it.
    #[schemars(
        length(min = 1, max = 20),
        regex(pattern = NAME)
    )]
    pub partner: String,
    /// The tenant that has it.
    #[schemars(
        length(min = 1, max = 30),
        regex(pattern = NAME)
    )]
    pub tenant: String,
    /// The identity of that tenant. A claim whose tenant exists no more counts for nothing.
    #[schemars(length(min = 16, max = 16), regex(pattern = r"^[0-9a-z]{16}$"))]
    pub tenant_id: String,
}

/// Bytes of the hash that name a claim: enough that nobody finds two hostnames with one name.
const NAME_BYTES: usize = 20;

/// The name of the claim of `hostname`: 40 hexadecimal digits.
#[must_use]
pub fn claim_name(hostname: &Hostname) -> String {
    let hash = Sha256::digest(hostname.as_str());
    let mut name = String::with_capacity(2 * NAME_BYTES);
    for byte in hash.iter().take(NAME_BYTES) {
        // Writing to a string cannot fail.
        _ = write!(name, "{byte:02x}");
    }
    name
}

impl HostnameClaim {
    /// The claim of `hostname` for a tenant.
    #[must_use]
    pub fn of(hostname: &Hostname, tenant: &TenantKey, id: &TenantId) -> Self {
        let spec = HostnameSpec {
            hostname: hostname.to_string(),
            partner: tenant.partner.to_string(),
            tenant: tenant.name.to_string(),
            tenant_id: id.to_string(),
        };
        let labels = [
            (labels::MANAGED_BY, labels::MANAGED_BY_VALUE),
            (labels::PARTNER, tenant.partner.as_str()),
            (labels::TENANT, tenant.name.as_str()),
            (labels::TENANT_ID, id.as_str()),
        ];
        let mut claim = Self::new(&claim_name(hostname), spec);
        claim.metadata.labels = Some(
            labels
                .map(|(label, value)| (label.to_owned(), value.to_owned()))
                .into(),
        );
        claim
    }

    /// Whether it is a claim of the tenant with this identity.
    #[must_use]
    pub fn is_of(&self, id: &TenantId) -> bool {
        self.spec.tenant_id == id.as_str()
    }

    /// The tenant that has the hostname.
    ///
    /// # Errors
    /// The object was written past the CRD's schema.
    pub fn holder(&self) -> Result<TenantKey, Violation> {
        Ok(TenantKey {
            partner: self
                .spec
                .partner
                .parse()
                .map_err(violation("spec.partner"))?,
            name: self.spec.tenant.parse().map_err(violation("spec.tenant"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(hostname: &str) -> HostnameClaim {
        let tenant = "partners/acme/tenants/shop42".parse().unwrap();
        HostnameClaim::of(
            &hostname.parse().unwrap(),
            &tenant,
            &TenantId::from_bytes([7; 10]),
        )
    }

    #[test]
    fn a_claim_is_named_by_its_hostname_alone() {
        let name = claim("shop.acme.example").metadata.name.unwrap();
        // `printf shop.acme.example | sha256sum | cut -c -40`
        assert_eq!(name, "d81221762140edfaec3157989040a190f46e6438");
        assert_ne!(claim("shop2.acme.example").metadata.name.unwrap(), name);
    }

    #[test]
    fn a_claim_fits_the_rules_of_its_kind_and_names_its_holder() {
        let claim = claim("shop.acme.example");
        claim.validate_cel().unwrap();
        assert_eq!(
            claim.holder().unwrap().to_string(),
            "partners/acme/tenants/shop42"
        );
        assert!(claim.is_of(&TenantId::from_bytes([7; 10])));
        assert!(!claim.is_of(&TenantId::from_bytes([8; 10])));
    }

    #[test]
    fn a_claim_that_is_not_named_by_a_hash_is_refused() {
        let mut claim = claim("shop.acme.example");
        claim.metadata.name = Some("shop.acme.example".to_owned());
        assert!(claim.validate_cel().is_err());
    }
}
