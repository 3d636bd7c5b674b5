//! `Tenant`: one customer environment of a partner.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, MicroTime, Time};
use kube::{CustomResource, KubeSchema, ResourceExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_domain::{
    Administrator, Brand, PartnerName, TenantKey, TenantName, TenantRequest, Violation,
};

use crate::blueprint::violation;
use crate::lifecycle::{DeletionSpec, RunStateSpec};
use crate::partner::BrandSpec;
use crate::pinned::{EffectiveSize, ReleaseChangeStatus};
use crate::texts::{MODULE, NAME, named};

/// What is asked for. What it leaves open is decided by blueprint and partner; `status.effective`
/// says what it comes to.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "Tenant",
    doc = "One customer environment of a partner: a running Odoo, reached at its hostnames.",
    namespaced,
    shortname = "tn",
    status = "TenantStatus",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Reason","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].reason"}"#,
    printcolumn = r#"{"name":"URL","type":"string","jsonPath":".status.url"}"#,
    printcolumn = r#"{"name":"Provisioned","type":"string","jsonPath":".status.provisionedIn"}"#,
    printcolumn = r#"{"name":"Blueprint","type":"string","jsonPath":".spec.blueprint"}"#,
    printcolumn = r#"{"name":"Release","type":"string","jsonPath":".status.release","priority":1}"#,
    printcolumn = r#"{"name":"Message","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].message","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = named("a tenant's", TenantName::MAX_LENGTH)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("!has(self.runState) || self.runState != 'Deleted' || !has(self.deletion) || !has(self.deletion.protection) || self.deletion.protection != 'Enabled'").message("a protected tenant cannot be deleted; set deletion.protection to Disabled first"))]
#[x_kube(validation = kube::core::Rule::new("has(self.language) == has(oldSelf.language) && (!has(self.language) || self.language == oldSelf.language)").message("the language is what a tenant begins with; change it in Odoo"))]
#[x_kube(validation = kube::core::Rule::new("has(self.country) == has(oldSelf.country) && (!has(self.country) || self.country == oldSelf.country)").message("the country is what a tenant begins with; change it in Odoo"))]
#[x_kube(validation = kube::core::Rule::new("(has(self.modules) ? self.modules : []) == (has(oldSelf.modules) ? oldSelf.modules : [])").message("the modules are what a tenant begins with; install others in Odoo"))]
#[x_kube(validation = kube::core::Rule::new("has(self.timezone) == has(oldSelf.timezone) && (!has(self.timezone) || self.timezone == oldSelf.timezone)").message("the timezone is what a tenant begins with; change it in Odoo"))]
pub struct TenantSpec {
    /// Name of the customer, shown to people.
    #[schemars(length(min = 1, max = 100))]
    pub display_name: String,
    /// What the environment is for. It is told to people and changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Whether the tenant shares Odoo processes with others or has its own.
    pub isolation: IsolationSpec,
    /// The Blueprint it is built by.
    #[schemars(length(min = 1, max = 40))]
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("a tenant keeps its blueprint"))]
    pub blueprint: String,
    /// The blueprint's channel whose release it begins with. May be left out when there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 40))]
    pub channel: Option<String>,
    /// The Release it runs. Left out, it keeps the one that it began with. Naming another of the
    /// same Odoo version has the tenant stopped, its database copied and updated, and the new
    /// release started; if that fails, it is as it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 40),
        regex(pattern = NAME)
    )]
    pub release: Option<String>,
    /// Where it is reached. The first is its address, the others answer too.
    #[schemars(length(min = 1, max = 20), inner(length(min = 3, max = 253)))]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub hostnames: Vec<String>,
    /// Who receives the first login. The password is in the Secret `odoo-administrator` of the
    /// tenant's namespace. Later changes are made in Odoo.
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("the administrator is what a tenant begins with; change it in Odoo"))]
    pub administrator: AdministratorSpec,
    /// Odoo modules that it has beside those of its blueprint, by their technical names, to begin
    /// with. They cannot be changed here: a database that is in use gets a module by an action,
    /// which takes its time and can fail, in Odoo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 100),
        inner(length(max = 64), regex(pattern = MODULE))
    )]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub modules: Vec<String>,
    /// Odoo language code such as `fr_FR`, to begin with; the blueprint's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 16),
        regex(pattern = r"^[a-z]{2,3}(_[A-Z0-9]{2,3})?(@[a-z]+)?$")
    )]
    pub language: Option<String>,
    /// ISO 3166 country code such as `FR`, to begin with; the blueprint's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2), regex(pattern = r"^[A-Z]{2}$"))]
    pub country: Option<String>,
    /// IANA time zone such as `Europe/Paris`, to begin with; UTC when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), regex(pattern = r"^[A-Za-z0-9_+/-]+$"))]
    pub timezone: Option<String>,
    /// What differs from the partner's brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<BrandSpec>,
    /// Whether it runs; `Running` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_state: Option<RunStateSpec>,
    /// The id of a deleted tenant of this name whose namespace, volume and database were retained:
    /// this tenant takes them over as they are, and the id with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 16, max = 16),
        regex(pattern = r"^[0-9a-hjkmnp-tv-z]{16}$")
    )]
    #[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("a tenant keeps what it adopted"))]
    pub adopt: Option<String>,
    /// What happens when the tenant is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<DeletionSpec>,
}

