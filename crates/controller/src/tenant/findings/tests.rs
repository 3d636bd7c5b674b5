use tenantry_domain::{Fault, Retry};

use super::*;
use crate::diagnosis::Diagnosis;

fn verdict(health: Health) -> Verdict {
    Verdict {
        health,
        since: Timestamp::UNIX_EPOCH,
        detail: "answered 503".to_owned(),
    }
}

fn image_not_pulled() -> Diagnosis {
    Diagnosis {
        reason: "ImageNotPulled",
        what: "image x cannot be pulled: not found".to_owned(),
        fault: Some(Fault::Platform),
        retry: Retry::Backoff,
    }
}

fn standing(trouble: Option<Diagnosis>, route: Route) -> Standing {
    Standing {
        has_workload: true,
        trouble,
        route,
        volume_is_gone: false,
        first_login_is_gone: false,
    }
}

fn refused(object: &str) -> Error {
    let message = "admission webhook \"w.example\" denied the request: no";
    Error::Kubernetes {
        verb: "apply",
        object: object.to_owned(),
        source: kube::Error::Api(kube::core::Status::failure(message, "Invalid").boxed()),
    }
}

/// The condition that was written of the login page before.
fn serving_told(status: bool, reason: &'static str, message: &str) -> Condition {
    new_condition(
        ConditionType::Serving,
        status,
        &Reason::new(reason),
        message.to_owned(),
        None,
        Time(Timestamp::UNIX_EPOCH),
    )
}

fn told(finding: &Finding) -> (bool, &str) {
    (finding.status, finding.reason)
}

#[test]
fn a_tenant_that_served_keeps_serving_until_the_probe_says_otherwise() {
    let told = serving_told(true, "LoginPageAnswered", "");
    assert!(serving(None, Some(&told)).status);
    assert!(!serving(None, None).status);
    assert!(serving(Some(&verdict(Health::Awaited)), Some(&told)).status);
    let down = serving(Some(&verdict(Health::Down)), Some(&told));
    assert!(!down.status);
    assert!(
        down.message.starts_with("answered 503 ("),
        "{}",
        down.message
    );
}

#[test]
fn a_tenant_that_was_down_is_told_the_same_until_the_probe_has_asked_it_again() {
    let told = serving_told(false, "LoginPageFailed", "answered 502 (the platform)");
    assert_eq!(known_health(Some(&told)), Health::Down);
    let unasked = Verdict {
        detail: String::new(),
        ..verdict(Health::Down)
    };
    for verdict in [None, Some(&unasked)] {
        let finding = serving(verdict, Some(&told));
        assert!(!finding.status);
        assert_eq!(
            (finding.reason, &finding.message),
            ("LoginPageFailed", &told.message)
        );
    }
    assert!(serving(Some(&verdict(Health::Serving)), Some(&told)).status);
}

#[test]
fn a_tenant_that_was_parked_is_awaited() {
    let told = serving_told(false, "Suspended", "its hostnames lead to the parking page");
    assert_eq!(known_health(Some(&told)), Health::Awaited);
    assert_eq!(serving(None, Some(&told)).reason, "NotServedYet");
}

#[test]
fn ready_names_the_first_obstacle() {
    let fine = Finding::new(ConditionType::Accepted, true, "Accepted", "");
    let obstacle = Finding::new(ConditionType::WorkloadReady, false, "PodStarting", "soon");
    let later = Finding::new(ConditionType::Serving, false, "NotServedYet", "");
    let findings = [fine, obstacle, later];
    let summary = ready(false, None, super::obstacle(&findings, &[]));
    assert_eq!(told(&summary), (false, "PodStarting"));
}

#[test]
fn no_room_for_a_larger_size_hides_nothing_of_a_tenant_that_has_a_smaller_one() {
    let full = Finding::new(ConditionType::Placed, false, "DatabaseServerFull", "");
    let sick = Finding::new(ConditionType::WorkloadReady, false, "PodCrashes", "");
    let findings = [full, sick];
    let reason = |has_size| {
        let harmless = [(ConditionType::Placed, has_size)];
        obstacle(&findings, &harmless).map(Finding::reason)
    };
    assert_eq!(reason(true), Some("PodCrashes"));
    assert_eq!(reason(false), Some("DatabaseServerFull"));
}

#[test]
fn a_tenant_that_serves_is_ready_and_says_what_cannot_be_written() {
    assert_eq!(ready(true, None, None).message, "users can log in");
    let error = refused("Deployment tenant-acme--shop/odoo");
    let summary = ready(true, Some(&error), None);
    assert_eq!(told(&summary), (true, "Serving"));
    assert!(summary.message.contains("w.example"), "{}", summary.message);
}

