//! Names of what is rendered. Whoever looks an object up takes its name from here.

use tenantry_domain::{ResourceName, TenantId};

/// What a workload's pods are selected by.
pub(crate) const APP_LABEL: &str = "app.kubernetes.io/name";

/// ResourceQuota of a namespace, and the LimitRange beside it.
pub const BASELINE: &str = "baseline";
/// ClusterRole and RoleBinding of those who may see a partner's tenants.
pub const VIEWER: &str = "tenantry-viewer";
/// ClusterRole and RoleBinding of those who may change a partner's tenants.
pub const PARTNER_ADMIN: &str = "tenantry-partner-admin";

/// Deployment, Service, Ingress and ServiceAccount of a dedicated tenant.
pub const ODOO: &str = "odoo";
/// Secret with the tenant's database role: `username`, `password`.
pub const DATABASE_SECRET: &str = "odoo-database";
/// Secret with the tenant's first login: `login`, `password`.
pub const ADMINISTRATOR_SECRET: &str = "odoo-administrator";
/// Key of the password in every Secret of ours.
pub const PASSWORD_KEY: &str = "password";
/// Volume claim for attachments and sessions.
pub const DATA_VOLUME: &str = "odoo-data";
/// ConfigMap with Odoo's configuration file.
pub const CONFIGURATION: &str = "odoo-configuration";
/// ConfigMap with the tenant's brand.
pub const BRANDING: &str = "branding";

/// StatefulSet, Service and ServiceAccount of a managed database server.
pub const POSTGRESQL: &str = "postgresql";
/// Secret with the login that Tenantry uses on a managed server: `username`, `password`.
pub const SERVER_LOGIN_SECRET: &str = "postgresql-login";
/// The login that Tenantry uses on a managed server. It is no superuser.
pub const SERVER_LOGIN: &str = "tenantry";
/// Port of PostgreSQL.
pub const POSTGRESQL_PORT: u16 = 5432;

/// A tenant's database, and the role that owns it.
#[must_use]
pub fn tenant_database(id: &TenantId) -> String {
    format!("t_{id}")
}

/// The namespace of a managed database server.
#[must_use]
pub fn database_namespace(server: &ResourceName) -> String {
    format!("database-{server}")
}

/// Where a managed database server is reached from inside the cluster.
#[must_use]
pub fn database_host(server: &ResourceName) -> String {
    format!("{POSTGRESQL}.{}.svc", database_namespace(server))
}
