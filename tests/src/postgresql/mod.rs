//! A PostgreSQL that Tenantry does not run: in a namespace of a test's own, with TLS and nothing
//! but TLS.

mod hardship;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::FutureExt as _;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_crd::{Blueprint, DatabaseServer};

use crate::certificate::Authority;
use crate::environment::Environment;
use crate::kubectl::kubectl;
use crate::partner::unique_name;
use crate::sql::query_in;
use crate::watch::{delete_abandoned, delete_unused, until};

const PATIENCE: Duration = Duration::from_mins(2);
/// Where Tenantry reads what people write for it.
const CONTROL_NAMESPACE: &str = "tenantry-system";
/// The managed server whose image is used.
const MANAGED_NAMESPACE: &str = "database-main";
const PASSWORD: &str = "F0reignServersGeneratedSecret0042";

/// The roles that a test may log in as, and what each may do.
const ROLES: [(&str, &str); 4] = [
    ("tenantry", "CREATEDB CREATEROLE"),
    ("mighty", "SUPERUSER"),
    ("without_createdb", "CREATEROLE"),
    ("without_createrole", "CREATEDB"),
];

const START: &str = r#"set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin)
"$bin/initdb" --pgdata=/data/main --username=postgres --encoding=UTF8 \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 \
    --auth-local=trust --auth-host=reject --waldir=/log/main
echo "local all postgres trust" > /data/main/pg_hba.conf
echo "hostssl all all all scram-sha-256" >> /data/main/pg_hba.conf
running=yes
trap 'running=; kill -INT $!' TERM
while [ -n "$running" ]; do
    if [ -e /data/stopped ]; then
        sleep 1
        continue
    fi
    "$bin/postgres" -D /data/main \
        -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql \
        -c max_connections=200 \
        -c ssl=on -c ssl_cert_file=/tls/tls.crt -c ssl_key_file=/tls/tls.key &
    wait || true
done
"#;

/// A PostgreSQL that Tenantry does not run, and the name that a `DatabaseServer` for it has.
pub struct Postgresql {
    /// The cluster that it is in.
    pub environment: Environment,
    /// Name of its namespace, of the `DatabaseServer`, and of all that is written for that.
    pub name: String,
    /// Who signed its certificate.
    pub authority: Authority,
}

/// Runs `test` with a PostgreSQL of its own, and removes that with all that Tenantry has for it.
///
/// # Errors
/// Those of the test, and what stood in the way of the removal.
pub async fn with_postgresql(test: impl AsyncFnOnce(&Postgresql) -> Result<()>) -> Result<()> {
    let server = Postgresql {
        environment: Environment::load().await?,
        name: unique_name(),
        authority: Authority::new()?,
    };
    let outcome = AssertUnwindSafe(async {
        server.start().await?;
        test(&server).await
    })
    .catch_unwind()
    .await;
    let removed = server.remove().await;
    match outcome {
        Ok(Ok(())) => removed.context("the test passed, but cannot be cleaned up"),
        Ok(failed) => failed,
        Err(panic) => resume_unwind(panic),
    }
}

impl Postgresql {
    /// The name that its certificate is for.
    #[must_use]
    pub fn host(&self) -> String {
        format!("postgresql.{}.svc", self.name)
    }