#[test]
fn a_workload_says_what_keeps_its_pod_and_who_refuses_its_deployment() {
    let sick = standing(Some(image_not_pulled()), Route::Published);
    assert_eq!(told(&workload(&sick, None)), (false, "ImageNotPulled"));
    assert_eq!(
        workload(&sick, None).message,
        "image x cannot be pulled: not found \
         (for the platform to mend; tried again within a minute)"
    );
    let deployment = refused("Deployment tenant-acme--shop/odoo");
    assert_eq!(
        told(&workload(&sick, Some(&deployment))),
        (false, "AdmissionRefused")
    );
    let ingress = refused("Ingress tenant-acme--shop/odoo");
    assert_eq!(
        told(&workload(&sick, Some(&ingress))),
        (false, "ImageNotPulled")
    );
    // A pod that runs is ready, whoever refuses its next version.
    let well = standing(None, Route::Published);
    assert_eq!(
        told(&workload(&well, Some(&deployment))),
        (true, "PodReady")
    );
}

#[test]
fn a_route_without_its_class_is_told_unless_the_login_page_came_all_the_same() {
    let missing = Route::ClassMissing("contour".to_owned());
    let unrouted = standing(None, missing);
    let finding = route(&unrouted, None, false);
    assert_eq!(told(&finding), (false, "IngressClassMissing"));
    assert!(finding.message.contains("contour"), "{}", finding.message);
    assert_eq!(told(&route(&unrouted, None, true)), (true, "Published"));
    let absent = standing(None, Route::Absent);
    assert_eq!(told(&route(&absent, None, false)), (false, "NotPublished"));
    let ingress = refused("Ingress tenant-acme--shop/odoo");
    assert_eq!(
        told(&route(&absent, Some(&ingress), false)),
        (false, "AdmissionRefused")
    );
}

#[test]
fn a_tenant_whose_release_is_changed_is_routed_when_it_is_published_again() {
    let routed = |route| {
        let [_, routed] = release_changing(&standing(None, route), false);
        (routed.status, routed.reason)
    };
    assert_eq!(routed(Route::Absent), (false, "ReleaseChanging"));
    assert_eq!(routed(Route::Published), (true, "Published"));
}

#[test]
fn each_loss_of_a_database_is_told_as_what_it_is() {
    let server = "main".parse().unwrap();
    let reasons =
        [Loss::Database, Loss::Role, Loss::Access].map(|loss| lost(loss, &server).unwrap());
    assert_eq!(
        reasons.each_ref().map(|(reason, _)| *reason),
        ["DatabaseLost", "RoleLost", "AccessWithheld"]
    );
    for (reason, message) in reasons {
        assert!(
            message.contains("DatabaseServer main"),
            "{reason}: {message}"
        );
        assert!(
            message.ends_with("tried again within a minute)"),
            "{reason}: {message}"
        );
    }
    assert_eq!(lost(Loss::Volume, &server), None);
}

/// The status of a sick tenant is written when it falls sick and not again.
#[test]
fn conditions_of_a_tenant_that_stays_sick_do_not_change() {
    let mut conditions: Vec<Condition> = Vec::new();
    let mut pass = |second: i64| {
        let sick = standing(Some(image_not_pulled()), Route::Published);
        for finding in [workload(&sick, None), route(&sick, None, false)] {
            let condition = new_condition(
                finding.kind,
                finding.status,
                &Reason::new(finding.reason),
                finding.message,
                Some(1),
                Time(Timestamp::from_second(second).unwrap()),
            );
            merge_condition(&mut conditions, condition);
        }
        conditions.clone()
    };
    assert_eq!(pass(1), pass(1000));
}

fn kinds(findings: &[Finding]) -> Vec<(ConditionType, bool, &str)> {
    findings
        .iter()
        .map(|finding| (finding.kind, finding.status, finding.reason))
        .collect()
}

/// The status of a tenant of which all was well.
fn well() -> TenantStatus {
    let told = |kind, reason| {
        let time = Time(Timestamp::UNIX_EPOCH);
        new_condition(kind, true, &Reason::new(reason), String::new(), None, time)
    };
    TenantStatus {
        provisioned_in: Some("3.000s".to_owned()),
        conditions: vec![
            told(ConditionType::WorkloadReady, "PodReady"),
            told(ConditionType::Routed, "Published"),
            told(ConditionType::Serving, "LoginPageAnswered"),
        ],
        ..TenantStatus::default()
    }
}

/// What is seen of a tenant that was built and is published.
fn seen(trouble: Option<Diagnosis>, health: Option<Health>) -> Seen {
    Seen {
        standing: standing(trouble, Route::Published),
        asked: true,
        verdict: health.map(verdict),
    }
}

const REFUSED: (ConditionType, bool, &str) = (ConditionType::Accepted, false, "Invalid");
const NOT_READY: (ConditionType, bool, &str) = (ConditionType::Ready, false, "Invalid");

#[test]
fn a_refused_spec_takes_nothing_from_a_tenant_that_is_published() {
    let told = of_refused(&well(), &[], Some(&seen(None, None)));
    let expected = [
        REFUSED,
        (ConditionType::Ready, true, "Serving"),
        (ConditionType::WorkloadReady, true, "PodReady"),
        (ConditionType::Routed, true, "Published"),
        (ConditionType::Serving, true, "LoginPageAnswered"),
    ];
    assert_eq!(kinds(&told), expected);
}

