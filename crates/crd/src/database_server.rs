//! `DatabaseServer`: where tenants' databases live.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_domain::ResourceName;

use crate::texts::{BYTES, CPU, named, shortest};

/// Who runs the server: `managed` or `external`, one of them and for good.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "DatabaseServer",
    doc = "A PostgreSQL server that holds tenants' databases.",
    shortname = "dbs",
    status = "DatabaseServerStatus",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}"#,
    printcolumn = r#"{"name":"Reason","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].reason"}"#,
    printcolumn = r#"{"name":"Endpoint","type":"string","jsonPath":".status.endpoint"}"#,
    printcolumn = r#"{"name":"Tenants","type":"integer","jsonPath":".status.connections.tenants"}"#,
    printcolumn = r#"{"name":"Allocated","type":"integer","jsonPath":".status.connections.allocated","priority":1}"#,
    printcolumn = r#"{"name":"Connections","type":"integer","jsonPath":".status.connections.maximum","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = named("a database server's", ResourceName::MAX_LENGTH)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.managed) != has(self.external)").message("set exactly one of managed and external"))]
#[x_kube(validation = Rule::new("has(self.managed) == has(oldSelf.managed)").message("a managed server stays managed and an external one external; create another DatabaseServer"))]
pub struct DatabaseServerSpec {
    /// A PostgreSQL that Tenantry runs, in the namespace `database-<name>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed: Option<ManagedDatabase>,
    /// A PostgreSQL that somebody else runs, 17 or newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalDatabase>,
}

/// A PostgreSQL that Tenantry runs.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedDatabase {
    /// Size that its volume begins with, such as `20Gi`. It stays; a volume that became too small
    /// is grown by its `PersistentVolumeClaim`, which is `data-postgresql-0`.
    #[schemars(length(max = 20), regex(pattern = BYTES))]
    #[x_kube(validation = shortest())]
    #[x_kube(validation = Rule::new("self == oldSelf").message("a managed server keeps the size that its volume began with; grow the PersistentVolumeClaim data-postgresql-0 in its namespace, or create another DatabaseServer"))]
    pub storage: String,
    /// Processor time that is reserved, such as `500m`.
    #[schemars(length(max = 20), regex(pattern = CPU))]
    #[x_kube(validation = shortest())]
    pub cpu: String,
    /// Memory that is reserved and never exceeded, such as `1Gi`.
    #[schemars(length(max = 20), regex(pattern = BYTES))]
    #[x_kube(validation = shortest())]
    pub memory: String,
    /// Connections that it accepts at once. A tenant takes nine for each of its processes.
    #[schemars(range(min = 100, max = 10_000))]
    pub max_connections: i32,
}

/// A PostgreSQL that somebody else runs.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalDatabase {
    /// Its host name or IPv4 address, as pods of the cluster reach it.
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
    )]
    pub host: String,
    /// Its TCP port; 5432 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
    /// A Secret in Tenantry's own namespace with the keys `username` and `password`: a login with
    /// CREATEDB and CREATEROLE that is no superuser.
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
    )]
    pub credentials_secret_name: String,
    /// How connections to it are protected, those of tenants too.
    pub tls: TlsSpec,
    /// Connections that Tenantry and its tenants may take at most; all that the server accepts
    /// when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 100_000))]
    pub max_connections: Option<i32>,
}

/// How connections to a server are protected.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.caSecretName) && has(self.caConfigMapName))").message("name one source of certificates: caSecretName or caConfigMapName"))]
#[x_kube(validation = Rule::new("self.mode == 'VerifyFull' || !(has(self.caSecretName) || has(self.caConfigMapName))").message("certificates are used in the mode VerifyFull only"))]
pub struct TlsSpec {
    /// How much is asked of the server.
    pub mode: TlsMode,
    /// A Secret in Tenantry's own namespace whose key `ca.crt` holds the certificates (PEM) that
    /// the server's is verified with. Without it, and without `caConfigMapName`, those of the
    /// public authorities are used; the Odoo image needs them too, and a libpq of 16 or newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
    )]
    pub ca_secret_name: Option<String>,
    /// A ConfigMap in place of the Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")
    )]
    pub ca_config_map_name: Option<String>,
}

