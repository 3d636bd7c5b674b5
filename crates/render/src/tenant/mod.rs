//! What a dedicated tenant has, in the order in which it comes to be.

mod branding;
mod configuration;
mod data;
mod edge;
mod parking;
mod tls;
mod update;
mod workload;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_domain::{TenantId, TenantKey, ValidTenant};

use crate::endpoint::Endpoint;
use crate::object::{Kind, Labels, Object, Writing};
use crate::settings::Settings;
use crate::{limits, names, namespace, network};

pub(crate) use edge::{HTTP_PORT, WEBSOCKET_PORT};

/// A tenant with everything that rendering it needs.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What the spec means.
    pub tenant: &'a ValidTenant,
    /// Its identity.
    pub id: &'a TenantId,
    /// Where its database is reached.
    pub database: &'a Endpoint,
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

    /// All that pods and their configuration are rendered for: what the tenant's release, size and
    /// identity mean. What is not in here does not reach a pod that exists.
    ///
    /// Another value here restarts the tenant, so what a later version adds must be left out for
    /// tenants whose spec does not say it.
    fn purpose(&self) -> Value {
        let Self { tenant, id, .. } = self;
        let release = &tenant.release;
        let size = &tenant.size;
        let mut purpose = json!({
            "tenant": tenant.key.to_string(),
            "id": id.as_str(),
            "databaseServer": tenant.database_server.as_str(),
            "image": release.image.as_str(),
            "command": release.command,
            "user": [release.uid, release.gid],
            "dataDirectory": release.data_directory,
            "workers": size.workers,
            "cpu": size.cpu.as_str(),
            "memory": [size.memory.as_str(), size.memory_limit.as_str()],
        });
        // Where a managed server is follows from its name.
        if let Some(database) = self.database.purpose() {
            purpose["database"] = database;
        }
        purpose
    }

    fn object(&self, kind: Kind, name: &str, body: Value) -> Object {
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
    namespace::namespace(&input.namespace(), &input.owner())
}

/// What a tenant leaves that goes while its data stays.
#[derive(Debug, Clone, Copy)]
pub struct Left<'a> {
    /// The server that its database is on.
    pub database_server: &'a str,
    /// The release that its data is of.
    pub release: &'a str,
    /// When it was deleted, RFC 3339.
    pub deleted_at: &'a str,
}

/// The same namespace once the tenant is gone and its data stays: it says what is in it, to whom
/// may adopt it.
#[must_use]
pub fn tombstone(key: &TenantKey, id: &TenantId, left: &Left<'_>) -> Object {
    let said = json!({
        labels::DELETED_AT: left.deleted_at,
        labels::DATABASE_SERVER: left.database_server,
        labels::RELEASE: left.release,
    });
    namespace::annotated(&key.namespace(), &owner(key, id), &said)
}

/// The Secret that holds the password of the tenant's database role.
#[must_use]
pub fn database_secret(input: &Input<'_>, password: &SecretString) -> Object {
    let role = names::tenant_database(input.id);
    secret(
        input,
        names::DATABASE_SECRET,
        json!({"username": role}),
        password,
    )
}

/// The Secret that holds the tenant's first login in Odoo.
#[must_use]
pub fn administrator_secret(input: &Input<'_>, password: &SecretString) -> Object {
    let login = &input.tenant.administrator.login;
    secret(
        input,
        names::ADMINISTRATOR_SECRET,
        json!({"login": login}),
        password,
    )
}

fn secret(input: &Input<'_>, name: &str, mut data: Value, password: &SecretString) -> Object {
    data[names::PASSWORD_KEY] = json!(password.expose_secret());
    input
        .object(Kind::Secret, name, json!({"stringData": data}))
        .writing(Writing::Once)
}

/// What the workload needs before it starts, besides Secrets and database, and what keeps it
/// within bounds.
#[must_use]
pub fn support(input: &Input<'_>) -> Vec<Object> {
    let mut objects = vec![
        input.object(
            Kind::ServiceAccount,
            names::ODOO,
            json!({"automountServiceAccountToken": false}),
        ),
        configuration::config_map(input),
        branding::config_map(input),
        data::volume_claim(input),
        edge::service(input),
    ];
    let authorities = input.database.config_map();
    objects.extend(
        authorities.map(|map| input.object(Kind::ConfigMap, names::DATABASE_AUTHORITIES, map)),
    );
    objects.extend(baseline(input));
    objects
}

/// Who may reach whom, and how much there may be of everything.
fn baseline(input: &Input<'_>) -> Vec<Object> {
    let tenant = input.tenant;
    let quota = limits::quota_of_tenant(&tenant.size);
    let defaults = limits::defaults_of_tenant();
    let policies = network::of_tenant(tenant, input.database, input.settings);
    let mut objects = vec![
        input.object(Kind::ResourceQuota, names::BASELINE, quota),
        input.object(Kind::LimitRange, names::BASELINE, defaults),
    ];
    objects.extend(
        policies
            .into_iter()
            .map(|(name, body)| input.object(Kind::NetworkPolicy, name, body)),
    );
    objects
}

/// Where Odoo reaches itself, in its pod.
#[must_use]
pub fn own_url() -> String {
    format!("http://127.0.0.1:{HTTP_PORT}")
}

/// The Job of this name that has Odoo update the tenant's database for its release. It may run only
/// while nothing else of the tenant does.
#[must_use]
pub fn update_job(input: &Input<'_>, name: &str) -> Object {
    update::job(input, name)
}

/// What serves users. It may exist only once the tenant's role can connect to its database.
#[must_use]
pub fn workload(input: &Input<'_>) -> Object {
    workload::deployment(input)
}

/// What leads the tenant's hostnames to its workload.
#[must_use]
pub fn ingress(input: &Input<'_>) -> Object {
    edge::ingress(input)
}

/// What leads the tenant's hostnames to the parking page. Nothing is asked of its database for it.
#[must_use]
pub fn parked_ingress(tenant: &ValidTenant, id: &TenantId, settings: &Settings) -> Object {
    parking::ingress(tenant, id, settings)
}
