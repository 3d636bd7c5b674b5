//! The floor: what a tenant runs, without Tenantry.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::try_join;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{
    ConfigMap, Namespace, PersistentVolumeClaim, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::Ingress;
use kube::api::{DeleteParams, PostParams};
use kube::core::NamespaceResourceScope;
use kube::{Api, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tenantry_crd::DatabaseServer;
use tenantry_tests::{Environment, TestPartner, gone, until};

use crate::outside::first_login_page;
use crate::sample::FloorSample;

const PATIENCE: Duration = Duration::from_mins(3);
const SERVER: &str = "main";
const PASSWORD: &str = "floorpassword";

/// What a bare Deployment of a tenant needs, taken from a tenant that runs.
pub(crate) struct Floor {
    environment: Environment,
    server: PgPool,
    template: String,
    /// The database of the tenant that it was taken from.
    database: String,
    prefix: String,
    domain: String,
    configuration: Value,
    claim: Value,
    service: Value,
    ingress: Value,
    deployment: Value,
}

impl Floor {
    /// What the tenant `name` runs.
    pub(crate) async fn of(partner: &TestPartner, name: &str, blueprint: &str) -> Result<Self> {
        let status = partner
            .tenants()
            .get(name)
            .await?
            .status
            .context("no status")?;
        Ok(Self {
            environment: partner.environment.clone(),
            server: connect().await?,
            template: template(partner, &status.effective.unwrap_or_default().modules).await?,
            database: status.placement.context("no placement")?.database,
            prefix: format!("floor-{}-{blueprint}", partner.name),
            domain: partner.domain(),
            configuration: bare::<ConfigMap>(partner, name, "odoo-configuration").await?,
            claim: bare::<PersistentVolumeClaim>(partner, name, "odoo-data").await?,
            service: bare::<Service>(partner, name, "odoo").await?,
            ingress: bare::<Ingress>(partner, name, "odoo").await?,
            deployment: bare::<Deployment>(partner, name, "odoo").await?,
        })
    }

    /// Starts, measures and removes one.
    pub(crate) async fn measure(&self, name: &str) -> Result<FloorSample> {
        let namespace = format!("{}-{name}", self.prefix);
        let database = namespace.replace('-', "_");
        let prepared = self.prepare(&namespace, &database).await;
        let sample = match prepared {
            Ok(()) => self.start(&namespace, &database, name).await,
            Err(error) => Err(error),
        };
        let removed = self.remove(&namespace, &database).await;
        let sample = sample?;
        removed?;
        Ok(sample)
    }

    async fn start(&self, namespace: &str, database: &str, name: &str) -> Result<FloorSample> {
        let hostname = format!("floor-{name}.{}", self.domain);
        let begin = Instant::now();
        let (clone, ()) = try_join!(
            self.clone_template(database),
            self.write_support(namespace, database, &hostname),
        )?;
        self.write::<Deployment>(namespace, self.deployment.clone())
            .await?;
        let shown = first_login_page(&self.environment, &hostname).await?;
        Ok(FloorSample {
            seconds: shown.duration_since(begin).as_secs_f64(),
            clone_seconds: clone.as_secs_f64(),
        })
    }

    async fn prepare(&self, namespace: &str, database: &str) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.environment.kube.clone());
        let object = serde_json::from_value(json!({"metadata": {
            "name": namespace,
            "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        }}))?;
        namespaces.create(&PostParams::default(), &object).await?;
        let account = json!({"metadata": {"name": "odoo"}, "automountServiceAccountToken": false});
        self.write::<ServiceAccount>(namespace, account).await?;
        for statement in [
            format!("CREATE ROLE {database} LOGIN PASSWORD '{PASSWORD}'"),
            format!("GRANT {database} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE"),
            format!("GRANT tenantry_objects TO {database}"),
        ] {
            self.run(statement).await?;
        }
        Ok(())
    }

    async fn clone_template(&self, database: &str) -> Result<Duration> {
        let begin = Instant::now();
        let template = &self.template;
        self.run(format!(
            "CREATE DATABASE {database} TEMPLATE {template} OWNER {database}"
        ))
        .await?;
        Ok(begin.elapsed())
    }

    async fn write_support(&self, namespace: &str, database: &str, hostname: &str) -> Result<()> {
        let configuration = self
            .configuration
            .to_string()
            .replace(&self.database, database);
        let secret = json!({
            "metadata": {"name": "odoo-database"},
            "stringData": {"username": database, "password": PASSWORD},
        });
        let mut ingress = self.ingress.clone();
        ingress["spec"]["rules"][0]["host"] = json!(hostname);
        try_join!(
            self.write::<ConfigMap>(namespace, serde_json::from_str(&configuration)?),
            self.write::<Secret>(namespace, secret),
            self.write::<PersistentVolumeClaim>(namespace, self.claim.clone()),
            self.write::<Service>(namespace, self.service.clone()),
            self.write::<Ingress>(namespace, ingress),
        )?;
        Ok(())
    }

    async fn write<K>(&self, namespace: &str, object: Value) -> Result<()>
    where
        K: Resource<Scope = NamespaceResourceScope>
            + Clone
            + Serialize
            + DeserializeOwned
            + std::fmt::Debug,
        K::DynamicType: Default,
    {
        let api: Api<K> = Api::namespaced(self.environment.kube.clone(), namespace);
        let object = serde_json::from_value(object)?;
        api.create(&PostParams::default(), &object).await?;
        Ok(())
    }

    async fn remove(&self, namespace: &str, database: &str) -> Result<()> {
        let namespaces: Api<Namespace> = Api::all(self.environment.kube.clone());
        namespaces
            .delete(namespace, &DeleteParams::default())
            .await?;
        until(&namespaces, namespace, PATIENCE, gone).await?;
        self.run(format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
            .await?;
        self.run(format!("DROP ROLE IF EXISTS {database}")).await
    }

    async fn run(&self, statement: String) -> Result<()> {
        let what = statement.clone();
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&self.server)
            .await
            .with_context(|| what)?;
        Ok(())
    }
}

async fn connect() -> Result<PgPool> {
    let variable = |name: &str| {
        std::env::var(name).with_context(|| format!("{name} is not set: use `cargo xtask bench`"))
    };
    let address = variable("TENANTRY_TEST_POSTGRES")?;
    let (host, port) = address
        .split_once(':')
        .context("TENANTRY_TEST_POSTGRES is host:port")?;
    let options = PgConnectOptions::new()
        .host(host)
        .port(port.parse()?)
        .username(&variable("TENANTRY_TEST_POSTGRES_LOGIN")?)
        .password(&variable("TENANTRY_TEST_POSTGRES_PASSWORD")?)
        .database("postgres");
    Ok(PgPoolOptions::new()
        .max_connections(8)
        .connect_with(options)
        .await?)
}

/// The template that tenants with these modules are cloned from.
async fn template(partner: &TestPartner, modules: &[String]) -> Result<String> {
    let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
    let templates = servers
        .get(SERVER)
        .await?
        .status
        .unwrap_or_default()
        .templates;
    let mut fitting = templates.iter().filter(|template| {
        template.sealed && template.unused_since.is_none() && template.modules == modules
    });
    let found = fitting
        .next()
        .with_context(|| format!("no template for {modules:?}"))?;
    ensure!(
        fitting.next().is_none(),
        "several templates for {modules:?}"
    );
    Ok(format!("tpl_{}", found.name))
}

/// An object of the tenant without all that ties it to the tenant, or to Tenantry.
async fn bare<K>(partner: &TestPartner, tenant: &str, name: &str) -> Result<Value>
where
    K: Resource<Scope = NamespaceResourceScope>
        + Clone
        + DeserializeOwned
        + Serialize
        + std::fmt::Debug,
    K::DynamicType: Default,
{
    let mut object = serde_json::to_value(partner.objects_of::<K>(tenant).get(name).await?)?;
    let annotations = object["metadata"]["annotations"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let annotations: serde_json::Map<_, _> = annotations
        .into_iter()
        .filter(|(key, _)| key.starts_with("projectcontour.io/"))
        .collect();
    object["metadata"] = json!({"name": name, "annotations": annotations});
    object["status"] = Value::Null;
    for field in ["clusterIP", "clusterIPs", "volumeName"] {
        object["spec"]
            .as_object_mut()
            .map(|spec| spec.remove(field));
    }
    if let Some(pod) = object.pointer_mut("/spec/template/metadata") {
        *pod = json!({"labels": {"app.kubernetes.io/name": "odoo"}});
    }
    Ok(object)
}
