//! What is there when all is done. However a run was disturbed, this is the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};
use tenantry_crd::Tenant;
use tenantry_tests::{Browser, TestPartner, condition, false_for, gone, query, until};

use crate::objects::{labelled, name, normalised};
use crate::traces::Traces;

const PATIENCE: Duration = Duration::from_mins(3);
/// How long a tenant whose status says that it is done may still be written to.
const SETTLING: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// More differences than these explain nothing.
const DIFFERENCES_MAX: usize = 20;

/// How an action ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The tenant serves, and every condition says so.
    Serves,
    /// Nothing of it runs, for this reason.
    Parked(&'static str),
    /// Its object is gone, and its data stays.
    Retained,
    /// Nothing is left of it.
    Gone,
}

impl End {
    /// Waits for it.
    pub(crate) async fn reached(self, partner: &TestPartner, tenant: &str) -> Result<()> {
        match self {
            Self::Serves => serves(partner, tenant).await,
            Self::Parked(reason) => {
                for kind in ["WorkloadReady", "Ready"] {
                    let told = false_for(kind, reason);
                    until(&partner.tenants(), tenant, PATIENCE, told).await?;
                }
                Ok(())
            }
            Self::Retained | Self::Gone => until(&partner.tenants(), tenant, PATIENCE, gone).await,
        }
    }
}

async fn serves(partner: &TestPartner, tenant: &str) -> Result<()> {
    partner.serving(tenant).await?;
    settled(partner, tenant).await?;
    for kind in ["WorkloadReady", "Routed", "Serving", "Ready"] {
        let is_true = condition(kind, "True");
        until(&partner.tenants(), tenant, PATIENCE, is_true).await?;
    }
    page(partner, tenant).await
}

