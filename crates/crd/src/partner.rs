//! `Partner`: the reseller.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};
use tenantry_domain::{Brand, PartnerFacts, PartnerName};

use crate::access::AccessSpec;
use crate::texts::named;

/// Who the partner is, where its tenants may be reached, how they present themselves, and who may
/// change them.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "Partner",
    doc = "A reseller, agency, managed service provider or OEM vendor who sells Odoo under its own brand. Its tenants live in the namespace `partner-<name>`.",
    shortname = "ptn",
    status = "PartnerStatus",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Domains","type":"string","jsonPath":".spec.domains"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = named("a partner's", PartnerName::MAX_LENGTH)
)]
#[serde(rename_all = "camelCase")]
pub struct PartnerSpec {
    /// Name of the company, shown to people.
    #[schemars(length(min = 1, max = 100))]
    pub display_name: String,
    /// Domains below which its tenants may be reached. A tenant's hostname must be below one.
    #[schemars(
        length(min = 1, max = 50),
        inner(
            length(min = 1, max = 253),
            regex(pattern = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
        )
    )]
    pub domains: Vec<String>,
    /// How its tenants present themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<BrandSpec>,
    /// Who may see and change its tenants with `kubectl`, each role once. Whoever is not named here
    /// has no right by being the partner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["role".into()]))]
    pub access: Vec<AccessSpec>,
}

/// How tenants present themselves. A tenant's brand overrides its partner's field by field.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrandSpec {
    /// Name of the product, as the parking page shows it. Odoo's own pages do not show a brand yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 60))]
    pub product_name: Option<String>,
    /// Main colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 7), regex(pattern = r"^#[0-9a-fA-F]{6}$"))]
    pub primary_color: Option<String>,
    /// Second colour, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 7), regex(pattern = r"^#[0-9a-fA-F]{6}$"))]
    pub secondary_color: Option<String>,
    /// Page where users get help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000), regex(pattern = r"^https?://"))]
    pub support_url: Option<String>,
    /// Address where users get help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 254), regex(pattern = r"^[^@\s]+@[^@\s]+$"))]
    pub support_email: Option<String>,
}

/// What was observed of a partner.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerStatus {
    /// `Ready` says whether tenants can be created in the partner's namespace.
    #[serde(default)]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The namespace that holds the partner's tenants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl From<&BrandSpec> for Brand {
    fn from(spec: &BrandSpec) -> Self {
        Self {
            product_name: spec.product_name.clone(),
            primary_color: spec.primary_color.clone(),
            secondary_color: spec.secondary_color.clone(),
            support_url: spec.support_url.clone(),
            support_email: spec.support_email.clone(),
        }
    }
}

impl From<&PartnerSpec> for PartnerFacts {
    fn from(spec: &PartnerSpec) -> Self {
        Self {
            domains: spec.domains.clone(),
            brand: spec.brand.as_ref().map(Brand::from).unwrap_or_default(),
        }
    }
}
