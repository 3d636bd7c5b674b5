//! What a dedicated tenant has, in the order in which it comes to be.

mod branding;
mod configuration;
mod data;
mod edge;
mod workload;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_domain::{Size, TenantId, TenantKey, ValidTenant};

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
    objects.extend(baseline(input));
    objects
}

/// Who may reach whom, and how much there may be of everything.
fn baseline(input: &Input<'_>) -> Vec<Object> {
    let tenant = input.tenant;
    let network = &input.settings.network;
    let quota = limits::quota_of_tenant(&tenant.size);
    let defaults = limits::defaults_of_tenant();
    let policies = network::of_tenant(&tenant.database_server, tenant.egress, network);
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

/// Connections that the tenant's processes may hold at once: workers, cron, websockets and the
/// process that starts them, and as much again for a replaced pod that is still ending.
#[must_use]
pub fn connections(size: &Size) -> u16 {
    let processes = u16::try_from(size.workers)
        .unwrap_or(u16::MAX)
        .saturating_add(3);
    processes
        .saturating_mul(configuration::CONNECTIONS_PER_PROCESS)
        .saturating_mul(2)
}

/// What serves users. It may exist only once the tenant's role can connect to its database.
#[must_use]
pub fn workload(input: &Input<'_>) -> Vec<Object> {
    vec![workload::deployment(input), edge::ingress(input)]
}
