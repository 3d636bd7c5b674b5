//! The Job that makes a template database with Odoo's own initialisation.

use std::collections::BTreeSet;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_domain::{ReleaseFacts, ResourceName, ValidTenant};

use crate::endpoint::Endpoint;
use crate::object::{Kind, Labels, Object, Writing, label_map, short_hash};
use crate::{database_server, names, restricted};

const SCRIPT_DIRECTORY: &str = "/etc/tenantry";
/// How often the Job may fail before the template is told to have failed.
const RETRIES: u32 = 0;
const DEADLINE_SECONDS: u32 = 3600;
/// How long a Job that failed stays, for its log. Then it is made again.
pub const KEPT: Duration = Duration::from_mins(10);

/// What a template is made for. Tenants that agree in all of it are cloned from the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Whose Odoo makes it.
    pub release: ReleaseFacts,
    /// Modules, beside `base` and `web`.
    pub modules: BTreeSet<String>,
    /// Odoo language code.
    pub language: Option<String>,
    /// ISO 3166 country code.
    pub country: Option<String>,
}

impl Template {
    /// What `tenant` is cloned from.
    #[must_use]
    pub fn of(tenant: &ValidTenant) -> Self {
        Self {
            release: tenant.release.clone(),
            modules: tenant.modules.clone(),
            language: tenant.language.clone(),
            country: tenant.country.clone(),
        }
    }

    /// Tells templates apart: the same for all that is made the same way, by the same recipe.
    #[must_use]
    pub fn key(&self, recipe: &str) -> String {
        let made_for = json!([
            self.release.image.as_str(),
            self.modules,
            self.language,
            self.country,
            recipe
        ]);
        short_hash(&made_for.to_string())
    }

    /// Modules that Odoo is told to install.
    #[must_use]
    pub fn installed(&self) -> BTreeSet<String> {
        let mut modules = self.modules.clone();
        modules.extend(["base".to_owned(), "web".to_owned()]);
        modules
    }
}

/// What the Job is given.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Where the template is made.
    pub server: &'a ResourceName,
    /// Where that is reached.
    pub endpoint: &'a Endpoint,
    /// What it is made for.
    pub template: &'a Template,
    /// The program that makes it.
    pub recipe: &'a str,
    /// The unfinished database, and the role of that name which may connect to it.
    pub database: &'a str,
}

/// Name of the Job, ConfigMap and Secret of the template with this [key](Template::key).
#[must_use]
pub fn job_name(key: &str) -> String {
    format!("template-{key}")
}

/// Labels of all that a template's Job needs.
fn owner(server: &ResourceName, key: &str) -> Labels {
    let mut owner = database_server::owner(server);
    owner.push((labels::TEMPLATE, key.to_owned()));
    owner
}

/// The Secret with the password of the role that makes the template with this
/// [key](Template::key).
#[must_use]
pub fn secret(server: &ResourceName, key: &str, password: &SecretString) -> Object {
    let namespace = names::database_namespace(server);
    let mut data = json!({});
    data[names::PASSWORD_KEY] = json!(password.expose_secret());
    Object::new(
        Kind::Secret,
        Some(&namespace),
        &job_name(key),
        &owner(server, key),
        json!({"stringData": data}),
    )
    .writing(Writing::Once)
}

/// The Job, and the program that it runs. Its [Secret](secret) comes before it.
#[must_use]
pub fn job(input: &Input<'_>) -> Vec<Object> {
    let key = input.template.key(input.recipe);
    let name = job_name(&key);
    let namespace = names::database_namespace(input.server);
    let owner = owner(input.server, &key);
    let object = |kind, body| Object::new(kind, Some(&namespace), &name, &owner, body);
    vec![
        object(Kind::ConfigMap, json!({"data": {"build.py": input.recipe}})),
        object(
            Kind::Job,
            json!({"spec": {
                "backoffLimit": RETRIES,
                "activeDeadlineSeconds": DEADLINE_SECONDS,
                "ttlSecondsAfterFinished": KEPT.as_secs(),
                "template": {
                    "metadata": {"labels": label_map(&owner)},
                    "spec": pod(input, &name),
                },
            }}),
        )
        .writing(Writing::Once),
    ]
}

fn pod(input: &Input<'_>, name: &str) -> Value {
    let release = &input.template.release;
    let mut mounts = vec![
        json!({"name": "script", "mountPath": SCRIPT_DIRECTORY, "readOnly": true}),
        json!({"name": "data", "mountPath": release.data_directory}),
        json!({"name": "temporary", "mountPath": "/tmp"}),
    ];
    mounts.extend(input.endpoint.mount());
    let mut volumes = vec![
        json!({"name": "script", "configMap": {"name": name}}),
        json!({"name": "data", "emptyDir": {}}),
        json!({"name": "temporary", "emptyDir": {}}),
    ];
    volumes.extend(input.endpoint.volume());
    json!({
        "restartPolicy": "Never",
        "serviceAccountName": names::POSTGRESQL,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "securityContext": restricted::pod(release.uid, release.gid),
        "containers": [{
            "name": "odoo",
            "image": release.image.as_str(),
            "command": ["python3", format!("{SCRIPT_DIRECTORY}/build.py")],
            "env": environment(input, name),
            "resources": {
                "requests": {"cpu": "100m", "memory": "512Mi"},
                "limits": {"memory": "2Gi"},
            },
            "securityContext": restricted::container(),
            // The end of its log can be read without the right to read logs.
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "volumeMounts": mounts,
        }],
        "volumes": volumes,
    })
}

fn environment(input: &Input<'_>, secret: &str) -> Value {
    let template = input.template;
    let installed: Vec<_> = template.installed().into_iter().collect();
    let value = |name: &str, value: &str| json!({"name": name, "value": value});
    let mut variables = vec![value("HOME", &template.release.data_directory)];
    variables.extend(input.endpoint.environment());
    variables.extend([
        value("PGUSER", input.database),
        json!({"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {
            "name": secret, "key": "password",
        }}}),
        value("PGDATABASE", input.database),
        value("TENANTRY_DATA_DIR", &template.release.data_directory),
        value("TENANTRY_MODULES", &installed.join(",")),
        value(
            "TENANTRY_LANGUAGE",
            template.language.as_deref().unwrap_or_default(),
        ),
        value(
            "TENANTRY_COUNTRY",
            template.country.as_deref().unwrap_or_default(),
        ),
    ]);
    json!(variables)
}
