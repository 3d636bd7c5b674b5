//! What is found out about a tenant, as conditions. Pure.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tenantry_crd::{Tenant, TenantStatus, holds, merge_condition, new_condition};
use tenantry_domain::{ConditionType, Reason, ValidTenant};
use tenantry_probe::{Health, Verdict};

use super::plan::{Outcome, Waiting};
use crate::error::Error;

/// One condition to be.
pub(super) struct Finding {
    kind: ConditionType,
    status: bool,
    reason: &'static str,
    message: String,
}

impl Finding {
    pub(super) fn new(
        kind: ConditionType,
        status: bool,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            status,
            reason,
            message: message.into(),
        }
    }
}

/// Every condition of a tenant after `outcome`.
pub(super) fn of(
    status: &TenantStatus,
    valid: &ValidTenant,
    outcome: std::result::Result<&Outcome, &Error>,
    verdict: Option<&Verdict>,
) -> Vec<Finding> {
    let mut findings = Vec::from(accepted(valid));
    match outcome {
        Ok(Outcome::Waiting(waiting)) => findings.push(awaited(waiting, valid)),
        Ok(Outcome::Applied {
            workload_ready,
            published,
            ..
        }) => {
            findings.push(Finding::new(
                ConditionType::DatabaseReady,
                true,
                "Cloned",
                "it has its identity and its role may connect",
            ));
            findings.extend(workload(*workload_ready, *published));
        }
        Err(error @ Error::Database(_)) => findings.push(Finding::new(
            ConditionType::DatabaseReady,
            holds(&status.conditions, ConditionType::DatabaseReady),
            error.category(),
            error.chain(),
        )),
        Err(_) => (),
    }
    findings.push(serving(
        verdict,
        holds(&status.conditions, ConditionType::Serving),
    ));
    findings.push(ready(&findings, outcome.err()));
    findings
}

fn awaited(waiting: &Waiting, valid: &ValidTenant) -> Finding {
    let server = &valid.database_server;
    match waiting {
        Waiting::DatabaseServer => Finding::new(
            ConditionType::DatabaseReady,
            false,
            "DatabaseServerNotReady",
            format!("DatabaseServer {server} does not exist or is not ready; it goes on by itself"),
        ),
        Waiting::LostDatabase => Finding::new(
            ConditionType::DatabaseReady,
            false,
            "DatabaseLost",
            format!(
                "its database is not on DatabaseServer {server} any more: \
                 restore it there under its name; it is never made anew"
            ),
        ),
        Waiting::Template(message) => Finding::new(
            ConditionType::DatabaseReady,
            false,
            "TemplateNotReady",
            format!("waits for its template on DatabaseServer {server}: {message}"),
        ),
    }
}

fn workload(ready: bool, published: bool) -> [Finding; 2] {
    let starting = "its pod has not passed its readiness probe";
    [
        if ready {
            Finding::new(
                ConditionType::WorkloadReady,
                true,
                "PodReady",
                "its pod is ready",
            )
        } else {
            Finding::new(ConditionType::WorkloadReady, false, "PodStarting", starting)
        },
        match (published, ready) {
            (true, true) => Finding::new(
                ConditionType::Routed,
                true,
                "Published",
                "the Ingress leads to a ready pod",
            ),
            (true, false) => Finding::new(ConditionType::Routed, false, "PodStarting", starting),
            (false, _) => Finding::new(
                ConditionType::Routed,
                false,
                "NotPublished",
                "there is no Ingress",
            ),
        },
    ]
}

fn serving(verdict: Option<&Verdict>, before: bool) -> Finding {
    let kind = ConditionType::Serving;
    match verdict {
        Some(Verdict {
            health: Health::Serving,
            ..
        }) => Finding::new(
            kind,
            true,
            "LoginPageAnswered",
            "the hostname answers with the login page",
        ),
        Some(Verdict {
            health: Health::Down,
            detail,
            ..
        }) => Finding::new(kind, false, "LoginPageFailed", detail.clone()),
        _ if before => Finding::new(
            kind,
            true,
            "NotAskedYet",
            "it served when it was last asked",
        ),
        _ => Finding::new(
            kind,
            false,
            "NotServedYet",
            "the login page has not been seen yet",
        ),
    }
}

/// The summary: serving, or the first thing that is in the way.
fn ready(findings: &[Finding], failure: Option<&Error>) -> Finding {
    let kind = ConditionType::Ready;
    let serving = findings
        .iter()
        .any(|finding| finding.kind == ConditionType::Serving && finding.status);
    let obstacle = findings.iter().find(|finding| !finding.status);
    match (serving, failure, obstacle) {
        (true, ..) => Finding::new(kind, true, "Serving", "users can log in"),
        (false, Some(error), _) => Finding::new(kind, false, error.category(), error.chain()),
        (false, None, Some(obstacle)) => {
            Finding::new(kind, false, obstacle.reason, obstacle.message.clone())
        }
        (false, None, None) => Finding::new(kind, false, "NotServedYet", "not asked yet"),
    }
}

/// What is true of every valid spec.
pub(super) fn accepted(valid: &ValidTenant) -> [Finding; 2] {
    let place = format!("in namespace {}", valid.key.namespace());
    [
        Finding::new(
            ConditionType::Accepted,
            true,
            "Accepted",
            "the spec is valid",
        ),
        Finding::new(ConditionType::Placed, true, "Placed", place),
    ]
}

/// Puts the findings into the status.
pub(super) fn write(
    status: &mut TenantStatus,
    tenant: &Tenant,
    findings: impl IntoIterator<Item = Finding>,
    now: Timestamp,
) {
    for finding in findings {
        let condition = new_condition(
            finding.kind,
            finding.status,
            &Reason::new(finding.reason),
            finding.message,
            tenant.metadata.generation,
            Time(now),
        );
        merge_condition(&mut status.conditions, condition);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(health: Health) -> Verdict {
        Verdict {
            health,
            since: Timestamp::UNIX_EPOCH,
            detail: "answered 503".to_owned(),
        }
    }

    #[test]
    fn a_tenant_that_served_keeps_serving_until_the_probe_says_otherwise() {
        assert!(serving(None, true).status);
        assert!(!serving(None, false).status);
        assert!(serving(Some(&verdict(Health::Awaited)), true).status);
        let down = serving(Some(&verdict(Health::Down)), true);
        assert!(!down.status);
        assert_eq!(down.message, "answered 503");
    }

    #[test]
    fn ready_names_the_first_obstacle() {
        let fine = Finding::new(ConditionType::Accepted, true, "Accepted", "");
        let obstacle = Finding::new(ConditionType::WorkloadReady, false, "PodStarting", "soon");
        let later = Finding::new(ConditionType::Serving, false, "NotServedYet", "");
        let summary = ready(&[fine, obstacle, later], None);
        assert_eq!((summary.status, summary.reason), (false, "PodStarting"));
        let serving = Finding::new(ConditionType::Serving, true, "LoginPageAnswered", "");
        assert!(ready(&[serving], Some(&Error::Invalid("x".into()))).status);
    }
}
