//! What a database server has: a namespace, and when it is managed, a PostgreSQL with one volume
//! and one login for us.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tenantry_crd::ManagedDatabase;
use tenantry_crd::labels::{self, APP};
use tenantry_domain::ResourceName;

use crate::endpoint::Endpoint;
use crate::kept::Part;
use crate::names;
use crate::object::{Kind, Labels, Object, Writing, label_map};
use crate::settings::Settings;
use crate::{another, limits, namespace, network, restricted};

const START_SCRIPT: &str = include_str!("start.sh");
const SCRIPT_DIRECTORY: &str = "/etc/tenantry";
const DATA_DIRECTORY: &str = "/var/lib/postgresql";
const RUN_DIRECTORY: &str = "/var/run/postgresql";
const LOGIN_DIRECTORY: &str = "/run/secrets/login";
/// User and group `postgres` of Debian's PostgreSQL image.
const UID: i64 = 101;
const GID: i64 = 103;

/// Labels of all that a database server owns.
pub(crate) fn owner(server: &ResourceName) -> Labels {
    vec![(labels::DATABASE_SERVER, server.to_string())]
}

/// The server's namespace, which comes before all else. Its template Jobs run there too.
#[must_use]
pub fn namespace(server: &ResourceName) -> Object {
    namespace::namespace(&names::database_namespace(server), &owner(server))
}

/// The Secret with our login on a managed server.
#[must_use]
pub fn login_secret(server: &ResourceName, password: &SecretString) -> Object {
    let mut data = json!({"username": names::SERVER_LOGIN});
    data[names::PASSWORD_KEY] = json!(password.expose_secret());
    object(
        server,
        Kind::Secret,
        names::SERVER_LOGIN_SECRET,
        json!({"stringData": data}),
    )
    .writing(Writing::Once)
}

/// What the template Jobs of an external server need, and what keeps them within bounds.
#[must_use]
pub fn external(server: &ResourceName, endpoint: &Endpoint, settings: &Settings) -> Vec<Object> {
    let mut objects = vec![service_account(server)];
    let map = |body| object(server, Kind::ConfigMap, names::DATABASE_AUTHORITIES, body);
    objects.extend(endpoint.config_map().map(map));
    let policies = network::of_external_database_server(server, endpoint, &settings.network);
    objects.extend(baseline(server, policies));
    objects
}

/// Who may reach whom, and how much there may be of everything.
fn baseline(server: &ResourceName, policies: Vec<network::Policy>) -> Vec<Object> {
    let quota = limits::quota_of_database_server();
    let quota = object(server, Kind::ResourceQuota, names::BASELINE, quota);
    let policy = |(name, body)| object(server, Kind::NetworkPolicy, name, body);
    std::iter::once(quota)
        .chain(policies.into_iter().map(policy))
        .collect()
}

fn service_account(server: &ResourceName) -> Object {
    let body = json!({"automountServiceAccountToken": false});
    object(server, Kind::ServiceAccount, names::POSTGRESQL, body)
}

/// Everything else that a managed server has.
#[must_use]
pub fn server(server: &ResourceName, spec: &ManagedDatabase, settings: &Settings) -> Vec<Object> {
    let script = json!({"data": {"start.sh": another::text(START_SCRIPT)}});
    let mut objects = vec![
        service_account(server),
        object(server, Kind::ConfigMap, names::POSTGRESQL, script)
            .keeping(Part::DATA, &purpose(spec, settings)),
        object(
            server,
            Kind::Service,
            names::POSTGRESQL,
            json!({"spec": {
                "selector": {APP: names::POSTGRESQL},
                "ports": [{
                    "name": "postgresql",
                    "port": names::POSTGRESQL_PORT,
                    "targetPort": "postgresql",
                }],
            }}),
        ),
        stateful_set(server, spec, settings),
    ];
    objects.extend(baseline(
        server,
        network::of_database_server(&settings.network),
    ));
    objects
}

fn object(server: &ResourceName, kind: Kind, name: &str, body: Value) -> Object {
    Object::new(
        kind,
        Some(&names::database_namespace(server)),
        name,
        &owner(server),
        body,
    )
}

