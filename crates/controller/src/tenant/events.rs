//! What people are told of as Events: what changed from one status to the next. Pure. A status that
//! stays the same tells nothing.

use kube::runtime::events::EventType;
use tenantry_crd::{ReleaseChangePhase, ReleaseChangeStatus, TenantStatus, find};
use tenantry_domain::ConditionType;

use super::findings::{FIRST_LOGIN_LOST, VOLUME_NOT_GROWN};

/// Reasons for which a tenant on its way is not ready: nothing is wrong.
const ON_THE_WAY: [&str; 8] = [
    "Busy",
    "DatabaseServerNotReady",
    "KubernetesConflict",
    "NotPublished",
    "NotServedYet",
    "PodStarting",
    "TemplateNotReady",
    "TemplateNotSealed",
];

/// Reasons for which a tenant is not ready because its spec asks for that.
const ASKED_FOR: [&str; 6] = [
    "Deleted",
    "Deleting",
    "DeletionOverdue",
    "ReleaseChanging",
    "Stopping",
    "Suspended",
];

/// One thing to tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) kind: EventType,
    pub(super) reason: String,
    pub(super) note: String,
}

impl Told {
    fn new(kind: EventType, reason: &str, note: String) -> Self {
        Self {
            kind,
            reason: reason.to_owned(),
            note,
        }
    }
}