/// What an environment is for.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum Environment {
    /// The customer works in it.
    Production,
    /// The customer tries things in it.
    Staging,
}

/// Exactly one member is set.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct IsolationSpec {
    /// The tenant has Odoo processes of its own, in its own namespace.
    pub dedicated: DedicatedSpec,
}

/// Odoo processes of the tenant's own.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DedicatedSpec {
    /// One of the blueprint's sizes.
    #[schemars(length(min = 1, max = 40))]
    pub size: String,
}

/// The person who administers the tenant's Odoo.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdministratorSpec {
    /// Login name in Odoo; the e-mail address when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 254))]
    pub login: Option<String>,
    /// E-mail address.
    #[schemars(length(min = 3, max = 254), regex(pattern = r"^[^@\s]+@[^@\s]+$"))]
    pub email: String,
}

/// What was observed of a tenant.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantStatus {
    /// `Ready` is the summary; each other condition says one thing.
    #[serde(default)]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The tenant's immutable identity: its database and roles are named by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// Where users log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<PlacementStatus>,
    /// The Release it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The change of its release that is going on, or the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_change: Option<ReleaseChangeStatus>,
    /// What the spec means once blueprint and partner have filled in what it leaves open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<EffectiveStatus>,
    /// When each step of the provisioning began and ended. Steps may overlap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["step".into()]))]
    pub provisioning: Vec<StepStatus>,
    /// From the spec's receipt to the first login page, such as `3.412s`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_in: Option<String>,
    /// When the deletion was seen that `runState: Deleted` asks for.
    // Written as null when there is none: a merge patch removes a field by nothing else.
    #[serde(default)]
    pub delete_time: Option<Time>,
    /// When a deleted tenant is purged. Until then `runState: Running` brings it back.
    #[serde(default)]
    pub purge_time: Option<Time>,
}

/// Where a tenant lives.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlacementStatus {
    /// The namespace of its workload.
    pub namespace: String,
    /// The DatabaseServer of its database.
    pub database_server: String,
    /// Its database and its role.
    pub database: String,
    /// Connections of the DatabaseServer that are set aside for it: its role's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<i32>,
}

/// What a spec means.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveStatus {
    /// Odoo modules that blueprint and spec ask for, beside `base` and `web`.
    // Empty when there are none: a merge patch removes a field that is left out by nothing.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Odoo language code.
    // Null when there is none, as `delete_time`.
    #[serde(default)]
    pub language: Option<String>,
    /// ISO 3166 country code.
    // Null when there is none, as `delete_time`.
    #[serde(default)]
    pub country: Option<String>,
    /// IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// What its size meant when the spec first named it. A blueprint that is edited later does not
    /// change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<EffectiveSize>,
}

/// One step of a provisioning.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepStatus {
    /// `Accept`, `Template`, `Database`, `Objects`, `Workload` or `Serve`.
    pub step: String,
    /// When it began.
    pub start_time: MicroTime,
    /// When it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<MicroTime>,
}

impl Tenant {
    /// Whose tenant it is and how it is called.
    ///
    /// # Errors
    /// The object is not in a partner's namespace, or its name was written past the CRD's rules.
    pub fn key(&self) -> Result<TenantKey, Violation> {
        let namespace = self.namespace().unwrap_or_default();
        Ok(TenantKey {
            partner: PartnerName::from_namespace(&namespace)
                .map_err(violation("metadata.namespace"))?,
            name: self
                .name_any()
                .parse()
                .map_err(violation("metadata.name"))?,
        })
    }

    /// What the spec asks for.
    ///
    /// # Errors
    /// As [`Tenant::key`].
    pub fn request(&self) -> Result<TenantRequest, Violation> {
        let spec = &self.spec;
        Ok(TenantRequest {
            key: self.key()?,
            display_name: spec.display_name.clone(),
            size: spec.isolation.dedicated.size.clone(),
            channel: spec.channel.clone(),
            release: spec.release.clone(),
            hostnames: spec.hostnames.clone(),
            administrator: Administrator {
                login: spec
                    .administrator
                    .login
                    .clone()
                    .unwrap_or_else(|| spec.administrator.email.clone()),
                email: spec.administrator.email.clone(),
            },
            modules: spec.modules.iter().cloned().collect(),
            language: spec.language.clone(),
            country: spec.country.clone(),
            timezone: spec.timezone.clone(),
            brand: spec.brand.as_ref().map(Brand::from).unwrap_or_default(),
        })
    }
}