fn stateful_set(server: &ResourceName, spec: &ManagedDatabase, settings: &Settings) -> Object {
    let mut labels = label_map(&owner(server));
    labels[APP] = json!(names::POSTGRESQL);
    let mut claim = json!({
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": spec.storage}},
    });
    if let Some(class) = &settings.storage_class_name {
        claim["storageClassName"] = json!(class);
    }
    let body = json!({"spec": {
        "replicas": 1,
        "serviceName": names::POSTGRESQL,
        "selector": {"matchLabels": {APP: names::POSTGRESQL}},
        "template": {"metadata": {"labels": labels}, "spec": pod(spec, settings)},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
    }});
    // Another storage class is for servers that come later.
    object(server, Kind::StatefulSet, names::POSTGRESQL, body)
        .keeping(Part::POD, &purpose(spec, settings))
        .keeping(Part::VOLUMES, &json!({"storage": spec.storage}))
}

/// All that the pod and its script are rendered for: what is not in here does not reach a pod that
/// exists. Another value restarts PostgreSQL, and with it every tenant waits.
fn purpose(spec: &ManagedDatabase, settings: &Settings) -> Value {
    json!({
        "image": settings.postgresql_image.as_str(),
        "cpu": spec.cpu,
        "memory": spec.memory,
        "maxConnections": spec.max_connections,
    })
}

fn pod(spec: &ManagedDatabase, settings: &Settings) -> Value {
    json!({
        "serviceAccountName": names::POSTGRESQL,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        // PostgreSQL ends its sessions and writes a checkpoint before it stops.
        "terminationGracePeriodSeconds": 60,
        "securityContext": restricted::pod(UID, GID),
        "containers": [container(spec, settings)],
        "volumes": [
            {"name": "script", "configMap": {"name": names::POSTGRESQL}},
            {"name": "login", "secret": {"secretName": names::SERVER_LOGIN_SECRET}},
            {"name": "run", "emptyDir": {"medium": "Memory"}},
            {"name": "temporary", "emptyDir": {}},
            // Parallel queries share memory here; the default of 64 MiB ends them with an error.
            {"name": "shared-memory", "emptyDir": {"medium": "Memory"}},
        ],
    })
}

fn container(spec: &ManagedDatabase, settings: &Settings) -> Value {
    let ready = json!({"exec": {"command": ["pg_isready", "--quiet", "--host", RUN_DIRECTORY]}});
    let probe = |period: u32, failures: u32| {
        let mut probe = ready.clone();
        probe["periodSeconds"] = json!(period);
        probe["failureThreshold"] = json!(failures);
        probe["timeoutSeconds"] = json!(5);
        probe
    };
    let mut environment = vec![
        json!({"name": "LOGIN_DIRECTORY", "value": LOGIN_DIRECTORY}),
        json!({"name": "DATA_DIRECTORY", "value": DATA_DIRECTORY}),
        json!({"name": "RUN_DIRECTORY", "value": RUN_DIRECTORY}),
        json!({"name": "MAX_CONNECTIONS", "value": spec.max_connections.to_string()}),
    ];
    environment.extend(another::environment());
    json!({
        "name": "postgresql",
        "image": settings.postgresql_image.as_str(),
        "command": ["/bin/sh", format!("{SCRIPT_DIRECTORY}/start.sh")],
        "env": environment,
        "ports": [{"name": "postgresql", "containerPort": names::POSTGRESQL_PORT}],
        "resources": {
            "requests": {"cpu": spec.cpu, "memory": spec.memory},
            "limits": {"memory": spec.memory},
        },
        // Recovery after a crash may take long; it is not to be interrupted.
        "startupProbe": probe(1, 3600),
        "readinessProbe": probe(5, 3),
        "securityContext": restricted::container(),
        "volumeMounts": [
            {"name": "data", "mountPath": DATA_DIRECTORY},
            {"name": "script", "mountPath": SCRIPT_DIRECTORY, "readOnly": true},
            {"name": "login", "mountPath": LOGIN_DIRECTORY, "readOnly": true},
            {"name": "run", "mountPath": RUN_DIRECTORY},
            {"name": "temporary", "mountPath": "/tmp"},
            {"name": "shared-memory", "mountPath": "/dev/shm"},
        ],
    })
}
