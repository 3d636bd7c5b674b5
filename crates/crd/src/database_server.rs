//! `DatabaseServer`: where tenants' databases live.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

/// A PostgreSQL server that holds tenants' databases.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "DatabaseServer",
    shortname = "dbs",
    status = "DatabaseServerStatus",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Reason","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].reason"}"#,
    printcolumn = r#"{"name":"Endpoint","type":"string","jsonPath":".status.endpoint"}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = kube::core::Rule::new("size(self.metadata.name) <= 40").message("a database server's name has at most 40 characters")
)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseServerSpec {
    /// A PostgreSQL that Tenantry runs, in the namespace `database-<name>`.
    pub managed: ManagedDatabase,
}

/// A PostgreSQL that Tenantry runs.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedDatabase {
    /// Size of its volume, such as `20Gi`.
    #[schemars(length(max = 20), regex(pattern = r"^[1-9][0-9]*(m|Mi|Gi|Ti)?$"))]
    pub storage: String,
    /// Processor time that is reserved, such as `500m`.
    #[schemars(length(max = 20), regex(pattern = r"^[1-9][0-9]*(m|Mi|Gi|Ti)?$"))]
    pub cpu: String,
    /// Memory that is reserved and never exceeded, such as `1Gi`.
    #[schemars(length(max = 20), regex(pattern = r"^[1-9][0-9]*(m|Mi|Gi|Ti)?$"))]
    pub memory: String,
    /// Connections that it accepts at once.
    #[schemars(range(min = 20, max = 5000))]
    pub max_connections: i32,
}

/// What was observed of a database server.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseServerStatus {
    /// `Ready` says whether tenants' databases can be made on it.
    #[serde(default)]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// Where it is reached from inside the cluster, `host:port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The template databases on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub templates: Vec<TemplateStatus>,
}

/// One template database.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateStatus {
    /// Name of the database.
    pub name: String,
    /// The release whose Odoo made it.
    pub release: String,
    /// Modules that were asked for, beside `base` and `web`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// Whether tenants can be cloned from it.
    pub sealed: bool,
    /// What it waits for, or why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
