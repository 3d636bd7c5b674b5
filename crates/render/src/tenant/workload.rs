//! The Deployment that runs Odoo.

use serde_json::{Value, json};
use tenantry_crd::labels::APP;

use super::{Input, configuration, edge};
use crate::another;
use crate::kept::Part;
use crate::names;
use crate::object::{Kind, Object, label_map, short_hash};
use crate::restricted;

/// Hash of the configuration that the pod was started with: Odoo reads it only then.
const CONFIGURATION_HASH: &str = "tenantry.dev/configuration";

/// What the Service and the Deployment select pods by.
pub(super) fn selector() -> Value {
    json!({APP: "odoo"})
}

/// The Deployment. The volume is ReadWriteOnce, so there is one pod and the old one goes first.
pub(super) fn deployment(input: &Input<'_>) -> Object {
    let mut labels = label_map(&input.owner());
    labels[APP] = json!("odoo");
    let body = json!({"spec": {
        "replicas": 1,
        "revisionHistoryLimit": 2,
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": selector()},
        "template": {
            "metadata": {
                "labels": labels,
                "annotations": {CONFIGURATION_HASH: short_hash(&configuration::data(input).to_string())},
            },
            "spec": pod(input),
        },
    }});
    input
        .object(Kind::Deployment, names::ODOO, body)
        .keeping(Part::POD, &input.purpose())
}

pub(super) fn pod(input: &Input<'_>) -> Value {
    let release = &input.tenant.release;
    let mut volumes = vec![
        json!({"name": "data", "persistentVolumeClaim": {"claimName": names::DATA_VOLUME}}),
        configuration::volume(),
        json!({"name": "temporary", "emptyDir": {}}),
    ];
    volumes.extend(input.database.volume());
    json!({
        "serviceAccountName": names::ODOO,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": restricted::pod(release.uid, release.gid),
        "containers": [container(input)],
        "volumes": volumes,
    })
}

fn container(input: &Input<'_>) -> Value {
    let tenant = input.tenant;
    let mut command = tenant.release.command.clone();
    command.push(format!(
        "--config={}/{}",
        configuration::DIRECTORY,
        configuration::FILE
    ));
    let port = |name: &str, port: u16| json!({"name": name, "containerPort": port});
    let mut mounts = vec![
        json!({"name": "data", "mountPath": tenant.release.data_directory}),
        json!({"name": "configuration", "mountPath": configuration::DIRECTORY, "readOnly": true}),
        json!({"name": "temporary", "mountPath": "/tmp"}),
    ];
    mounts.extend(input.database.mount());
    json!({
        "name": "odoo",
        "image": tenant.release.image.as_str(),
        "command": command,
        "env": environment(input),
        "ports": [port("http", edge::HTTP_PORT), port("websocket", edge::WEBSOCKET_PORT)],
        "resources": {
            "requests": {"cpu": tenant.size.cpu.as_str(), "memory": tenant.size.memory.as_str()},
            "limits": {"memory": tenant.size.memory_limit.as_str()},
        },
        // Until it has started it is asked often, so that nobody waits for a probe; and for long,
        // because a start that waits for PostgreSQL is not helped by another.
        "startupProbe": probe(READY, 1, 900),
        // Probes queue behind users. For a minute workers may all be busy before the only pod is
        // taken away from everybody; for longer Odoo must not answer without its database, because
        // it logs out whoever asks. What busy workers do is ended by Odoo's own time limits, not by
        // another start.
        "readinessProbe": probe(READY, 10, 6),
        "livenessProbe": probe(ALIVE, 20, 60),
        "securityContext": restricted::container(),
        "volumeMounts": mounts,
    })
}

/// Answers 200 also while PostgreSQL is away: restarting Odoo would not bring it back.
const ALIVE: &str = "/web/health";
/// Answers 500 while PostgreSQL is away.
const READY: &str = "/web/health?db_server_status=1";

fn probe(path: &str, period_seconds: u32, failure_threshold: u32) -> Value {
    json!({
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period_seconds,
        "timeoutSeconds": 10,
        "failureThreshold": failure_threshold,
    })
}

fn environment(input: &Input<'_>) -> Value {
    let secret = |name: &str, key: &str| {
        json!({"name": name, "valueFrom": {"secretKeyRef": {
            "name": names::DATABASE_SECRET, "key": key,
        }}})
    };
    let mut variables = vec![json!({"name": "HOME", "value": input.tenant.release.data_directory})];
    variables.extend(input.database.environment());
    variables.extend([
        secret("PGUSER", "username"),
        secret("PGPASSWORD", "password"),
    ]);
    variables.extend(another::environment());
    json!(variables)
}