/// What is told when the status `before` becomes `after`.
pub(super) fn of(before: &TenantStatus, after: &TenantStatus) -> Vec<Told> {
    [
        provisioned(before, after),
        refused(before, after),
        released(before, after),
        turned(before, after),
        noted(before, after, ConditionType::VolumeGrown, VOLUME_NOT_GROWN),
        noted(
            before,
            after,
            ConditionType::DatabaseReady,
            FIRST_LOGIN_LOST,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is told when a role was given back its password.
pub(super) fn password_reset() -> Told {
    let note = "its database role did not take the password of the Secret odoo-database; \
                it was set back, no data was touched";
    Told::new(EventType::Warning, "PasswordReset", note.to_owned())
}

fn provisioned(before: &TenantStatus, after: &TenantStatus) -> Option<Told> {
    let (None, Some(time)) = (&before.provisioned_in, &after.provisioned_in) else {
        return None;
    };
    let url = after.url.as_deref().unwrap_or_default();
    let note = format!("serves at {url} after {time}");
    Some(Told::new(EventType::Normal, "Provisioned", note))
}

fn refused(before: &TenantStatus, after: &TenantStatus) -> Option<Told> {
    let refusal = |status: &TenantStatus| {
        find(&status.conditions, ConditionType::Accepted)
            .filter(|condition| condition.status == "False")
            .map(|condition| (condition.reason.clone(), condition.message.clone()))
    };
    let (reason, message) = refusal(after).filter(|new| refusal(before).as_ref() != Some(new))?;
    Some(Told::new(EventType::Warning, &reason, message))
}

/// A change of its release is over.
fn released(before: &TenantStatus, after: &TenantStatus) -> Option<Told> {
    let phase = |status: &TenantStatus| status.release_change.as_ref().map(|change| change.phase);
    let change = after.release_change.as_ref()?;
    if phase(before) == Some(change.phase) {
        return None;
    }
    let ReleaseChangeStatus {
        from, to, message, ..
    } = change;
    match change.phase {
        ReleaseChangePhase::Completed => {
            let note = format!("runs {to} in place of {from}");
            Some(Told::new(EventType::Normal, "ReleaseChanged", note))
        }
        ReleaseChangePhase::Failed => {
            let note = format!("runs {from} as before: {message}");
            Some(Told::new(EventType::Warning, "ReleaseChangeFailed", note))
        }
        _ => None,
    }
}

/// Something is not as it should be although the tenant serves.
fn noted(
    before: &TenantStatus,
    after: &TenantStatus,
    kind: ConditionType,
    reason: &str,
) -> Option<Told> {
    let note = |status: &TenantStatus| {
        find(&status.conditions, kind)
            .filter(|condition| condition.reason == reason)
            .map(|condition| condition.message.clone())
    };
    let message = note(after).filter(|new| note(before).as_ref() != Some(new))?;
    Some(Told::new(EventType::Warning, reason, message))
}

/// A tenant fell sick, is sick of something else, or is well again.
fn turned(before: &TenantStatus, after: &TenantStatus) -> Option<Told> {
    // What its spec is refused for was told as that.
    let refused = find(&after.conditions, ConditionType::Accepted)
        .filter(|accepted| accepted.status == "False");
    let now = find(&after.conditions, ConditionType::Ready)
        .filter(|now| refused.is_none_or(|refused| refused.reason != now.reason))?;
    let then = find(&before.conditions, ConditionType::Ready);
    let was_ready = then.is_some_and(|then| then.status == "True");
    if now.status == "True" {
        // The first time is told as `Provisioned`.
        let again = !was_ready && then.is_some() && before.provisioned_in.is_some();
        let url = after.url.as_deref().unwrap_or_default();
        let note = format!("serves again at {url}");
        return again.then(|| Told::new(EventType::Normal, "Recovered", note));
    }
    if ASKED_FOR.contains(&now.reason.as_str()) {
        return None;
    }
    let sick = !ON_THE_WAY.contains(&now.reason.as_str());
    let new = then.is_none_or(|then| then.status == "True" || then.reason != now.reason);
    let worth_it = new && (was_ready || sick);
    worth_it.then(|| Told::new(EventType::Warning, &now.reason, now.message.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status(ready: &str, reason: &str, provisioned: bool) -> TenantStatus {
        let time = "2026-11-22T22:00:00Z";
        let condition = |kind: &str, status: &str, reason: &str| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": format!("{reason}!"),
                "lastTransitionTime": time,
            })
        };
        let status = json!({
            "conditions": [
                condition("Accepted", "True", "Accepted"),
                condition("Ready", ready, reason),
            ],
            "url": "https://shop.example",
            "provisionedIn": provisioned.then_some("3.412s"),
        });
        serde_json::from_value(status).unwrap()
    }

    fn told(before: &TenantStatus, after: &TenantStatus) -> Vec<(EventType, String)> {
        let told = of(before, after);
        told.into_iter()
            .map(|told| (told.kind, told.reason))
            .collect()
    }

    fn one(kind: EventType, reason: &str) -> Vec<(EventType, String)> {
        vec![(kind, reason.to_owned())]
    }

    #[test]
    fn a_tenant_on_its_way_tells_only_that_it_arrived() {
        let steps = [
            TenantStatus::default(),
            status("False", "TemplateNotReady", false),
            status("False", "PodStarting", false),
            status("False", "NotServedYet", false),
            status("True", "Serving", true),
        ];
        let events: Vec<_> = steps
            .windows(2)
            .flat_map(|pair| told(&pair[0], &pair[1]))
            .collect();
        assert_eq!(events, one(EventType::Normal, "Provisioned"));
    }

    #[test]
    fn falling_sick_turning_worse_and_being_well_again_are_told_once_each() {
        let well = status("True", "Serving", true);
        let starting = status("False", "PodStarting", true);
        let sick = status("False", "ImageNotPulled", true);
        let otherwise = status("False", "QuotaExceeded", true);
        assert_eq!(
            told(&well, &starting),
            one(EventType::Warning, "PodStarting")
        );
        assert_eq!(
            told(&starting, &sick),
            one(EventType::Warning, "ImageNotPulled")
        );
        assert_eq!(
            told(&sick, &otherwise),
            one(EventType::Warning, "QuotaExceeded")
        );
        assert_eq!(told(&otherwise, &starting), []);
        assert_eq!(told(&starting, &well), one(EventType::Normal, "Recovered"));
    }

    #[test]
    fn a_status_that_stays_the_same_tells_nothing() {
        for status in [
            status("True", "Serving", true),
            status("False", "ImageNotPulled", true),
        ] {
            assert_eq!(of(&status, &status), []);
        }
    }

    #[test]
    fn a_refused_spec_is_told_once_and_not_as_a_sickness_too() {
        let mut refused = status("False", "HostnameTaken", false);
        refused.conditions[0].status = "False".to_owned();
        refused.conditions[0].reason = "HostnameTaken".to_owned();
        let before = TenantStatus::default();
        assert_eq!(
            told(&before, &refused),
            one(EventType::Warning, "HostnameTaken")
        );
        assert_eq!(told(&refused, &refused), []);
    }

    #[test]
    fn a_tenant_that_falls_sick_while_its_spec_is_refused_is_told_of() {
        let refused = |ready, reason| {
            let mut status = status(ready, reason, true);
            status.conditions[0].status = "False".to_owned();
            status.conditions[0].reason = "HostnameTaken".to_owned();
            status
        };
        let well = refused("True", "Serving");
        let sick = refused("False", "OutOfMemory");
        assert_eq!(told(&well, &sick), one(EventType::Warning, "OutOfMemory"));
        assert_eq!(told(&sick, &well), one(EventType::Normal, "Recovered"));
    }

    #[test]
    fn what_is_wrong_with_a_tenant_that_serves_is_told_once() {
        let well = status("True", "Serving", true);
        let mut small = well.clone();
        small.conditions[0].type_ = "VolumeGrown".to_owned();
        small.conditions[0].reason = VOLUME_NOT_GROWN.to_owned();
        assert_eq!(
            told(&well, &small),
            one(EventType::Warning, VOLUME_NOT_GROWN)
        );
        assert_eq!(told(&small, &small), []);
        let mut smaller = small.clone();
        smaller.conditions[0].message = "otherwise".to_owned();
        assert_eq!(
            told(&small, &smaller),
            one(EventType::Warning, VOLUME_NOT_GROWN)
        );
    }
}
