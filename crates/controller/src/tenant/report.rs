//! What a tenant's status says. One patch for each reconcile, and none when nothing changed.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use kube::{Resource as _, ResourceExt as _};
use tenantry_crd::{Tenant, TenantStatus, merge_condition, new_condition};
use tenantry_domain::{ConditionType, Reason, Step, ValidTenant, Violation};
use tenantry_probe::{Health, Verdict};

use super::identify::{self, Identity};
use super::plan::{Outcome, Waiting};
use super::{apply, timeline};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::LOOK_AGAIN;

/// One condition to be.
struct Finding {
    kind: ConditionType,
    status: bool,
    reason: &'static str,
    message: String,
}

impl Finding {
    fn new(
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

/// Says why a spec is refused. What the tenant has already is left alone.
pub(super) async fn refuse(
    tenant: &Arc<Tenant>,
    context: &Context,
    violations: &[Violation],
) -> Result<Action> {
    let reason = violations
        .first()
        .map_or("Invalid", |violation| violation.reason.as_str());
    let message = violations
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    let mut findings = vec![Finding::new(
        ConditionType::Accepted,
        false,
        reason,
        message.clone(),
    )];
    let mut status = tenant.status.clone().unwrap_or_default();
    if status.provisioned_in.is_none() {
        findings.push(Finding::new(ConditionType::Ready, false, reason, message));
    }
    write(&mut status, tenant, findings, Timestamp::now());
    let version = tenant.resource_version().unwrap_or_default();
    publish(tenant, &version, tenant.status.as_ref(), &status, context).await?;
    Ok(Action::requeue(LOOK_AGAIN))
}

/// Says how the tenant stands after `outcome`.
pub(super) async fn report(
    tenant: &Tenant,
    valid: &ValidTenant,
    identity: &Identity,
    outcome: std::result::Result<&Outcome, &Error>,
    context: &Context,
) -> Result<()> {
    let was_serving = is_true(&identity.status, ConditionType::Serving);
    if matches!(outcome, Ok(Outcome::Applied { .. })) {
        apply::watch(context, valid, was_serving);
    }
    let verdict = context.prober.verdict(&valid.key);
    let mut status = identity.status.clone();
    identify::decided(&mut status, valid, context, &identity.id);
    let now = Timestamp::now();
    if status.provisioned_in.is_none() {
        advance(&mut status, outcome, verdict.as_ref(), now);
    }
    let findings = findings(&status, valid, outcome, verdict.as_ref());
    write(&mut status, tenant, findings, now);
    publish(
        tenant,
        &identity.version,
        Some(&identity.status),
        &status,
        context,
    )
    .await
}

/// Moves the provisioning's timeline on.
fn advance(
    status: &mut TenantStatus,
    outcome: std::result::Result<&Outcome, &Error>,
    verdict: Option<&Verdict>,
    now: Timestamp,
) {
    let steps = &mut status.provisioning;
    match outcome {
        Ok(Outcome::Waiting(Waiting::Template(_))) => {
            timeline::end(steps, Step::Accept, now);
            timeline::begin(steps, Step::Template, now);
        }
        Ok(Outcome::Applied {
            database,
            objects,
            workload_ready,
            ..
        }) => {
            timeline::end(steps, Step::Accept, objects.start);
            timeline::end(steps, Step::Template, objects.start);
            timeline::begin(steps, Step::Objects, objects.start);
            timeline::end(steps, Step::Objects, objects.end);
            if let Some(database) = database {
                timeline::begin(steps, Step::Database, database.start);
                timeline::end(steps, Step::Database, database.end);
            }
            let built = [Step::Objects, Step::Database]
                .into_iter()
                .filter_map(|step| timeline::ended(steps, step))
                .max();
            timeline::begin(steps, Step::Workload, built.unwrap_or(now));
            let served = verdict.filter(|verdict| verdict.health == Health::Serving);
            if *workload_ready || served.is_some() {
                let ready = served.map_or(now, |served| served.since.min(now));
                timeline::end(steps, Step::Workload, ready);
                let ready = timeline::ended(steps, Step::Workload).unwrap_or(now);
                timeline::begin(steps, Step::Serve, ready);
            }
            if let Some(served) = served {
                timeline::end(steps, Step::Serve, served.since);
                let started = timeline::started(steps, Step::Accept).unwrap_or(served.since);
                let seconds = served.since.duration_since(started).as_secs_f64();
                status.provisioned_in = Some(format!("{seconds:.3}s"));
            }
        }
        _ => (),
    }
}

fn findings(
    status: &TenantStatus,
    valid: &ValidTenant,
    outcome: std::result::Result<&Outcome, &Error>,
    verdict: Option<&Verdict>,
) -> Vec<Finding> {
    let mut findings = vec![
        Finding::new(
            ConditionType::Accepted,
            true,
            "Accepted",
            "the spec is valid",
        ),
        Finding::new(
            ConditionType::Placed,
            true,
            "Placed",
            format!("in namespace {}", valid.key.namespace()),
        ),
    ];
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
            is_true(status, ConditionType::DatabaseReady),
            error.category(),
            error.chain(),
        )),
        Err(_) => (),
    }
    findings.push(serving(verdict, is_true(status, ConditionType::Serving)));
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

