//! `Blueprint`: how tenants of a kind are built.

use std::collections::BTreeMap;
use std::fmt::Display;

use kube::{CustomResource, KubeSchema, ResourceExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_domain::{BlueprintFacts, Egress, Reason, ResourceName, Size, Violation};

use crate::texts::{BYTES, CPU, MODULE, NAME, choices, named, shortest};

/// What tenants of the blueprint are made of. A change is for new tenants, except that of `network`.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "Blueprint",
    doc = "How tenants of a kind are built: modules, sizes, and the release that each channel runs.",
    shortname = "bp",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Modules","type":"string","jsonPath":".spec.modules"}"#,
    printcolumn = r#"{"name":"Channels","type":"string","jsonPath":".spec.channels"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = named("a blueprint's", ResourceName::MAX_LENGTH)
)]
#[serde(rename_all = "camelCase")]
pub struct BlueprintSpec {
    /// Odoo modules that every tenant has, beside `base` and `web`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 200),
        inner(length(max = 64), regex(pattern = MODULE))
    )]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    pub modules: Vec<String>,
    /// Language of tenants that ask for none: an Odoo code such as `fr_FR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(max = 16),
        regex(pattern = r"^[a-z]{2,3}(_[A-Z0-9]{2,3})?(@[a-z]+)?$")
    )]
    pub language: Option<String>,
    /// Country of tenants that ask for none: an ISO 3166 code such as `FR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2), regex(pattern = r"^[A-Z]{2}$"))]
    pub country: Option<String>,
    /// The DatabaseServer where tenants' databases live.
    #[schemars(length(min = 1, max = 40), regex(pattern = NAME))]
    pub database_server: String,
    /// What a size means, by its name. A tenant keeps what it meant when its spec first named it.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 20))]
    #[x_kube(validation = choices())]
    pub sizes: BTreeMap<String, SizeSpec>,
    /// The Release that new tenants of each channel begin with, by the channel's name.
    #[schemars(extend(
        "minProperties" = 1,
        "maxProperties" = 20,
        "additionalProperties" = {"type": "string", "maxLength": 40, "pattern": NAME},
    ))]
    #[x_kube(validation = choices())]
    pub channels: BTreeMap<String, String>,
    /// Whom tenants may reach. A change takes effect at once and restarts nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkSpec>,
}

/// Whom tenants may reach.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkSpec {
    /// Whom they may reach by themselves, beside their database and the cluster's DNS; `Internet`
    /// when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<EgressSpec>,
}

/// Whom tenants may reach by themselves.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum EgressSpec {
    /// Everybody on the Internet, such as mail servers and payment providers, and nobody in
    /// private networks.
    Internet,
    /// Nobody.
    None,
}

/// How large a tenant is. Quantities are written in their shortest form: `1` and not `1000m`.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("quantity(self.memory).compareTo(quantity(self.memoryLimit)) <= 0").message("no more memory is reserved than memoryLimit allows"))]
pub struct SizeSpec {
    /// Odoo worker processes. About six concurrent users each.
    #[schemars(range(min = 1, max = 64))]
    pub workers: i32,
    /// Processor time that is reserved, such as `250m`.
    #[schemars(length(max = 20), regex(pattern = CPU))]
    #[x_kube(validation = shortest())]
    pub cpu: String,
    /// Memory that is reserved, such as `512Mi`.
    #[schemars(length(max = 20), regex(pattern = BYTES))]
    #[x_kube(validation = shortest())]
    pub memory: String,
    /// Memory that is never exceeded, such as `2Gi`.
    #[schemars(length(max = 20), regex(pattern = BYTES))]
    #[x_kube(validation = shortest())]
    pub memory_limit: String,
    /// Size of the volume for attachments and sessions, such as `5Gi`.
    #[schemars(length(max = 20), regex(pattern = BYTES))]
    #[x_kube(validation = shortest())]
    pub storage: String,
}

