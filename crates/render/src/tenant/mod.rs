//! What a dedicated tenant has, in the order in which it comes to be.

mod branding;
mod configuration;
mod data;
mod edge;
mod workload;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tenantry_crd::labels;
use tenantry_domain::{TenantId, TenantKey, ValidTenant};

use crate::names;
use crate::object::{Kind, Labels, Object, Writing};
use crate::settings::Settings;

/// The passwords of a tenant. They are generated once and kept in Secrets.
#[derive(Debug, Clone)]
pub struct Passwords {
    /// Of the tenant's database role.
    pub database: SecretString,
    /// Of the tenant's first login in Odoo.
    pub administrator: SecretString,
}

/// A tenant with everything that rendering it needs.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What the spec means.
    pub tenant: &'a ValidTenant,
    /// Its identity.
    pub id: &'a TenantId,
    /// What the platform decides.
    pub settings: &'a Settings,
}

impl Input<'_> {
    fn owner(&self) -> Labels {
        owner(&self.tenant.key, self.id)
    }

    fn namespace(&self) -> String {
        self.tenant.key.namespace()
    }

    fn object(&self, kind: Kind, name: &str, body: serde_json::Value) -> Object {
        Object::new(kind, Some(&self.namespace()), name, &self.owner(), body)
    }
}

/// Labels of all that a tenant owns.
fn owner(key: &TenantKey, id: &TenantId) -> Labels {
    vec![
        (labels::PARTNER, key.partner.to_string()),
        (labels::TENANT, key.name.to_string()),
        (labels::TENANT_ID, id.to_string()),
    ]
}

/// The tenant's namespace, which comes before all else.
#[must_use]
pub fn namespace(input: &Input<'_>) -> Object {
    let body = json!({"metadata": {"labels": {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
    }}});
    Object::new(
        Kind::Namespace,
        None,
        &input.namespace(),
        &input.owner(),
        body,
    )
    .writing(Writing::Claim)
}

/// The Secrets that hold the tenant's passwords.
#[must_use]
pub fn secrets(input: &Input<'_>, passwords: &Passwords) -> Vec<Object> {
    let secret = |name, user: (&str, &str), password: &SecretString| {
        let mut data = json!({"password": password.expose_secret()});
        data[user.0] = json!(user.1);
        input
            .object(
                Kind::Secret,
                name,
                json!({"type": "Opaque", "stringData": data}),
            )
            .writing(Writing::Once)
    };
    vec![
        secret(
            names::DATABASE_SECRET,
            ("username", &names::tenant_database(input.id)),
            &passwords.database,
        ),
        secret(
            names::ADMINISTRATOR_SECRET,
            ("login", &input.tenant.administrator.login),
            &passwords.administrator,
        ),
    ]
}

/// What the workload needs before it starts, besides Secrets and database.
#[must_use]
pub fn support(input: &Input<'_>) -> Vec<Object> {
    vec![
        input.object(
            Kind::ServiceAccount,
            names::ODOO,
            json!({"automountServiceAccountToken": false}),
        ),
        configuration::config_map(input),
        branding::config_map(input),
        data::volume_claim(input),
        edge::service(input),
    ]
}

/// What serves users. It may exist only once the tenant's role can connect to its database.
#[must_use]
pub fn workload(input: &Input<'_>) -> Vec<Object> {
    vec![workload::deployment(input), edge::ingress(input)]
}
