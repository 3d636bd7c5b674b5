//! A tenant that does not run: its hostnames lead to the parking page, its workload is stopped,
//! and all that it has is kept until it is purged.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::DynamicObject;
use kube::runtime::controller::Action;
use tenantry_crd::{Tenant, TenantStatus};
use tenantry_domain::{ConditionType, Life, RunState, TenantId, TenantKey, ValidTenant};
use tenantry_render::tenant as render;
use tenantry_render::{Kind, names};

use super::findings::Finding;
use super::plan::Outcome;
use crate::context::Context;
use crate::error::Result;
use crate::run::LOOK_AGAIN;

/// Leads the hostnames to the parking page, and stops what runs. Data is not touched, and nothing
/// is asked of the database: a tenant can be stopped while its server is away.
pub(super) async fn park(
    tenant: &ValidTenant,
    id: &TenantId,
    life: Life,
    context: &Context,
) -> Result<Outcome> {
    let input = render::Input {
        tenant,
        id,
        settings: &context.settings,
    };
    let children = &context.world.children;
    let cluster = &context.cluster;
    cluster
        .ensure(children, &[render::parked_ingress(&input)])
        .await?;
    // Only now: a hostname without any Ingress would be answered by whatever takes all hostnames.
    withdraw(&tenant.key, &[Kind::Ingress], context).await?;
    if life == Life::Suspended {
        if workload(&tenant.key, context).is_some() {
            cluster
                .ensure(children, &[render::stopped_workload(&input)])
                .await?;
        }
    } else {
        withdraw(&tenant.key, &[Kind::Service, Kind::Deployment], context).await?;
    }
    context.prober.forget(&tenant.key);
    let stopped = workload(&tenant.key, context).is_none_or(|workload| is_stopped(&workload));
    Ok(Outcome::Parked { stopped })
}

/// Removes the workload and the route of a tenant that is deleted and whose spec cannot be
/// rendered. Undeleted, it has them again.
pub(super) async fn withdraw_deleted(tenant: &Tenant, context: &Context) -> Result<()> {
    let Ok(key) = tenant.key() else {
        return Ok(());
    };
    if tenant.run_state() == RunState::Deleted {
        let kinds = [Kind::Ingress, Kind::Service, Kind::Deployment];
        withdraw(&key, &kinds, context).await?;
        context.prober.forget(&key);
    }
    Ok(())
}

/// Deletes the tenant's objects of these kinds that are known. One that a cache does not know yet
/// brings us back when it does.
async fn withdraw(tenant: &TenantKey, kinds: &[Kind], context: &Context) -> Result<()> {
    let namespace = Some(tenant.namespace());
    let namespace = namespace.as_deref();
    for kind in kinds {
        let known = context.world.children.get(*kind, namespace, names::ODOO);
        if known.is_some_and(|object| object.metadata.deletion_timestamp.is_none()) {
            context
                .cluster
                .delete(*kind, namespace, names::ODOO)
                .await?;
        }
    }
    Ok(())
}

fn workload(tenant: &TenantKey, context: &Context) -> Option<std::sync::Arc<DynamicObject>> {
    let children = &context.world.children;
    children.get(Kind::Deployment, Some(&tenant.namespace()), names::ODOO)
}

fn is_stopped(deployment: &DynamicObject) -> bool {
    let status = &deployment.data["status"];
    deployment.data["spec"]["replicas"].as_i64() == Some(0)
        && status["observedGeneration"].as_i64() == deployment.metadata.generation
        && status["replicas"].as_i64().unwrap_or_default() == 0
}

/// Removes the object of a tenant whose time is over. Its finalizer then removes the rest.
pub(super) async fn purge(tenant: &Tenant, context: &Context) -> Result<Action> {
    context.cluster.remove(tenant).await?;
    Ok(Action::await_change())
}

/// Notes in the status when the tenant was deleted and is purged.
pub(super) fn note(status: &mut TenantStatus, life: Life) {
    (status.delete_time, status.purge_time) = match life {
        Life::Running | Life::Suspended => (None, None),
        Life::Deleted { since, purge_time } => (Some(Time(since)), Some(Time(purge_time))),
        // What was noted is what made it expire.
        Life::Expired => return,
    };
}