impl Blueprint {
    /// How its tenants are built.
    ///
    /// # Errors
    /// The first field that says something impossible.
    pub fn facts(&self) -> Result<BlueprintFacts, Violation> {
        let name = self.name_any();
        self.read().map_err(|error| {
            unusable(
                "spec.blueprint",
                "BlueprintInvalid",
                "Blueprint",
                &name,
                &error,
            )
        })
    }

    fn read(&self) -> Result<BlueprintFacts, Violation> {
        let spec = &self.spec;
        Ok(BlueprintFacts {
            name: self
                .name_any()
                .parse()
                .map_err(violation("metadata.name"))?,
            modules: spec.modules.iter().cloned().collect(),
            language: spec.language.clone(),
            country: spec.country.clone(),
            database_server: spec
                .database_server
                .parse()
                .map_err(violation("spec.databaseServer"))?,
            sizes: spec
                .sizes
                .iter()
                .map(|(name, size)| Ok((name.clone(), size.facts(name)?)))
                .collect::<Result<_, Violation>>()?,
            channels: spec
                .channels
                .iter()
                .map(|(channel, release)| {
                    let field = format!("spec.channels.{channel}");
                    Ok((channel.clone(), release.parse().map_err(violation(&field))?))
                })
                .collect::<Result<_, Violation>>()?,
            egress: match spec.network.as_ref().and_then(|network| network.egress) {
                Some(EgressSpec::Internet) => Egress::Internet,
                Some(EgressSpec::None) => Egress::None,
                None => Egress::default(),
            },
        })
    }
}

impl SizeSpec {
    fn facts(&self, name: &str) -> Result<Size, Violation> {
        self.size(&format!("spec.sizes.{name}"))
    }

    /// What it says, read from the field at `path`.
    pub(crate) fn size(&self, path: &str) -> Result<Size, Violation> {
        let field = |field: &str| format!("{path}.{field}");
        Ok(Size {
            workers: u32::try_from(self.workers).map_err(violation(&field("workers")))?,
            cpu: self.cpu.parse().map_err(violation(&field("cpu")))?,
            memory: self.memory.parse().map_err(violation(&field("memory")))?,
            memory_limit: self
                .memory_limit
                .parse()
                .map_err(violation(&field("memoryLimit")))?,
            storage: self.storage.parse().map_err(violation(&field("storage")))?,
        })
    }
}

/// What a tenant names in `field` cannot be used, because of what it says itself.
pub(crate) fn unusable(
    field: &str,
    reason: &'static str,
    kind: &str,
    name: &str,
    error: &Violation,
) -> Violation {
    Violation {
        field: field.to_owned(),
        reason: Reason::new(reason),
        message: format!("{kind} {name} is wrong in itself: {error}"),
    }
}

/// Makes an error about a field's text into a violation of that field.
pub(crate) fn violation<E: Display>(field: &str) -> impl FnOnce(E) -> Violation {
    let field = field.to_owned();
    move |error| Violation {
        field,
        reason: Reason::new("FieldInvalid"),
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tenantry_domain::Fault;

    #[test]
    fn a_blueprint_that_is_wrong_in_itself_is_no_fault_of_its_tenants() {
        let blueprint: Blueprint = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Blueprint",
            "metadata": {"name": "retail"},
            "spec": {
                "databaseServer": "main",
                "sizes": {"small": {
                    "workers": 2, "cpu": "1000m", "memory": "1Gi", "memoryLimit": "2Gi",
                    "storage": "2Gi",
                }},
                "channels": {"stable": "odoo-19"},
            },
        }))
        .unwrap();
        let violation = blueprint.facts().unwrap_err();
        assert_eq!(violation.reason.as_str(), "BlueprintInvalid");
        assert_eq!(violation.fault(), Fault::Platform);
        let told = violation.to_string();
        let begin = "spec.blueprint: Blueprint retail is wrong in itself: spec.sizes.small.cpu: ";
        assert!(told.starts_with(begin), "{told}");
    }
}