#[test]
fn a_refused_spec_of_a_tenant_that_was_never_built_is_all_that_is_told() {
    let mut absent = seen(None, None);
    absent.asked = false;
    absent.standing.route = Route::Absent;
    absent.standing.has_workload = false;
    let new = TenantStatus::default();
    for seen in [Some(&absent), None] {
        let told = of_refused(&new, &[], seen);
        assert_eq!(kinds(&told), [REFUSED, NOT_READY]);
    }
}

#[test]
fn a_tenant_whose_spec_is_refused_is_told_to_be_down_when_it_is_and_why() {
    let ready = |seen: &Seen| {
        let told = of_refused(&well(), &[], Some(seen));
        (told[1].kind, told[1].status, told[1].reason)
    };
    let down = seen(None, Some(Health::Down));
    let failed = (ConditionType::Ready, false, "LoginPageFailed");
    assert_eq!(ready(&down), failed);
    let mut sick = seen(Some(image_not_pulled()), Some(Health::Down));
    let not_pulled = (ConditionType::Ready, false, "ImageNotPulled");
    assert_eq!(ready(&sick), not_pulled);
    sick.standing.has_workload = false;
    let withdrawn = (ConditionType::Ready, false, "Withdrawn");
    assert_eq!(ready(&sick), withdrawn);
}

#[test]
fn one_that_is_published_and_has_not_served_yet_is_not_told_to_have_no_ingress() {
    let mut status = well();
    status.provisioned_in = None;
    status.conditions.pop();
    let mut early = seen(Some(image_not_pulled()), None);
    early.asked = false;
    let told = of_refused(&status, &[], Some(&early));
    let expected = [
        REFUSED,
        NOT_READY,
        (ConditionType::WorkloadReady, false, "ImageNotPulled"),
        (ConditionType::Routed, false, "ImageNotPulled"),
    ];
    assert_eq!(kinds(&told), expected);
}

#[test]
fn a_tenant_that_was_withdrawn_is_not_told_to_run_or_serve() {
    let mut withdrawn = seen(Some(image_not_pulled()), None);
    withdrawn.asked = false;
    withdrawn.standing.route = Route::Absent;
    withdrawn.standing.has_workload = false;
    let told = of_refused(&well(), &[], Some(&withdrawn));
    let expected = [
        (ConditionType::WorkloadReady, false, "Withdrawn"),
        (ConditionType::Routed, false, "NotPublished"),
        (ConditionType::Serving, false, "NotPublished"),
    ];
    assert_eq!(kinds(&told)[2..], expected);
}

#[test]
fn who_cannot_be_looked_at_says_why_and_serves_on_if_it_served() {
    let error = refused("Hostname 0123");
    let never = of_failed(&TenantStatus::default(), &error, None);
    let not_ready = (ConditionType::Ready, false, "AdmissionRefused");
    assert_eq!(kinds(&never), [not_ready]);
    let status = TenantStatus {
        conditions: vec![serving_told(true, "LoginPageAnswered", "")],
        ..TenantStatus::default()
    };
    let served = of_failed(&status, &error, None);
    assert_eq!(told(&served[0]), (true, "Serving"));
    let message = &served[0].message;
    assert!(message.contains("w.example"), "{message}");
    let down = seen(None, Some(Health::Down));
    let down = of_failed(&status, &error, Some(&down));
    let failed = (ConditionType::Serving, false, "LoginPageFailed");
    assert_eq!(kinds(&down), [failed, not_ready]);
}

#[test]
fn what_ran_is_not_told_to_run_once_it_is_being_removed() {
    let status = TenantStatus {
        conditions: vec![serving_told(true, "LoginPageAnswered", "")],
        ..TenantStatus::default()
    };
    let told = [
        (ConditionType::Serving, false, "Deleting"),
        (ConditionType::Deleting, true, "WorkloadEnding"),
        (ConditionType::Ready, false, "Deleting"),
    ];
    let findings = of_removed(&status, "WorkloadEnding", "Deleting", "waits");
    assert_eq!(kinds(&findings), told);
    let never = of_removed(
        &TenantStatus::default(),
        "WorkloadEnding",
        "Deleting",
        "waits",
    );
    assert_eq!(kinds(&never), told[1..]);
}

#[test]
fn a_refusal_tells_all_that_is_wrong_and_who_acts_first() {
    let violation = |field: &str, reason| Violation {
        field: field.to_owned(),
        reason: Reason::new(reason),
        message: "no".to_owned(),
    };
    let size = violation("spec.isolation.dedicated.size", "SizeNotFound");
    let blueprint = violation("spec.blueprint", "BlueprintInvalid");
    let told = |violations: &[Violation]| {
        let finding = super::refused(ConditionType::Accepted, violations);
        (finding.reason, finding.message)
    };
    let (reason, message) = told(&[size.clone(), blueprint.clone()]);
    assert_eq!(reason, "SizeNotFound");
    assert_eq!(
        message,
        "spec.isolation.dedicated.size: no; spec.blueprint: no \
         (for the partner to mend; waits for a change of what it depends on)"
    );
    let (_, message) = told(&[blueprint, size]);
    assert!(message.contains("(for the platform to mend;"), "{message}");
}
