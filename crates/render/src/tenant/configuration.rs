//! Odoo's configuration: its file, and our addon that every process loads. It holds no secret: what
//! is secret reaches Odoo by environment.

use serde_json::{Value, json};
use tenantry_domain::CONNECTIONS_PER_PROCESS;

use super::Input;
use crate::another;
use crate::kept::Part;
use crate::names;
use crate::object::{Kind, Object};

/// Where it is mounted.
pub(super) const DIRECTORY: &str = "/etc/odoo-tenant";
/// The name of the file.
pub(super) const FILE: &str = "odoo.conf";
/// The addon's parts: key in the ConfigMap, path where it is mounted, text.
const ADDON: [(&str, &str, &str); 4] = [
    (
        "addon.py",
        "addons/tenantry/__init__.py",
        include_str!("addon/__init__.py"),
    ),
    (
        "addon.manifest.py",
        "addons/tenantry/__manifest__.py",
        include_str!("addon/__manifest__.py"),
    ),
    (
        "addon.cookies.py",
        "addons/tenantry/cookies.py",
        include_str!("addon/cookies.py"),
    ),
    (
        "addon.outage.py",
        "addons/tenantry/outage.py",
        include_str!("addon/outage.py"),
    ),
];

/// The ConfigMap that holds it. It stays as long as the pod that reads it.
pub(super) fn config_map(input: &Input<'_>) -> Object {
    let body = json!({"data": data(input)});
    input
        .object(Kind::ConfigMap, names::CONFIGURATION, body)
        .keeping(Part::DATA, &input.purpose())
}

/// What the ConfigMap holds.
pub(super) fn data(input: &Input<'_>) -> Value {
    let mut data = json!({FILE: another::text(&file(input))});
    for (key, _, text) in ADDON {
        data[key] = json!(another::text(text));
    }
    data
}

/// The volume with all of it.
pub(super) fn volume() -> Value {
    let mut items = vec![json!({"key": FILE, "path": FILE})];
    items.extend(ADDON.map(|(key, path, _)| json!({"key": key, "path": path})));
    json!({"name": "configuration", "configMap": {
        "name": names::CONFIGURATION,
        "items": items,
    }})
}

/// The file's text.
///
/// The prefork server (workers > 0) is what listens for websockets and restarts a cron that lost
/// its connection. `proxy_mode` trusts the ingress, the only way in. The filter is anchored:
/// Odoo matches it as a prefix. Each process may hold `db_maxconn` connections. Imports and reports
/// take minutes: Odoo's own limits end them after one or two.
fn file(input: &Input<'_>) -> String {
    let database = names::tenant_database(input.id);
    format!(
        "[options]\n\
         data_dir = {data}\n\
         db_name = {database}\n\
         dbfilter = ^{database}$\n\
         list_db = False\n\
         db_maxconn = {CONNECTIONS_PER_PROCESS}\n\
         db_maxconn_gevent = {CONNECTIONS_PER_PROCESS}\n\
         workers = {workers}\n\
         max_cron_threads = 1\n\
         limit_time_cpu = 600\n\
         limit_time_real = 900\n\
         proxy_mode = True\n\
         addons_path = {DIRECTORY}/addons\n\
         server_wide_modules = base,rpc,web,tenantry\n",
        data = input.tenant.release.data_directory,
        workers = input.tenant.size.workers,
    )
}
