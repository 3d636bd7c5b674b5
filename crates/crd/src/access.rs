//! Who may do what with a partner's tenants.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who holds a role in the partner's namespace.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessSpec {
    /// What they may do.
    pub role: AccessRole,
    /// Who they are, as the cluster authenticates them.
    #[schemars(length(min = 1, max = 50))]
    pub subjects: Vec<SubjectSpec>,
}

/// What somebody may do with a partner's tenants.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum AccessRole {
    /// See them, and what happens to them: the ClusterRole `tenantry-viewer`.
    Viewer,
    /// Create, change and delete them, too: the ClusterRole `tenantry-partner-admin`.
    Admin,
}

/// Somebody, as in a RoleBinding.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[x_kube(
    validation = kube::core::Rule::new("(self.kind == 'ServiceAccount') == has(self.__namespace__)").message("a ServiceAccount has a namespace, a User and a Group have none"),
    validation = kube::core::Rule::new("self.kind != 'ServiceAccount' || self.name.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')").message("a ServiceAccount's name has lower-case letters, digits, hyphens and dots"),
    validation = kube::core::Rule::new("!self.name.startsWith('system:')").message("names that begin with system: are Kubernetes' own, such as the group of everybody")
)]
#[serde(rename_all = "camelCase")]
pub struct SubjectSpec {
    /// What kind of somebody it is.
    pub kind: SubjectKind,
    /// Its name.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^\S(.*\S)?$"))]
    pub name: String,
    /// The namespace of a ServiceAccount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub namespace: Option<String>,
}

/// What kind of somebody a subject is.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum SubjectKind {
    /// A person, or a program outside of the cluster.
    User,
    /// Several of them.
    Group,
    /// A program in the cluster.
    ServiceAccount,
}
