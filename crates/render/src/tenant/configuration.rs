//! Odoo's configuration file. It holds no secret: what is secret reaches Odoo by environment.

use serde_json::json;
use tenantry_domain::CONNECTIONS_PER_PROCESS;

use super::Input;
use crate::names;
use crate::object::{Kind, Object};

/// Where the file is mounted.
pub(super) const DIRECTORY: &str = "/etc/odoo-tenant";
/// Its name.
pub(super) const FILE: &str = "odoo.conf";

/// The ConfigMap that holds the file. It stays as long as the pod that reads it.
pub(super) fn config_map(input: &Input<'_>) -> Object {
    let body = json!({"data": {FILE: file(input)}});
    input
        .object(Kind::ConfigMap, names::CONFIGURATION, body)
        .keeping("/data", &input.purpose())
}

/// The file's text.
///
/// The prefork server (workers > 0) is what listens for websockets and restarts a cron that lost
/// its connection. `proxy_mode` trusts the ingress, the only way in. The filter is anchored:
/// Odoo matches it as a prefix. Each process may hold `db_maxconn` connections.
pub(super) fn file(input: &Input<'_>) -> String {
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
         proxy_mode = True\n\
         server_wide_modules = base,rpc,web\n",
        data = input.tenant.release.data_directory,
        workers = input.tenant.size.workers,
    )
}
