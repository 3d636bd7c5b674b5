//! The Deployment that runs Odoo.

use serde_json::{Value, json};

use super::{Input, configuration, edge};
use crate::names::{self, APP_LABEL as APP};
use crate::object::{Kind, Object, label_map, short_hash};
use crate::restricted;

/// Hash of the configuration file that the pod was started with: Odoo reads it only then.
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
                "annotations": {CONFIGURATION_HASH: short_hash(&configuration::file(input))},
            },
            "spec": pod(input),
        },
    }});
    input.object(Kind::Deployment, names::ODOO, body)
}

fn pod(input: &Input<'_>) -> Value {
    let release = &input.tenant.release;
    json!({
        "serviceAccountName": names::ODOO,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": restricted::pod(release.uid, release.gid),
        "containers": [container(input)],
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": names::DATA_VOLUME}},
            {"name": "configuration", "configMap": {"name": names::CONFIGURATION}},
            {"name": "temporary", "emptyDir": {}},
        ],
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
        "startupProbe": probe(READY, 1, 180),
        "readinessProbe": probe(READY, 10, 3),
        "livenessProbe": probe(ALIVE, 20, 6),
        "securityContext": restricted::container(),
        "volumeMounts": [
            {"name": "data", "mountPath": tenant.release.data_directory},
            {"name": "configuration", "mountPath": configuration::DIRECTORY, "readOnly": true},
            {"name": "temporary", "mountPath": "/tmp"},
        ],
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
    json!([
        {"name": "HOME", "value": input.tenant.release.data_directory},
        {"name": "PGHOST", "value": names::database_host(&input.tenant.database_server)},
        {"name": "PGPORT", "value": names::POSTGRESQL_PORT.to_string()},
        secret("PGUSER", "username"),
        secret("PGPASSWORD", "password"),
    ])
}