/// Waits until the tenant has one pod, which is as its Deployment says, and ready.
pub(crate) async fn settled(partner: &TestPartner, tenant: &str) -> Result<()> {
    let deployments = partner.objects_of::<Deployment>(tenant);
    until(&deployments, "odoo", PATIENCE, |deployment| {
        let generation = deployment.and_then(|deployment| deployment.metadata.generation);
        let status = deployment.and_then(|deployment| deployment.status.as_ref());
        let status = status.ok_or("no status")?;
        let settled = status.observed_generation == generation
            && status.replicas == Some(1)
            && status.updated_replicas == Some(1)
            && status.ready_replicas == Some(1);
        settled.then_some(()).ok_or_else(|| format!("{status:?}"))
    })
    .await
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

/// Everything that there is of a tenant, as far as it is the same for every tenant and in every
/// run: its objects, what its status says, and its databases.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EndState(BTreeMap<String, Value>);

impl EndState {
    /// Waits until an action has ended, and looks.
    pub(crate) async fn of(partner: &TestPartner, tenant: &str, end: End) -> Result<Self> {
        end.reached(partner, tenant).await?;
        let found = Self::now(partner, tenant).await?;
        let databases = found.0.get("databases").and_then(Value::as_array);
        let count = databases.map_or(0, Vec::len);
        ensure!(count == 1, "{tenant} has these databases: {databases:?}");
        Ok(found)
    }

    /// Waits until an action has ended, and all is as it was when this was seen.
    pub(crate) async fn again(&self, partner: &TestPartner, tenant: &str, end: End) -> Result<()> {
        end.reached(partner, tenant).await?;
        let begin = Instant::now();
        loop {
            let differences = self.differences(&Self::now(partner, tenant).await?);
            if differences.is_empty() {
                return Ok(());
            }
            if begin.elapsed() > SETTLING {
                let text = differences.join("\n  ");
                bail!("{tenant} is not as it was without any fault:\n  {text}");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn now(partner: &TestPartner, tenant: &str) -> Result<Self> {
        let traces = Traces::of(partner, tenant).await?;
        let id = traces.id()?;
        let objects = labelled(&partner.environment.kube, id).await?;
        let mut found = normalised(&objects, &traces);
        let databases = databases(id).await?;
        let databases: Vec<_> = databases
            .lines()
            .map(|line| traces.normalise(line))
            .collect();
        found.insert("databases".to_owned(), json!(databases));
        if let Some(tenant) = partner.tenants().get_opt(tenant).await? {
            let told = traces.normalise(&told(&tenant).to_string());
            found.insert("the tenant".to_owned(), serde_json::from_str(&told)?);
        }
        Ok(Self(found))
    }

    /// What is otherwise in `found`.
    fn differences(&self, found: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let names: BTreeSet<_> = self.0.keys().chain(found.0.keys()).collect();
        for name in names {
            compare(name, self.0.get(name), found.0.get(name), &mut differences);
        }
        differences.truncate(DIFFERENCES_MAX);
        differences
    }
}

fn compare(
    place: &str,
    before: Option<&Value>,
    now: Option<&Value>,
    differences: &mut Vec<String>,
) {
    match (before, now) {
        (Some(Value::Object(before)), Some(Value::Object(now))) => {
            let keys: BTreeSet<_> = before.keys().chain(now.keys()).collect();
            for key in keys {
                let place = format!("{place}: {key}");
                compare(&place, before.get(key), now.get(key), differences);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(now))) if before.len() == now.len() => {
            for (index, (before, now)) in before.iter().zip(now).enumerate() {
                let place = format!("{place}: {index}");
                compare(&place, Some(before), Some(now), differences);
            }
        }
        (Some(before), Some(now)) if before == now => {}
        (Some(before), Some(now)) => differences.push(format!("{place}: {before} became {now}")),
        (Some(_), None) => differences.push(format!("{place} is missing")),
        (None, now) => differences.push(format!("{place} is new: {}", json!(now))),
    }
}

/// What is said of a tenant, without times.
fn told(tenant: &Tenant) -> Value {
    let status = tenant.status.clone().unwrap_or_default();
    let conditions: BTreeSet<_> = status
        .conditions
        .iter()
        .map(|c| format!("{}={} {}", c.type_, c.status, c.reason))
        .collect();
    let steps: BTreeSet<_> = status
        .provisioning
        .iter()
        .map(|step| format!("{} {}", step.step, step.end_time.is_some()))
        .collect();
    json!({
        "labels": tenant.metadata.labels,
        "finalizers": tenant.metadata.finalizers,
        "conditions": conditions,
        "steps": steps,
        "url": status.url,
        "release": status.release,
        "placement": status.placement,
        "effective": status.effective,
        "deleted": [status.delete_time.is_some(), status.purge_time.is_some()],
    })
}

/// Every database that is the tenant's by its name or by its comment, one in a line: what may be
/// done with it, the connections of its role, and what its comment says.
async fn databases(id: &str) -> Result<String> {
    let select = format!(
        "SELECT concat_ws(' ', datname, datallowconn, rolconnlimit, rolcanlogin, comment) \
         FROM (SELECT *, shobj_description(oid, 'pg_database') AS comment FROM pg_database) AS d \
         LEFT JOIN pg_roles ON rolname = datname \
         WHERE starts_with(datname, 't_{id}') OR comment LIKE '%\"tenantId\":\"{id}\"%' \
         ORDER BY datname"
    );
    query("postgres", &select).await
}

/// Waits until the tenant with this id, which was deleted with its data, is gone, and looks
/// whether it left anything.
pub(crate) async fn nothing_left(partner: &TestPartner, tenant: &str, id: &str) -> Result<()> {
    End::Gone.reached(partner, tenant).await?;
    let objects = labelled(&partner.environment.kube, id).await?;
    let mut left: Vec<_> = objects.iter().map(name).collect();
    let databases = databases(id).await?;
    left.extend(databases.lines().map(|line| format!("database {line}")));
    let role = format!("SELECT rolname FROM pg_roles WHERE rolname = 't_{id}'");
    let roles = query("postgres", &role).await?;
    left.extend(roles.lines().map(|line| format!("role {line}")));
    ensure!(left.is_empty(), "{tenant} is gone and left {left:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_its_place() {
        let state = |image: &str, more: &str| {
            EndState(BTreeMap::from([
                (
                    "Deployment odoo".to_owned(),
                    json!({"pods": [{"image": image}]}),
                ),
                (more.to_owned(), json!({})),
            ]))
        };
        let before = state("a", "Service old");
        assert_eq!(before.differences(&before), [""; 0]);
        assert_eq!(
            before.differences(&state("b", "Service new")),
            [
                "Deployment odoo: pods: 0: image: \"a\" became \"b\"",
                "Service new is new: {}",
                "Service old is missing",
            ]
        );
    }
}
