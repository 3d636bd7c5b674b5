//! What is there when all is done. However a run was disturbed, this is the same.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::{Api, ResourceExt as _};
use tenantry_tests::{Browser, TestPartner, condition, gone, query, until};

const PATIENCE: Duration = Duration::from_mins(3);
const KINDS: [(&str, &str, &str); 7] = [
    ("", "ServiceAccount", "serviceaccounts"),
    ("", "Secret", "secrets"),
    ("", "ConfigMap", "configmaps"),
    ("", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("", "Service", "services"),
    ("apps", "Deployment", "deployments"),
    ("networking.k8s.io", "Ingress", "ingresses"),
];

/// A tenant that serves, as far as every such tenant is the same.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EndState {
    objects: BTreeSet<String>,
    conditions: BTreeSet<String>,
    steps: BTreeSet<String>,
}

impl EndState {
    /// Waits until the tenant serves and every condition says so, and looks. Its one database is
    /// the one that its status names.
    pub(crate) async fn of(partner: &TestPartner, tenant: &str) -> Result<Self> {
        partner.serving(tenant).await?;
        for kind in ["WorkloadReady", "Routed"] {
            let is_true = condition(kind, "True");
            until(&partner.tenants(), tenant, PATIENCE, is_true).await?;
        }
        let served = partner.tenants().get(tenant).await?;
        let status = served.status.context("no status")?;
        let id = status.tenant_id.context("no tenantId")?;
        let comment = format!("%\"tenantId\":\"{id}\"%");
        let select = format!(
            "SELECT count(*) FROM pg_database WHERE datname = 't_{id}' \
             AND shobj_description(oid, 'pg_database') LIKE '{comment}'"
        );
        let databases = query("postgres", &select).await?;
        ensure!(databases == "1", "{databases} databases of {tenant}");
        page(partner, tenant).await?;
        Ok(Self {
            objects: objects(partner, tenant).await?,
            conditions: status
                .conditions
                .iter()
                .map(|c| format!("{}={} {}", c.type_, c.status, c.reason))
                .collect(),
            steps: status
                .provisioning
                .iter()
                .map(|step| format!("{} {}", step.step, step.end_time.is_some()))
                .collect(),
        })
    }
}

/// The login page is there, seen from outside.
pub(crate) async fn page(partner: &TestPartner, tenant: &str) -> Result<()> {
    let begin = Instant::now();
    loop {
        let hostname = partner.hostname(tenant);
        let answer = Browser::new(&partner.environment, &hostname)
            .get("/web/login")
            .await;
        if answer
            .as_ref()
            .is_ok_and(tenantry_tests::Answer::is_login_page)
        {
            return Ok(());
        }
        ensure!(begin.elapsed() < PATIENCE, "{tenant} shows no login page");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn objects(partner: &TestPartner, tenant: &str) -> Result<BTreeSet<String>> {
    let ours = ListParams::default().labels("app.kubernetes.io/managed-by=tenantry");
    let mut found = BTreeSet::new();
    for (group, kind, plural) in KINDS {
        let gvk = GroupVersionKind::gvk(group, "v1", kind);
        let resource = ApiResource::from_gvk_with_plural(&gvk, plural);
        let api: Api<DynamicObject> = Api::namespaced_with(
            partner.environment.kube.clone(),
            &partner.tenant_namespace(tenant),
            &resource,
        );
        for object in api.list(&ours).await? {
            found.insert(format!("{kind} {}", object.name_any()));
        }
    }
    Ok(found)
}

/// Waits until nothing is left of a tenant that was deleted with its data.
pub(crate) async fn nothing_left(partner: &TestPartner, tenant: &str, id: &str) -> Result<()> {
    until(&partner.tenants(), tenant, PATIENCE, gone).await?;
    let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
    until(
        &namespaces,
        &partner.tenant_namespace(tenant),
        PATIENCE,
        gone,
    )
    .await?;
    let select = format!(
        "SELECT (SELECT count(*) FROM pg_database WHERE datname = 't_{id}') \
              + (SELECT count(*) FROM pg_roles WHERE rolname = 't_{id}')"
    );
    let left = query("postgres", &select).await?;
    ensure!(
        left == "0",
        "{left} databases and roles are left of {tenant}"
    );
    Ok(())
}
