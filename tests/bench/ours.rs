//! A tenant as Tenantry makes it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;
use tenantry_crd::{StepStatus, Tenant};
use tenantry_tests::{TestPartner, audit, gone, until};

use crate::outside::first_login_page;
use crate::sample::{Ours, Step};

const PATIENCE: Duration = Duration::from_mins(5);
/// What still belongs to a provisioning after it was told to be done.
const AFTERMATH: Duration = Duration::from_secs(5);

/// Creates the tenant `name`.
pub(crate) async fn create(partner: &TestPartner, name: &str, blueprint: &str) -> Result<String> {
    let mut manifest = partner.manifest(name);
    manifest["spec"]["blueprint"] = json!(blueprint);
    let tenant: Tenant = serde_json::from_value(manifest)?;
    partner
        .tenants()
        .create(&PostParams::default(), &tenant)
        .await?;
    Ok(name.to_owned())
}

/// Waits until the status tells how long the tenant took.
pub(crate) async fn until_told(partner: &TestPartner, name: &str) -> Result<Tenant> {
    until(&partner.tenants(), name, PATIENCE, |tenant| {
        let status = tenant.and_then(|tenant| tenant.status.as_ref());
        let told = status.is_some_and(|status| status.provisioned_in.is_some());
        told.then_some(()).ok_or_else(|| format!("{status:?}"))
    })
    .await?;
    Ok(partner.tenants().get(name).await?)
}

/// Creates, measures and removes one tenant.
pub(crate) async fn measure(partner: &TestPartner, name: &str, blueprint: &str) -> Result<Ours> {
    let log = audit::Log::from_now()?;
    create(partner, name, blueprint).await?;
    let begin = Instant::now();
    let shown = first_login_page(&partner.environment, &partner.hostname(name)).await?;
    let tenant = until_told(partner, name).await?;
    tokio::time::sleep(AFTERMATH).await;
    let requests = log.requests()?;
    partner.delete_tenant(name).await?;
    let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
    until(&namespaces, &partner.tenant_namespace(name), PATIENCE, gone).await?;

    let status = tenant.status.context("no status")?;
    let told = status.provisioned_in.context("no time is told")?;
    let steps = steps(&status.provisioning);
    Ok(Ours {
        seconds: shown.duration_since(begin).as_secs_f64(),
        told_seconds: told.trim_end_matches('s').parse()?,
        critical_path: critical_path(&steps),
        steps,
        requests: requests.len(),
        writes: requests.iter().filter(|request| request.is_write()).count(),
        requests_by_kind: audit::count(&requests),
    })
}

fn steps(told: &[StepStatus]) -> Vec<Step> {
    let begin = told.iter().map(|step| step.start_time.0).min();
    let since =
        |time: jiff::Timestamp| begin.map_or(0.0, |begin| time.duration_since(begin).as_secs_f64());
    let mut steps: Vec<_> = told
        .iter()
        .map(|step| Step {
            name: step.step.clone(),
            start_seconds: since(step.start_time.0),
            end_seconds: since(step.end_time.as_ref().unwrap_or(&step.start_time).0),
        })
        .collect();
    steps.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
    steps
}

/// The chain of steps that the end waited for: each is the one that ended last before the next began.
fn critical_path(steps: &[Step]) -> Vec<Step> {
    let by_end = |a: &&Step, b: &&Step| a.end_seconds.total_cmp(&b.end_seconds);
    let mut path: Vec<Step> = steps.iter().max_by(by_end).cloned().into_iter().collect();
    while let Some(next) = path.last() {
        let earlier = steps.iter().filter(|step| {
            step.end_seconds <= next.start_seconds && step.start_seconds < next.start_seconds
        });
        let Some(before) = earlier.max_by(by_end) else {
            break;
        };
        path.push(before.clone());
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_path_leaves_out_what_nobody_waited_for() {
        let step = |name: &str, start_seconds, end_seconds| Step {
            name: name.to_owned(),
            start_seconds,
            end_seconds,
        };
        let steps = [
            step("Accept", 0.0, 0.1),
            step("Objects", 0.1, 0.3),
            step("Database", 0.1, 0.5),
            step("Workload", 0.5, 3.5),
            step("Serve", 3.5, 4.0),
        ];
        let names: Vec<_> = critical_path(&steps)
            .into_iter()
            .map(|step| step.name)
            .collect();
        assert_eq!(names, ["Accept", "Database", "Workload", "Serve"]);
    }
}