/// How much is asked of a server before it is trusted.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum TlsMode {
    /// Encryption, a certificate by a trusted authority, and the server's host name in it.
    VerifyFull,
    /// Encryption. Whoever can redirect the connection can read it.
    Require,
    /// Nothing.
    Disabled,
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
    /// Hash of the certificates that its own is verified with.
    // Written as null when there is none: a merge patch removes a field by nothing else.
    #[serde(default)]
    pub authorities: Option<String>,
    /// How many connections it has, and who they are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<ConnectionsStatus>,
    /// The template databases on it.
    // Empty when there are none: a merge patch removes a field that is left out by nothing.
    #[serde(default)]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["name".into()]))]
    pub templates: Vec<TemplateStatus>,
}

/// The connections of a database server.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionsStatus {
    /// All that Tenantry and its tenants may take at once.
    pub maximum: i32,
    /// Those of them that no tenant is given: what PostgreSQL keeps back, Tenantry's own, those of
    /// the Jobs that make templates, and some for people.
    pub reserved: i32,
    /// Those that are set aside for tenants.
    pub allocated: i32,
    /// How many tenants they are set aside for.
    pub tenants: i32,
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
    /// Since when no blueprint and no tenant asks for it. After a week it is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_since: Option<Time>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What the rules say of a server whose spec is `spec`.
    fn broken(spec: &Value) -> Vec<String> {
        let server: DatabaseServer = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "DatabaseServer",
            "metadata": {"name": "main"},
            "spec": spec,
        }))
        .unwrap();
        let Err(errors) = server.validate_cel() else {
            return Vec::new();
        };
        let errors = errors.into_vec().into_iter();
        errors.map(|error| error.message).collect()
    }

    fn managed() -> Value {
        json!({"storage": "1Gi", "cpu": "1", "memory": "1Gi", "maxConnections": 100})
    }

    fn external(tls: Value) -> Value {
        let mut external = json!({"host": "db.example", "credentialsSecretName": "login"});
        external["tls"] = tls;
        external
    }

    #[test]
    fn a_server_is_managed_or_external_and_never_both() {
        let plain = external(json!({"mode": "Disabled"}));
        assert!(broken(&json!({"managed": managed()})).is_empty());
        assert!(broken(&json!({"external": plain})).is_empty());
        for spec in [json!({}), json!({"managed": managed(), "external": plain})] {
            let told = broken(&spec).join("; ");
            assert!(
                told.contains("exactly one of managed and external"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_managed_server_keeps_the_volume_that_it_began_with() {
        let server = |field: &str, value: Value| -> DatabaseServer {
            let mut managed = managed();
            managed[field] = value;
            serde_json::from_value(json!({
                "apiVersion": "tenantry.dev/v1alpha1",
                "kind": "DatabaseServer",
                "metadata": {"name": "main"},
                "spec": {"managed": managed},
            }))
            .unwrap()
        };
        let before = server("storage", json!("1Gi"));
        let grown = server("storage", json!("2Gi")).validate_cel_update(&before);
        let told = grown.unwrap_err().to_string();
        assert!(told.contains("data-postgresql-0"), "{told}");
        for (field, value) in [("memory", json!("2Gi")), ("maxConnections", json!(200))] {
            server(field, value).validate_cel_update(&before).unwrap();
        }
    }

    #[test]
    fn certificates_come_from_one_place_and_are_used() {
        let told = |tls: Value| broken(&json!({"external": external(tls)})).join("; ");
        assert_eq!(told(json!({"mode": "VerifyFull"})), "");
        assert_eq!(
            told(json!({"mode": "VerifyFull", "caSecretName": "ca"})),
            ""
        );
        let both = json!({"mode": "VerifyFull", "caSecretName": "a", "caConfigMapName": "b"});
        assert!(told(both).contains("one source of certificates"));
        let unused = json!({"mode": "Require", "caConfigMapName": "ca"});
        assert!(told(unused).contains("in the mode VerifyFull only"));
    }
}
