//! What is found out about a tenant, as conditions. Pure.

mod seen;

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use tenantry_crd::{Tenant, TenantStatus, find, merge_condition, new_condition};
use tenantry_domain::{ConditionType, Fault, Reason, ResourceName, Retry, ValidTenant, Violation};
use tenantry_probe::{Health, Verdict};
use tenantry_render::Kind;

use super::hostnames::Admitted;
use super::lifecycle;
use super::observe::Loss;
use super::plan::{Outcome, Waiting};
use super::release;
use super::standing::{Route, Standing};
use crate::error::Error;
use crate::placement::Placement;
use crate::servers::Unusable;
use crate::words::settled;

pub(super) use seen::{Seen, of_failed, of_refused, of_removed};

/// How the probe goes on with a tenant that is down.
const ASKED_AGAIN: Retry = Retry::After(Duration::from_secs(1));

/// Why a tenant does not serve that the probe asked long enough.
const LOGIN_PAGE_FAILED: &str = "LoginPageFailed";

/// Why a volume is smaller than its tenant's size says.
pub(super) const VOLUME_NOT_GROWN: &str = "VolumeNotGrown";

/// Why the Secret with the first login is not there any more.
pub(super) const FIRST_LOGIN_LOST: &str = "FirstLoginLost";

/// Why a tenant is ready.
const SERVING: &str = "Serving";

/// One condition to be.
#[derive(Debug, Clone)]
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

    #[cfg(test)]
    pub(super) fn reason(&self) -> &'static str {
        self.reason
    }
}

/// Every condition of a tenant that stands like this after `outcome`.
pub(super) fn of(
    status: &TenantStatus,
    admitted: &Admitted,
    placement: &Placement,
    standing: &Standing,
    outcome: std::result::Result<&Outcome, &Error>,
    verdict: Option<&Verdict>,
) -> Vec<Finding> {
    let valid = &admitted.tenant;
    let [mut accepted, placed] = accepted(valid, placement);
    if !admitted.taken.is_empty() {
        accepted = refused(ConditionType::Accepted, &admitted.taken);
    }
    let mut findings = vec![accepted, placed];
    if let Ok(Outcome::Parked { stopped }) = outcome {
        findings.extend(lifecycle::findings(status, *stopped));
        return findings;
    }
    findings.extend(database(valid, standing, outcome));
    // While its release is changed it serves when its login page is seen.
    let changing = matches!(outcome, Ok(Outcome::Changing(_)));
    let told = find(&status.conditions, ConditionType::Serving).filter(|_| !changing);
    let serving = serving(verdict, told);
    let was_built = find(&status.conditions, ConditionType::WorkloadReady).is_some();
    let failure = outcome.err();
    let writes = failure
        .is_some_and(|error| error.is_about(Kind::Deployment) || error.is_about(Kind::Ingress));
    if changing {
        findings.extend(release_changing(standing, serving.status));
    } else if was_built || writes || matches!(outcome, Ok(Outcome::Applied { .. })) {
        findings.push(workload(standing, failure));
        findings.push(route(standing, failure, serving.status));
    }
    findings.extend(status.release_change.as_ref().map(release::finding));
    let serves = serving.status;
    findings.push(serving);
    findings.extend(volume(status, outcome));
    // Neither keeps a tenant from what it has: that there is no room for a larger size, and that a
    // hostname more is another's.
    let has_size = status.placement.is_some() && matches!(placement, Placement::Refused(_));
    let has_hostname = !admitted.taken.is_empty();
    let harmless = [
        (ConditionType::Placed, has_size),
        (ConditionType::Accepted, has_hostname),
    ];
    let obstacle = obstacle(&findings, &harmless);
    let summary = ready(serves, failure, obstacle);
    findings.push(summary);
    findings
}

/// All that is wrong, under the reason of the first, and for whoever has to mend that.
fn refused(kind: ConditionType, violations: &[Violation]) -> Finding {
    let Some(first) = violations.first() else {
        return Finding::new(kind, false, "Invalid", "the spec is not valid");
    };
    let messages: Vec<_> = violations.iter().map(ToString::to_string).collect();
    let what = messages.join("; ");
    let message = format!("{what} ({}; {})", first.fault(), Violation::RETRY);
    Finding::new(kind, false, first.reason.as_str(), message)
}

const NOT_PUBLISHED: &str = "no Ingress leads to its workload";

