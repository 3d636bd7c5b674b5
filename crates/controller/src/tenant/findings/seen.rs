//! What is told of a tenant while nothing is done by its spec: it is refused, or an error keeps us
//! from looking at all of it, or it is being removed. Pure.

use tenantry_crd::{TenantStatus, find, holds};
use tenantry_domain::{ConditionType, Violation};
use tenantry_probe::Verdict;

use super::{Finding, NOT_PUBLISHED, obstacle, ready, refused, route, serving, workload};
use crate::error::Error;
use crate::tenant::standing::{Route, Standing};

/// What is seen of it all the same.
pub(in crate::tenant) struct Seen {
    pub(in crate::tenant) standing: Standing,
    /// Whether it is asked for its login page: it was built and is published.
    pub(in crate::tenant) asked: bool,
    /// What the probe says.
    pub(in crate::tenant) verdict: Option<Verdict>,
}

impl Seen {
    /// Whether it serves, and what was told of it and is told as it is now.
    fn findings(&self, status: &TenantStatus) -> (bool, Vec<Finding>) {
        let serving = self.serving(status);
        let before = holds(&status.conditions, ConditionType::Serving);
        let serves = serving.as_ref().map_or(before, |serving| serving.status);
        let workload = self.workload(status);
        let route = self.route(status, serves);
        let findings = [workload, route, serving].into_iter().flatten().collect();
        (serves, findings)
    }

    fn is_published(&self) -> bool {
        self.standing.route != Route::Absent
    }

    fn serving(&self, status: &TenantStatus) -> Option<Finding> {
        if self.asked {
            let told = find(&status.conditions, ConditionType::Serving);
            return Some(serving(self.verdict.as_ref(), told));
        }
        self.unpublished(status, ConditionType::Serving)
    }

    fn route(&self, status: &TenantStatus, serves: bool) -> Option<Finding> {
        if self.is_published() {
            let told = find(&status.conditions, ConditionType::Routed);
            return told.map(|_| route(&self.standing, None, serves));
        }
        self.unpublished(status, ConditionType::Routed)
    }

    fn unpublished(&self, status: &TenantStatus, kind: ConditionType) -> Option<Finding> {
        let was_told = holds(&status.conditions, kind);
        (was_told && !self.is_published())
            .then(|| Finding::new(kind, false, "NotPublished", NOT_PUBLISHED))
    }

    fn workload(&self, status: &TenantStatus) -> Option<Finding> {
        let kind = ConditionType::WorkloadReady;
        let told = find(&status.conditions, kind)?;
        if self.standing.has_workload {
            return Some(workload(&self.standing, None));
        }
        // Of one that is parked or being changed it is told already.
        let withdrawn =
            "its Deployment is not there; it is made again once its spec can be followed";
        (told.status == "True" || self.is_published())
            .then(|| Finding::new(kind, false, "Withdrawn", withdrawn))
    }
}

/// What changes for a tenant whose spec is refused.
pub(in crate::tenant) fn of_refused(
    status: &TenantStatus,
    violations: &[Violation],
    seen: Option<&Seen>,
) -> Vec<Finding> {
    let mut findings = vec![refused(ConditionType::Accepted, violations)];
    let Some(seen) = seen else {
        findings.push(refused(ConditionType::Ready, violations));
        return findings;
    };
    let (serves, told) = seen.findings(status);
    // One that was built goes on with what it has.
    findings.push(if seen.asked {
        ready(serves, None, obstacle(&told, &[]))
    } else {
        refused(ConditionType::Ready, violations)
    });
    findings.extend(told);
    findings
}

/// What changes for a tenant that an error kept us from looking at. Without anything `seen`, what
/// served before serves on.
pub(in crate::tenant) fn of_failed(
    status: &TenantStatus,
    error: &Error,
    seen: Option<&Seen>,
) -> Vec<Finding> {
    let before = holds(&status.conditions, ConditionType::Serving);
    let seen = seen.map(|seen| seen.findings(status));
    let (serves, mut findings) = seen.unwrap_or((before, Vec::new()));
    findings.push(ready(serves, Some(error), None));
    findings
}

/// What changes when a tenant is being removed: nothing that ran is to be counted on.
pub(in crate::tenant) fn of_removed(
    status: &TenantStatus,
    reason: &'static str,
    summary: &'static str,
    message: &str,
) -> Vec<Finding> {
    let removed = "it is being removed";
    let mut findings: Vec<_> = [
        ConditionType::WorkloadReady,
        ConditionType::Routed,
        ConditionType::Serving,
    ]
    .into_iter()
    .filter(|kind| holds(&status.conditions, *kind))
    .map(|kind| Finding::new(kind, false, "Deleting", removed))
    .collect();
    findings.push(Finding::new(ConditionType::Deleting, true, reason, message));
    findings.push(Finding::new(ConditionType::Ready, false, summary, message));
    findings
}
