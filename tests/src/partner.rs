//! A partner of a test's own, which leaves nothing behind.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use futures::{FutureExt as _, future};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod, Secret};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use tenantry_crd::{Partner, Tenant, labels};
use tokio::time::{Instant, sleep};

use crate::browser::Browser;
use crate::diagnosis;
use crate::environment::Environment;
use crate::watch::{condition, delete_abandoned, delete_unused, gone, until};

/// How long a tenant may take on a busy machine. A template that has to be made first counts, too.
const SERVING: Duration = Duration::from_mins(6);
/// How long what a tenant's object says may take that has no pod started.
const SETTLING: Duration = Duration::from_mins(2);
const REMOVAL: Duration = Duration::from_mins(4);
const RETRY: Duration = Duration::from_millis(250);
const LOGIN: &str = "/web/login";

/// A partner of a test's own.
#[derive(Clone)]
pub struct TestPartner {
    /// The cluster that it is in.
    pub environment: Environment,
    /// Its name.
    pub name: String,
}

/// Runs `test` with a partner of its own, and removes that with all of its tenants. When the test
/// fails, what the cluster says about them is part of the error.
///
/// # Errors
/// Those of the test, and what stood in the way of the removal.
pub async fn with_partner(test: impl AsyncFnOnce(&TestPartner) -> Result<()>) -> Result<()> {
    let partner = TestPartner::create(Environment::load().await?).await?;
    let outcome = AssertUnwindSafe(test(&partner)).catch_unwind().await;
    let diagnosis = match outcome {
        Ok(Ok(())) => String::new(),
        _ => diagnosis::of(&partner).await,
    };
    let removed = partner.remove().await;
    match outcome {
        Ok(Ok(())) => removed.context("the test passed, but cannot be cleaned up"),
        Ok(Err(error)) => Err(anyhow!("{error:#}\n{diagnosis}")),
        Err(panic) => {
            diagnosis::tell(&diagnosis);
            resume_unwind(panic)
        }
    }
}

/// Content when a Deployment has its one pod, of what it says now, and that is ready.
fn rolled_out(deployment: Option<&Deployment>) -> Result<(), String> {
    let deployment = deployment.ok_or("absent")?;
    let status = deployment.status.as_ref();
    let is_done = status.is_some_and(|status| {
        status.observed_generation == deployment.metadata.generation
            && [
                status.replicas,
                status.updated_replicas,
                status.ready_replicas,
            ] == [Some(1); 3]
    });
    is_done.then_some(()).ok_or_else(|| format!("{status:?}"))
}

pub(crate) fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = jiff::Timestamp::now().as_millisecond() % (1 << 36);
    format!("t{now:x}-{}-{next}", std::process::id() % 0xffff)
}

