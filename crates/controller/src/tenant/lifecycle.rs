//! A tenant that does not run: its hostnames lead to the parking page, its workload is stopped,
//! and all that it has is kept until it is purged.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::runtime::controller::Action;
use tenantry_crd::{Tenant, TenantStatus};
use tenantry_domain::{ConditionType, Life, RunState, TenantId, ValidTenant};

use super::findings::Finding;
use super::plan::Outcome;
use super::stop;
use crate::context::Context;
use crate::error::Result;
use crate::run::LOOK_AGAIN;

/// Leads the hostnames to the parking page, and ends all that runs. Data is not touched, and nothing
/// is asked of the database: a tenant can be stopped while its server is away.
pub(super) async fn park(
    tenant: &ValidTenant,
    id: &TenantId,
    context: &Context,
) -> Result<Outcome> {
    let stopped = stop::park(tenant, id, context).await?;
    // An update that is cut off begins again when the tenant comes back.
    let ended = stop::end_jobs(&tenant.key, context).await?;
    Ok(Outcome::Parked {
        stopped: stopped && ended,
    })
}

/// Removes the workload and the route of a tenant that is not to run and whose spec cannot be
/// rendered, so that there is nothing to show its parking page by. When it is to run and its spec is
/// valid, it has them again.
pub(super) async fn withdraw_refused(tenant: &Tenant, context: &Context) -> Result<()> {
    let Ok(key) = tenant.key() else {
        return Ok(());
    };
    if tenant.run_state() != RunState::Running {
        stop::withdraw(&key, context).await?;
        stop::end_jobs(&key, context).await?;
        context.prober.forget(&key);
    }
    Ok(())
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
pub(super) fn look_again(life: Life, now: Timestamp) -> Duration {
    let left = match life {
        Life::Deleted { purge_time, .. } => purge_time.duration_since(now),
        _ => return LOOK_AGAIN,
    };
    Duration::try_from(left).unwrap_or_default().min(LOOK_AGAIN)
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
        assert_eq!(look_again(deleted(), at(100)), Duration::from_mins(1));
        assert_eq!(look_again(deleted(), at(161)), Duration::ZERO);
        assert_eq!(look_again(Life::Suspended, at(0)), LOOK_AGAIN);
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