fn database(
    valid: &ValidTenant,
    standing: &Standing,
    outcome: std::result::Result<&Outcome, &Error>,
) -> Option<Finding> {
    let server = &valid.database_server;
    let (reason, message) = match outcome {
        // `Placed` says it; a database that is there already is as good as before.
        Ok(Outcome::Waiting(Waiting::Room) | Outcome::Parked { .. } | Outcome::Changing(_)) => {
            return None;
        }
        Ok(Outcome::Waiting(Waiting::DatabaseServer(unusable))) => server_awaited(server, unusable),
        Ok(Outcome::Waiting(Waiting::Template(said))) => (
            "TemplateNotReady",
            format!("waits for its template on DatabaseServer {server}: {said}"),
        ),
        Ok(Outcome::Waiting(Waiting::Lost(loss))) => lost(*loss, server)?,
        Ok(Outcome::Applied { .. }) => return Some(database_ready(standing)),
        Err(error @ Error::Database(_)) => (error.category(), error.message()),
        Err(_) => return None,
    };
    let kind = ConditionType::DatabaseReady;
    Some(Finding::new(kind, false, reason, message))
}

fn database_ready(standing: &Standing) -> Finding {
    let said = "it has its identity and its role may connect";
    let (reason, message) = if standing.first_login_is_gone {
        let lost = "the Secret odoo-administrator with its first login is gone; it is not made \
                    again, because its password would log nobody in";
        (FIRST_LOGIN_LOST, format!("{said}; {lost}"))
    } else {
        ("Cloned", said.to_owned())
    };
    Finding::new(ConditionType::DatabaseReady, true, reason, message)
}

/// Whether its volume has all of its size, where that was ever refused.
fn volume(
    status: &TenantStatus,
    outcome: std::result::Result<&Outcome, &Error>,
) -> Option<Finding> {
    let Ok(Outcome::Applied { volume_refused, .. }) = outcome else {
        return None;
    };
    let kind = ConditionType::VolumeGrown;
    match volume_refused {
        Some(why) => Some(Finding::new(kind, false, VOLUME_NOT_GROWN, why)),
        None => find(&status.conditions, kind).map(|_| {
            Finding::new(
                kind,
                true,
                "VolumeAsAsked",
                "its volume is as its size says",
            )
        }),
    }
}

/// Nothing of this is made anew. The volume is told of with the workload.
fn lost(loss: Loss, server: &ResourceName) -> Option<(&'static str, String)> {
    let (reason, what) = match loss {
        Loss::Database => (
            "DatabaseLost",
            format!(
                "its database is not on DatabaseServer {server} any more: restore it there under \
                 its name; it is never made anew"
            ),
        ),
        Loss::Role => (
            "RoleLost",
            format!(
                "the role that owned its database is not on DatabaseServer {server} any more: \
                 restore it there with what it owned; it is never made anew"
            ),
        ),
        Loss::Access => (
            "AccessWithheld",
            format!(
                "its role may not log in or connect to its database on DatabaseServer {server}: \
                 whoever took that away gives it back with LOGIN, CONNECT or ALLOW_CONNECTIONS"
            ),
        ),
        Loss::Volume => return None,
    };
    let message = format!("{what} ({}; {})", Fault::Platform, Retry::Backoff);
    Some((reason, message))
}

fn workload(standing: &Standing, failure: Option<&Error>) -> Finding {
    let kind = ConditionType::WorkloadReady;
    let refused = failure.filter(|error| error.is_about(Kind::Deployment));
    match (&standing.trouble, refused) {
        (None, _) => Finding::new(kind, true, "PodReady", "its pod is ready"),
        (Some(_), Some(error)) => Finding::new(kind, false, error.category(), error.message()),
        (Some(trouble), None) => Finding::new(kind, false, trouble.reason, trouble.message()),
    }
}

/// While its release is changed nothing is said of its pods, and its hostnames lead to the parking
/// page until it is started.
fn release_changing(standing: &Standing, serves: bool) -> [Finding; 2] {
    let not = |kind, message: &str| Finding::new(kind, false, "ReleaseChanging", message);
    let route = match standing.route {
        Route::Absent => not(
            ConditionType::Routed,
            "its hostnames lead to the parking page",
        ),
        _ => route(standing, None, serves),
    };
    let workload = "its release is being changed";
    [not(ConditionType::WorkloadReady, workload), route]
}

