//! How much there may be in a namespace of ours: ResourceQuota and LimitRange.
//!
//! A tenant's quota leaves room for what runs beside its Odoo, and none for anything else.
//! There is none on `limits.cpu`, because no container of ours has such a limit: Odoo may use what
//! is idle, and a limit would slow it down on an idle machine. A quota on it would refuse them all.

use serde_json::{Map, Value, json};
use tenantry_domain::{Quantity, Size};

/// Odoo, and once more as much: a module update runs the same Odoo in a Job, and a pod that is
/// ending still counts.
const ODOOS: u128 = 2;
/// Small programs beside Odoo at the same time, such as a backup.
const JOBS: u128 = 2;
/// The volume, and one more to restore into.
const VOLUMES: u128 = 2;

const MEBI: u128 = 1000 << 20;
/// Thousandths of a processor that one Job reserves.
const JOB_CPU: u128 = 100;
/// Thousandths of a byte that one Job reserves.
const JOB_MEMORY: u128 = 512 * MEBI;
/// Thousandths of a byte that one Job never exceeds.
const JOB_MEMORY_LIMIT: u128 = 2048 * MEBI;

/// Services that would publish something past the ingress: there are none.
const UNPUBLISHED: [(&str, &str); 2] =
    [("services.loadbalancers", "0"), ("services.nodeports", "0")];

/// What a tenant of this size may use.
pub(crate) fn quota_of_tenant(size: &Size) -> Value {
    let pods = |odoo: &Quantity, job: u128| amount(odoo.thousandths() * ODOOS + job * JOBS);
    quota(&[
        ("pods", (ODOOS + JOBS).to_string()),
        ("requests.cpu", pods(&size.cpu, JOB_CPU)),
        ("requests.memory", pods(&size.memory, JOB_MEMORY)),
        ("limits.memory", pods(&size.memory_limit, JOB_MEMORY_LIMIT)),
        ("persistentvolumeclaims", VOLUMES.to_string()),
        (
            "requests.storage",
            amount(size.storage.thousandths() * VOLUMES),
        ),
    ])
}

/// What a container of a tenant's namespace has that says nothing: as much as one Job. Without it
/// the quota would refuse the pod.
pub(crate) fn defaults_of_tenant() -> Value {
    json!({"spec": {"limits": [{
        "type": "Container",
        "defaultRequest": {"cpu": amount(JOB_CPU), "memory": amount(JOB_MEMORY)},
        "default": {"memory": amount(JOB_MEMORY_LIMIT)},
    }]}})
}

/// How many templates are made at a time is not bounded, and the server's own size is in its spec.
pub(crate) fn quota_of_database_server() -> Value {
    quota(&[])
}

/// Nothing runs in a partner's namespace.
pub(crate) fn quota_of_partner() -> Value {
    quota(&[("pods", "0".to_owned())])
}

fn quota(bounds: &[(&str, String)]) -> Value {
    let unpublished = UNPUBLISHED.map(|(resource, bound)| (resource.to_owned(), json!(bound)));
    let hard: Map<_, _> = bounds
        .iter()
        .map(|(resource, bound)| ((*resource).to_owned(), json!(bound)))
        .chain(unpublished)
        .collect();
    json!({"spec": {"hard": hard}})
}

fn amount(thousandths: u128) -> String {
    Quantity::from_thousandths(thousandths).to_string()
}