    /// Its `DatabaseServer`, verified by its authority, as a manifest.
    #[must_use]
    pub fn manifest(&self) -> Value {
        json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "DatabaseServer",
            "metadata": {"name": self.name},
            "spec": {"external": {
                "host": self.host(),
                "credentialsSecretName": self.name,
                "tls": {"mode": "VerifyFull", "caConfigMapName": self.name},
            }},
        })
    }

    /// Writes the login as `user` where Tenantry reads it.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn write_login(&self, user: &str, password: &str) -> Result<()> {
        let secret = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": self.name},
            "stringData": {"username": user, "password": password},
        });
        let secrets: Api<Secret> = self.control();
        secrets
            .patch(&self.name, &written_by_a_test(), &Patch::Apply(secret))
            .await?;
        Ok(())
    }

    /// Writes the login that has the rights that Tenantry needs, and no more.
    ///
    /// # Errors
    /// As [`Self::write_login`].
    pub async fn write_good_login(&self) -> Result<()> {
        self.write_login(ROLES[0].0, PASSWORD).await
    }

    /// The password of every role.
    #[must_use]
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// Writes the certificate to verify the server's with where Tenantry reads it.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn write_authority(&self, authority: &Authority) -> Result<()> {
        let map = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self.name},
            "data": {"ca.crt": authority.certificate()},
        });
        let maps: Api<ConfigMap> = self.control();
        maps.patch(&self.name, &written_by_a_test(), &Patch::Apply(map))
            .await?;
        Ok(())
    }

    /// Creates the `DatabaseServer` that `manifest` says.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn create(&self, manifest: Value) -> Result<()> {
        let server = serde_json::from_value(manifest)?;
        self.servers()
            .create(&PostParams::default(), &server)
            .await?;
        Ok(())
    }

    /// Creates it with all that it needs: a login with the right rights, and its authority.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn register(&self, manifest: Value) -> Result<()> {
        self.write_good_login().await?;
        self.write_authority(&self.authority).await?;
        self.create(manifest).await
    }

    /// Changes the `DatabaseServer`.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn patch(&self, change: Value) -> Result<()> {
        let change = Patch::Merge(change);
        self.servers()
            .patch(&self.name, &PatchParams::default(), &change)
            .await?;
        Ok(())
    }

    /// Creates a blueprint like `base` whose tenants live on this server. It has its name.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn create_blueprint(&self) -> Result<()> {
        let blueprints: Api<Blueprint> = Api::all(self.environment.kube.clone());
        let mut spec = blueprints.get("base").await?.spec;
        spec.database_server.clone_from(&self.name);
        let blueprint = Blueprint::new(&self.name, spec);
        blueprints
            .create(&PostParams::default(), &blueprint)
            .await?;
        Ok(())
    }

    /// Waits until the condition `Ready` has this status and reason.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn told(&self, status: &str, reason: &str) -> Result<()> {
        until(&self.servers(), &self.name, PATIENCE, |server| {
            let server: &DatabaseServer = server.ok_or("absent")?;
            let conditions = server.status.as_ref().map(|status| &status.conditions[..]);
            let ready = conditions.unwrap_or_default().first();
            ready
                .filter(|ready| ready.status == status && ready.reason == reason)
                .map(drop)
                .ok_or_else(|| format!("not {status} for {reason}: {ready:?}"))
        })
        .await
    }

    /// All `DatabaseServers`.
    #[must_use]
    pub fn servers(&self) -> Api<DatabaseServer> {
        Api::all(self.environment.kube.clone())
    }

    /// What `statement` returns in `database`, asked as its superuser.
    ///
    /// # Errors
    /// The server refuses it.
    pub async fn query(&self, database: &str, statement: &str) -> Result<String> {
        query_in(&self.name, database, statement).await
    }

    fn control<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.environment.kube.clone(), CONTROL_NAMESPACE)
    }

    async fn start(&self) -> Result<()> {
        let kube = self.environment.kube.clone();
        let sets: Api<StatefulSet> = Api::namespaced(kube.clone(), MANAGED_NAMESPACE);
        let managed = serde_json::to_value(sets.get("postgresql").await?)?;
        let image = &managed["spec"]["template"]["spec"]["containers"][0]["image"];
        let objects = json!({
            "apiVersion": "v1",
            "kind": "List",
            "items": self.objects(image)?,
        });
        kubectl(&["create", "--filename=-"], &objects.to_string())
            .await?
            .text()?;
        let sets: Api<StatefulSet> = Api::namespaced(kube, &self.name);
        until(
            &sets,
            "postgresql",
            PATIENCE,
            |set: Option<&StatefulSet>| {
                let status = set.and_then(|set| set.status.as_ref());
                (status.and_then(|status| status.ready_replicas) == Some(1))
                    .then_some(())
                    .ok_or_else(|| format!("{status:?}"))
            },
        )
        .await?;
        for (role, rights) in ROLES {
            let create = format!("CREATE ROLE {role} LOGIN {rights} PASSWORD '{PASSWORD}'");
            self.query("postgres", &create).await?;
        }
        Ok(())
    }

    fn objects(&self, image: &Value) -> Result<Value> {
        let identity = self.authority.certify(&self.host())?;
        let object = |kind: &str, name: &str, body: Value| {
            let mut object = body;
            object["apiVersion"] = json!(if kind == "StatefulSet" {
                "apps/v1"
            } else {
                "v1"
            });
            object["kind"] = json!(kind);
            object["metadata"] = json!({"name": name, "namespace": self.name});
            object
        };
        let labels = json!({"app": "postgresql"});
        let volume = |name: &str| json!({"name": name, "emptyDir": {}});
        Ok(json!([
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}},
            object("ConfigMap", "start", json!({"data": {"start.sh": START}})),
            object("Secret", "tls", json!({"stringData": {
                "tls.crt": identity.certificate,
                "tls.key": identity.key,
            }})),
            object("Service", "postgresql", json!({"spec": {
                "selector": labels,
                "ports": [{"port": 5432}],
                // A probe that a busy machine is too slow for must not take the server away.
                "publishNotReadyAddresses": true,
            }})),
            object("StatefulSet", "postgresql", json!({"spec": {
                "serviceName": "postgresql",
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {
                    "automountServiceAccountToken": false,
                    // The user and group of the image; a key that others can read is refused.
                    "securityContext": {"runAsUser": 101, "runAsGroup": 103, "fsGroup": 103},
                    "containers": [{
                        "name": "postgresql",
                        "image": image,
                        "command": ["/bin/sh", "/start/start.sh"],
                        "readinessProbe": {
                            "exec": {"command": [
                                "pg_isready", "--quiet", "--host", "/var/run/postgresql",
                            ]},
                            "periodSeconds": 1,
                            "timeoutSeconds": 5,
                        },
                        // A pod that asks for nothing hardly runs while others are busy.
                        "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}},
                        "volumeMounts": [
                            {"name": "start", "mountPath": "/start"},
                            {"name": "tls", "mountPath": "/tls"},
                            {"name": "data", "mountPath": "/data"},
                            {"name": "log", "mountPath": "/log"},
                            {"name": "run", "mountPath": "/var/run/postgresql"},
                        ],
                    }],
                    "volumes": [
                        {"name": "start", "configMap": {"name": "start"}},
                        {"name": "tls", "secret": {"secretName": "tls", "defaultMode": 0o440}},
                        // Memory, so that its disk can be full without this machine's being it.
                        {"name": "data", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}},
                        // Its log is elsewhere: without room for that, PostgreSQL ends.
                        volume("log"),
                        volume("run"),
                    ],
                }},
            }})),
        ]))
    }

    /// Removes all that there is; a test may have failed before it was there.
    async fn remove(&self) -> Result<()> {
        let kube = &self.environment.kube;
        let name = &self.name;
        let blueprints: Api<Blueprint> = Api::all(kube.clone());
        let namespaces: Api<Namespace> = Api::all(kube.clone());
        delete_unused(&blueprints, name, PATIENCE).await?;
        delete_unused(&self.servers(), name, PATIENCE).await?;
        delete_unused::<Secret>(&self.control(), name, PATIENCE).await?;
        delete_unused::<ConfigMap>(&self.control(), name, PATIENCE).await?;
        delete_abandoned(&namespaces, &format!("database-{name}")).await?;
        delete_unused(&namespaces, name, PATIENCE).await
    }
}

fn written_by_a_test() -> PatchParams {
    PatchParams::apply("tenantry-tests").force()
}
