//! The Job that has Odoo update a tenant's database for another release.

use serde_json::{Value, json};
use tenantry_crd::labels::APP;

use super::{Input, workload};
use crate::names;
use crate::object::{Kind, Object, Writing, label_map};

/// A half-done update is not tried again: the database from before is brought back.
const RETRIES: u32 = 0;
const DEADLINE_SECONDS: u32 = 3600;
/// How long what is left of the Job stays, for its log.
const KEPT_SECONDS: u32 = 24 * 3600;
/// The value of [`APP`]: the pod must not be taken for one that serves.
const ODOO_UPDATE: &str = "odoo-update";

/// The Job: a pod like the one that serves, in which Odoo updates every module and ends.
pub(super) fn job(input: &Input<'_>, name: &str) -> Object {
    let mut labels = label_map(&input.owner());
    labels[APP] = json!(ODOO_UPDATE);
    let body = json!({"spec": {
        "backoffLimit": RETRIES,
        "activeDeadlineSeconds": DEADLINE_SECONDS,
        "ttlSecondsAfterFinished": KEPT_SECONDS,
        "template": {"metadata": {"labels": labels}, "spec": pod(input)},
    }});
    input.object(Kind::Job, name, body).writing(Writing::Once)
}

fn pod(input: &Input<'_>) -> Value {
    let mut pod = workload::pod(input);
    pod["restartPolicy"] = json!("Never");
    if let Some(containers) = pod["containers"].as_array_mut() {
        for container in containers
            .iter_mut()
            .filter(|one| one["name"] == names::ODOO)
        {
            update(container);
        }
    }
    pod
}

/// Nobody asks it anything, and of its log the end is kept where it can be read without the right
/// to read logs. Every module depends on `base`, so that updating it updates all.
fn update(container: &mut Value) {
    if let Some(fields) = container.as_object_mut() {
        for serving in ["ports", "startupProbe", "readinessProbe", "livenessProbe"] {
            fields.remove(serving);
        }
    }
    container["terminationMessagePolicy"] = json!("FallbackToLogsOnError");
    if let Some(command) = container["command"].as_array_mut() {
        let options = [
            "--update=base",
            "--stop-after-init",
            "--no-http",
            "--workers=0",
            "--max-cron-threads=0",
        ];
        command.extend(options.map(|option| json!(option)));
    }
}