impl TestPartner {
    /// A new partner whose namespace is ready for tenants.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn create(environment: Environment) -> Result<Self> {
        let partner = Self {
            name: unique_name(),
            environment,
        };
        let kube = &partner.environment.kube;
        let name = &partner.name;
        let namespace = serde_json::from_value(json!({
            "metadata": {"name": partner.namespace(), "labels": {
                (labels::MANAGED_BY): labels::MANAGED_BY_VALUE,
                (labels::PARTNER): name,
            }},
        }))?;
        let object = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Partner",
            "metadata": {"name": name},
            "spec": {
                "displayName": format!("Test {name}"),
                "domains": [partner.domain()],
                "brand": {"productName": "Test ERP", "primaryColor": "#112233"},
            },
        }))?;
        let create = PostParams::default();
        Api::<Namespace>::all(kube.clone())
            .create(&create, &namespace)
            .await?;
        Api::<Partner>::all(kube.clone())
            .create(&create, &object)
            .await?;
        Ok(partner)
    }

    /// The namespace of its tenants' specs.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("partner-{}", self.name)
    }

    /// Its domain.
    #[must_use]
    pub fn domain(&self) -> String {
        format!("{}.localhost", self.name)
    }

    /// The hostname of its tenant `name`.
    #[must_use]
    pub fn hostname(&self, name: &str) -> String {
        format!("{name}.{}", self.domain())
    }

    /// The namespace of the workload of its tenant `name`.
    #[must_use]
    pub fn tenant_namespace(&self, name: &str) -> String {
        format!("tenant-{}--{name}", self.name)
    }

    /// Its tenants.
    #[must_use]
    pub fn tenants(&self) -> Api<Tenant> {
        self.objects()
    }

    /// The objects of a kind in its namespace.
    #[must_use]
    pub fn objects<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.environment.kube.clone(), &self.namespace())
    }

    /// The objects of a kind in the namespace of its tenant `name`.
    #[must_use]
    pub fn objects_of<K>(&self, name: &str) -> Api<K>
    where
        K: kube::Resource<Scope = kube::core::NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.environment.kube.clone(), &self.tenant_namespace(name))
    }

    /// A manifest of a tenant that says as little as possible, and that all of it may go.
    #[must_use]
    pub fn manifest(&self, name: &str) -> serde_json::Value {
        json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Tenant",
            "metadata": {"name": name, "namespace": self.namespace()},
            "spec": {
                "displayName": format!("Tenant {name}"),
                "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "base",
                "hostnames": [self.hostname(name)],
                "administrator": {"email": format!("owner@{name}.example")},
                "deletion": {"policy": "Delete"},
            },
        })
    }

    /// Creates the tenant `name`.
    ///
    /// # Errors
    /// The API server refuses it.
    pub async fn create_tenant(&self, name: &str) -> Result<Tenant> {
        let tenant = serde_json::from_value(self.manifest(name))?;
        Ok(self
            .tenants()
            .create(&PostParams::default(), &tenant)
            .await?)
    }

    /// Waits until the tenant `name` serves, and it is told how long that took.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn serving(&self, name: &str) -> Result<Tenant> {
        let serves = condition("Serving", "True");
        until(&self.tenants(), name, SERVING, |tenant| {
            serves(tenant)?;
            let told = tenant.filter(|tenant| {
                let status = tenant.status.as_ref();
                status.is_some_and(|status| status.provisioned_in.is_some())
            });
            told.cloned()
                .ok_or_else(|| "not told since when".to_owned())
        })
        .await
    }

    /// Waits until the controller has made the tenant `name` what its object says now, and says so.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn settled(&self, name: &str) -> Result<()> {
        until(&self.tenants(), name, SETTLING, condition("Ready", "True")).await?;
        Ok(())
    }

    /// A tenant that serves.
    ///
    /// # Errors
    /// It could not be created, or does not serve in time.
    pub async fn serving_tenant(&self, name: &str) -> Result<Tenant> {
        self.create_tenant(name).await?;
        self.serving(name).await
    }

    /// Waits until the tenant `name` runs as its Deployment says now, and its login page comes. What
    /// its status says may be from before a restart.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn runs(&self, name: &str) -> Result<()> {
        let deployments = self.objects_of::<Deployment>(name);
        until(&deployments, "odoo", SERVING, rolled_out).await?;
        let mut browser = Browser::new(&self.environment, &self.hostname(name));
        let deadline = Instant::now() + SETTLING;
        loop {
            // There is nothing to watch at an ingress.
            let seen = match browser.get(LOGIN).await {
                Ok(page) if page.is_login_page() => return Ok(()),
                Ok(page) => format!("{}: {}", page.status, page.body),
                Err(error) => format!("{error:#}"),
            };
            ensure!(Instant::now() < deadline, "{LOGIN} of {name}: {seen}");
            sleep(RETRY).await;
        }
    }

    /// One value of a Secret of the tenant `name`.
    ///
    /// # Errors
    /// There is no such Secret or value.
    pub async fn secret(&self, name: &str, secret: &str, key: &str) -> Result<String> {
        let secret: Secret = self.objects_of(name).get(secret).await?;
        let data = secret.data.unwrap_or_default();
        let value = data.get(key).with_context(|| format!("no key {key}"))?;
        Ok(String::from_utf8(value.0.clone())?)
    }

    /// The Odoo pods of the tenant `name`, by their uids, and how often their containers restarted.
    ///
    /// # Errors
    /// They cannot be asked for.
    pub async fn pods_of(&self, name: &str) -> Result<BTreeMap<String, i32>> {
        let odoo = ListParams::default().labels("app.kubernetes.io/name=odoo");
        let pods = self.objects_of::<Pod>(name).list(&odoo).await?;
        let restarts = |pod: &Pod| {
            let status = pod.status.as_ref();
            let containers = status.and_then(|status| status.container_statuses.as_ref());
            containers
                .into_iter()
                .flatten()
                .map(|one| one.restart_count)
                .sum()
        };
        Ok(pods
            .iter()
            .map(|pod| (pod.uid().unwrap_or_default(), restarts(pod)))
            .collect())
    }

    /// Deletes the tenant `name` and waits until it is gone.
    ///
    /// # Errors
    /// It is still there after four minutes.
    pub async fn delete_tenant(&self, name: &str) -> Result<()> {
        let tenants = self.tenants();
        tenants.delete(name, &DeleteParams::default()).await?;
        until(&tenants, name, REMOVAL, gone).await
    }

    /// Removes the partner and all that its tenants had.
    ///
    /// # Errors
    /// Something does not go.
    pub async fn remove(&self) -> Result<()> {
        let all = self.tenants().list(&ListParams::default()).await?;
        future::try_join_all(all.iter().map(|tenant| self.erase(tenant))).await?;
        let kube = &self.environment.kube;
        let partners: Api<Partner> = Api::all(kube.clone());
        delete_unused(&partners, &self.name, REMOVAL).await?;
        let namespaces: Api<Namespace> = Api::all(kube.clone());
        delete_abandoned(&namespaces, &self.namespace()).await
    }

    async fn erase(&self, tenant: &Tenant) -> Result<()> {
        let name = tenant.name_any();
        if tenant.metadata.deletion_timestamp.is_none() {
            let everything = json!({"spec": {"deletion": {"policy": "Delete"}}});
            self.tenants()
                .patch(&name, &PatchParams::default(), &Patch::Merge(everything))
                .await?;
        }
        self.delete_tenant(&name).await
    }
}