fn write(status: &mut TenantStatus, tenant: &Tenant, findings: Vec<Finding>, now: Timestamp) {
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

pub(super) fn is_true(status: &TenantStatus, kind: ConditionType) -> bool {
    status
        .conditions
        .iter()
        .any(|condition| condition.type_ == kind.as_str() && condition.status == "True")
}

/// Writes the status if it changed, and tells of what people want to hear of.
async fn publish(
    tenant: &Tenant,
    version: &str,
    before: Option<&TenantStatus>,
    status: &TenantStatus,
    context: &Context,
) -> Result<()> {
    if before == Some(status) {
        return Ok(());
    }
    context.cluster.report(tenant, version, status).await?;
    let before = before.cloned().unwrap_or_default();
    let about = tenant.object_ref(&());
    if let (None, Some(time)) = (&before.provisioned_in, &status.provisioned_in) {
        let url = status.url.as_deref().unwrap_or_default();
        let note = format!("serves at {url} after {time}");
        context
            .cluster
            .tell(&about, EventType::Normal, "Provisioned", note)
            .await;
    }
    let refused = |status: &TenantStatus| {
        let accepted = ConditionType::Accepted.as_str();
        let refusal = status
            .conditions
            .iter()
            .find(|condition| condition.type_ == accepted);
        refusal
            .filter(|condition| condition.status == "False")
            .map(|condition| (condition.reason.clone(), condition.message.clone()))
    };
    if let Some((reason, message)) =
        refused(status).filter(|new| refused(&before).as_ref() != Some(new))
    {
        context
            .cluster
            .tell(&about, EventType::Warning, &reason, message)
            .await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::plan::Span;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + millisecond).unwrap()
    }

    fn applied(database: Option<Span>, workload_ready: bool) -> Outcome {
        Outcome::Applied {
            database,
            objects: Span {
                start: at(20),
                end: at(90),
            },
            workload_ready,
            published: true,
        }
    }

    fn verdict(health: Health, since: Timestamp) -> Verdict {
        Verdict {
            health,
            since,
            detail: "answered 503".to_owned(),
        }
    }

    fn accepted() -> TenantStatus {
        let mut status = TenantStatus::default();
        timeline::begin(&mut status.provisioning, Step::Accept, at(0));
        status
    }

    /// Start and end of each step, in milliseconds.
    fn steps(status: &TenantStatus) -> Vec<(&str, i64, Option<i64>)> {
        let relative = |time: Timestamp| time.as_millisecond() - 1_000_000;
        status
            .provisioning
            .iter()
            .map(|step| {
                let end = step.end_time.as_ref().map(|time| relative(time.0));
                (step.step.as_str(), relative(step.start_time.0), end)
            })
            .collect()
    }

    #[test]
    fn the_steps_of_a_provisioning_leave_no_gap_on_the_critical_path() {
        let mut status = accepted();
        let made = Span {
            start: at(40),
            end: at(200),
        };
        advance(&mut status, Ok(&applied(Some(made), false)), None, at(210));
        advance(&mut status, Ok(&applied(None, true)), None, at(2000));
        let served = verdict(Health::Serving, at(2500));
        advance(
            &mut status,
            Ok(&applied(None, true)),
            Some(&served),
            at(2510),
        );
        assert_eq!(
            steps(&status),
            [
                ("Accept", 0, Some(20)),
                ("Objects", 20, Some(90)),
                ("Database", 40, Some(200)),
                ("Workload", 200, Some(2000)),
                ("Serve", 2000, Some(2500)),
            ]
        );
        assert_eq!(status.provisioned_in.as_deref(), Some("2.500s"));
    }

    #[test]
    fn a_login_page_seen_before_the_pods_status_ends_the_workload_step() {
        let mut status = accepted();
        advance(&mut status, Ok(&applied(None, false)), None, at(210));
        let served = verdict(Health::Serving, at(1900));
        advance(
            &mut status,
            Ok(&applied(None, false)),
            Some(&served),
            at(1950),
        );
        assert_eq!(
            steps(&status)[2..],
            [("Workload", 90, Some(1900)), ("Serve", 1900, Some(1900))]
        );
    }

    #[test]
    fn waiting_for_a_template_is_a_step_of_its_own() {
        let mut status = accepted();
        let waiting = Outcome::Waiting(Waiting::Template("building".into()));
        advance(&mut status, Ok(&waiting), None, at(10));
        advance(&mut status, Ok(&waiting), None, at(15));
        advance(&mut status, Ok(&applied(None, false)), None, at(100));
        assert_eq!(
            steps(&status)[..2],
            [("Accept", 0, Some(10)), ("Template", 10, Some(20))]
        );
    }

    #[test]
    fn a_tenant_that_served_keeps_serving_until_the_probe_says_otherwise() {
        assert!(serving(None, true).status);
        assert!(!serving(None, false).status);
        assert!(serving(Some(&verdict(Health::Awaited, at(0))), true).status);
        let down = serving(Some(&verdict(Health::Down, at(0))), true);
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