/// Whether the hostname leads to a ready pod. A login page that came is proof enough.
fn route(standing: &Standing, failure: Option<&Error>, serves: bool) -> Finding {
    let kind = ConditionType::Routed;
    let refused = failure.filter(|error| error.is_about(Kind::Ingress));
    match (&standing.route, &standing.trouble, refused) {
        (_, _, Some(error)) => Finding::new(kind, false, error.category(), error.message()),
        (Route::Absent, ..) => Finding::new(kind, false, "NotPublished", NOT_PUBLISHED),
        (Route::ClassMissing(class), ..) if !serves => Finding::new(
            kind,
            false,
            "IngressClassMissing",
            format!(
                "there is no IngressClass {class}, so no ingress controller takes its Ingress \
                 ({}; {})",
                Fault::Platform,
                Retry::OnChange
            ),
        ),
        (_, None, _) => Finding::new(kind, true, "Published", "the Ingress leads to a ready pod"),
        (_, Some(trouble), _) => {
            let message = "the Ingress leads to a pod that is not ready";
            Finding::new(kind, false, trouble.reason, message)
        }
    }
}

/// What the probe begins with: what was `told` of the login page by whoever was there before us.
pub(super) fn known_health(told: Option<&Condition>) -> Health {
    match told {
        Some(told) if told.status == "True" => Health::Serving,
        Some(told) if told.reason == LOGIN_PAGE_FAILED => Health::Down,
        _ => Health::Awaited,
    }
}

/// Whether the login page comes. What was `told` of it before stands until the probe has asked.
fn serving(verdict: Option<&Verdict>, told: Option<&Condition>) -> Finding {
    let kind = ConditionType::Serving;
    let health = verdict.map(|verdict| verdict.health);
    let detail = verdict.map_or("", |verdict| &verdict.detail);
    let not = |reason, message: &str| Finding::new(kind, false, reason, message);
    match (health, known_health(told), told) {
        (Some(Health::Serving), ..) | (None | Some(Health::Awaited), Health::Serving, _) => {
            let said = "the hostname answers with the login page";
            Finding::new(kind, true, "LoginPageAnswered", said)
        }
        (Some(Health::Down), ..) if !detail.is_empty() => {
            let detail = settled(detail);
            let message = format!("{detail} ({}; {ASKED_AGAIN})", Fault::Platform);
            not(LOGIN_PAGE_FAILED, &message)
        }
        (_, Health::Down, Some(told)) => not(LOGIN_PAGE_FAILED, &told.message),
        _ => not("NotServedYet", "the login page has not been seen yet"),
    }
}

/// The first thing that is in the way, and is not `harmless`.
fn obstacle<'a>(
    findings: &'a [Finding],
    harmless: &[(ConditionType, bool)],
) -> Option<&'a Finding> {
    let mut wrong = findings.iter().filter(|finding| !finding.status);
    wrong.find(|finding| !harmless.contains(&(finding.kind, true)))
}

/// The summary: serving, or what is in the way.
fn ready(serves: bool, failure: Option<&Error>, obstacle: Option<&Finding>) -> Finding {
    let kind = ConditionType::Ready;
    match (serves, failure, obstacle) {
        (true, Some(error), _) if !error.is_conflict() => {
            let message = format!(
                "users can log in, but it cannot be kept as its spec says: {}",
                error.message()
            );
            Finding::new(kind, true, SERVING, message)
        }
        (true, ..) => Finding::new(kind, true, SERVING, "users can log in"),
        (false, Some(error), _) => Finding::new(kind, false, error.category(), error.message()),
        (false, None, Some(obstacle)) => {
            Finding::new(kind, false, obstacle.reason, obstacle.message.clone())
        }
        (false, None, None) => Finding::new(kind, false, "NotServedYet", "not asked yet"),
    }
}

/// What is true of every valid spec.
pub(super) fn accepted(valid: &ValidTenant, placement: &Placement) -> [Finding; 2] {
    [
        Finding::new(
            ConditionType::Accepted,
            true,
            "Accepted",
            "the spec is valid",
        ),
        placed(valid, placement),
    ]
}

fn placed(valid: &ValidTenant, placement: &Placement) -> Finding {
    let kind = ConditionType::Placed;
    let server = &valid.database_server;
    match placement {
        Placement::Granted(_) => {
            let place = format!("in namespace {}", valid.key.namespace());
            Finding::new(kind, true, "Placed", place)
        }
        Placement::Unknown(unusable) => {
            let (reason, message) = server_awaited(server, unusable);
            Finding::new(kind, false, reason, message)
        }
        Placement::Refused(full) => {
            let (fault, retry) = (Fault::Platform, Retry::OnChange);
            let message = format!("no room on DatabaseServer {server}: {full} ({fault}; {retry})");
            Finding::new(kind, false, "DatabaseServerFull", message)
        }
    }
}

fn server_awaited(server: &ResourceName, unusable: &Unusable) -> (&'static str, String) {
    let message = format!("waits for DatabaseServer {server}, which is not ready: {unusable}");
    (unusable.reason(), message)
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
mod tests;