/// When to look at the tenant again if nothing happens: at its end, or as everything else.
pub(super) fn look_again(life: Life, now: Timestamp) -> Action {
    let left = match life {
        Life::Deleted { purge_time, .. } => purge_time.duration_since(now),
        _ => return Action::requeue(LOOK_AGAIN),
    };
    let left = Duration::try_from(left).unwrap_or_default();
    Action::requeue(left.min(LOOK_AGAIN))
}

/// What is true of a parked tenant. Its database is not looked at, and keeps what was found last.
pub(super) fn findings(status: &TenantStatus, stopped: bool) -> [Finding; 4] {
    let (reason, message) = match &status.purge_time {
        Some(Time(time)) => (
            "Deleted",
            format!("deleted; purged at {time}, until then runState: Running brings it back"),
        ),
        None => (
            "Suspended",
            "suspended; all it has is kept, runState: Running brings it back".to_owned(),
        ),
    };
    let (workload, summary) = if stopped {
        ("nothing of it runs", (reason, message))
    } else {
        let ending = "its pod is ending";
        (ending, ("Stopping", ending.to_owned()))
    };
    let parked = "its hostnames lead to the parking page";
    let not = |kind, reason, message: &str| Finding::new(kind, false, reason, message);
    [
        not(ConditionType::WorkloadReady, summary.0, workload),
        not(ConditionType::Routed, reason, parked),
        not(ConditionType::Serving, reason, parked),
        not(ConditionType::Ready, summary.0, &summary.1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn deleted() -> Life {
        Life::Deleted {
            since: at(100),
            purge_time: at(160),
        }
    }

    #[test]
    fn what_was_noted_of_a_deletion_goes_when_it_is_undone() {
        let mut status = TenantStatus::default();
        note(&mut status, deleted());
        assert_eq!(status.purge_time, Some(Time(at(160))));
        note(&mut status, Life::Expired);
        assert_eq!(status.purge_time, Some(Time(at(160))));
        note(&mut status, Life::Running);
        assert_eq!(status, TenantStatus::default());
    }

    #[test]
    fn a_field_without_a_value_is_written_as_null_so_that_a_patch_removes_it() {
        let written = serde_json::to_value(TenantStatus::default()).unwrap();
        assert_eq!(written["deleteTime"], json!(null));
        assert!(written.as_object().unwrap().contains_key("deleteTime"));
        assert!(written.as_object().unwrap().contains_key("purgeTime"));
    }

    #[test]
    fn a_deleted_tenant_is_looked_at_when_its_time_is_over_and_not_before() {
        let minute = Action::requeue(Duration::from_mins(1));
        assert_eq!(look_again(deleted(), at(100)), minute);
        let soon = Action::requeue(Duration::ZERO);
        assert_eq!(look_again(deleted(), at(161)), soon);
        assert_eq!(
            look_again(Life::Suspended, at(0)),
            Action::requeue(LOOK_AGAIN)
        );
    }

    #[test]
    fn a_workload_is_stopped_once_its_controller_has_seen_to_it() {
        let deployment = |generation: i64, replicas: i64, left: i64| -> DynamicObject {
            serde_json::from_value(json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "odoo", "generation": generation},
                "spec": {"replicas": replicas},
                "status": {"observedGeneration": 2, "replicas": left},
            }))
            .unwrap()
        };
        assert!(is_stopped(&deployment(2, 0, 0)));
        assert!(!is_stopped(&deployment(2, 0, 1)));
        assert!(!is_stopped(&deployment(3, 0, 0)));
        assert!(!is_stopped(&deployment(2, 1, 0)));
    }

    #[test]
    fn a_tenant_that_ends_says_so_before_it_is_suspended() {
        let reasons =
            |stopped| findings(&TenantStatus::default(), stopped).map(|finding| finding.reason());
        let ending = ["Stopping", "Suspended", "Suspended", "Stopping"];
        assert_eq!(reasons(false), ending);
        assert_eq!(reasons(true), ["Suspended"; 4]);
    }
}
