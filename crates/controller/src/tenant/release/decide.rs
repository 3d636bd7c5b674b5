//! When a change of release begins, and what follows on what. Pure.
//!
//! ```text
//! Stopping -> Copying -> Updating -> Starting -> Finishing -> Completed
//!                 \          \          \
//!                  `----------`----------`-----> Reverting -> Failed -> Withdrawn
//! ```
//!
//! A phase is in the status before anything of it is done, so that whoever comes after a crash
//! knows what was going on. What each phase does can be done again.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use tenantry_crd::{ReleaseChangePhase as Phase, ReleaseChangeStatus};
use tenantry_database::COPY_MAX;

/// How long the new release may take to its login page. Its image may have to be fetched.
const START_MAX: Duration = Duration::from_mins(10);
/// How long something may keep the update from running before the old release is started again.
const TROUBLE_MAX: Duration = Duration::from_mins(10);

/// What is asked of a tenant's release.
#[derive(Debug, Clone, Copy)]
pub(in crate::tenant) struct Asked<'a> {
    /// What it runs.
    pub(in crate::tenant) current: &'a str,
    /// What its spec names in place of that.
    pub(in crate::tenant) next: Option<&'a str>,
    /// The last change, which may be going on.
    pub(in crate::tenant) change: Option<&'a ReleaseChangeStatus>,
    pub(in crate::tenant) now: Timestamp,
}

impl Asked<'_> {
    /// The change that is going on.
    pub(in crate::tenant) fn going_on(&self) -> Option<ReleaseChangeStatus> {
        self.change
            .filter(|change| !change.phase.is_over())
            .cloned()
    }

    /// The change to begin. One that failed is not begun again for as long as the spec names the
    /// same release.
    pub(in crate::tenant) fn wanted(&self) -> Option<ReleaseChangeStatus> {
        let to = self.next?;
        let failed = self
            .change
            .is_some_and(|change| change.phase == Phase::Failed && change.to == to);
        (!failed).then(|| self.begun(to, Phase::Stopping, ""))
    }

    /// The end of a change that the database tells of and the status does not.
    pub(in crate::tenant) fn unknown(&self) -> ReleaseChangeStatus {
        let to = self.next.unwrap_or(self.current);
        let message = "a change was found that the status did not tell of";
        self.begun(to, Phase::Reverting, message)
    }

    fn begun(&self, to: &str, phase: Phase, message: &str) -> ReleaseChangeStatus {
        ReleaseChangeStatus {
            from: self.current.to_owned(),
            to: to.to_owned(),
            phase,
            start_time: MicroTime(self.now),
            phase_time: MicroTime(self.now),
            message: message.to_owned(),
        }
    }
}

/// What came of doing what a phase does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// It was begun just now, perhaps again: its time counts from here.
    Begun,
    /// Something is not over yet, which this says.
    Waiting(String),
    /// It is done.
    Done,
    /// It cannot be done, for this reason.
    Failed(String),
}

/// The change after `event`.
pub(super) fn after(
    mut change: ReleaseChangeStatus,
    event: Event,
    now: Timestamp,
) -> ReleaseChangeStatus {
    let before = change.phase;
    match event {
        // Why it is reverted is not forgotten.
        Event::Waiting(_) | Event::Failed(_) if before == Phase::Reverting => {}
        Event::Begun => change.phase_time = MicroTime(now),
        Event::Waiting(message) => change.message = message,
        Event::Failed(message) => {
            change.phase = Phase::Reverting;
            change.message = message;
        }
        Event::Done => {
            change.phase = follower(before);
            if before != Phase::Reverting {
                change.message.clear();
            }
        }
    }
    if change.phase != before {
        change.phase_time = MicroTime(now);
    }
    change
}

fn follower(phase: Phase) -> Phase {
    match phase {
        Phase::Stopping => Phase::Copying,
        Phase::Copying => Phase::Updating,
        Phase::Updating => Phase::Starting,
        Phase::Starting => Phase::Finishing,
        Phase::Finishing | Phase::Completed => Phase::Completed,
        Phase::Reverting | Phase::Failed => Phase::Failed,
        Phase::Withdrawn => Phase::Withdrawn,
    }
}

/// How long what keeps a phase from its end may last; nothing for one that always ends.
pub(super) fn longest(phase: Phase) -> Option<Duration> {
    match phase {
        Phase::Copying => Some(COPY_MAX),
        Phase::Updating => Some(TROUBLE_MAX),
        Phase::Starting => Some(START_MAX),
        _ => None,
    }
}

/// How much of that time is left.
pub(super) fn left(change: &ReleaseChangeStatus, now: Timestamp) -> Option<Duration> {
    let longest = longest(change.phase)?;
    // A clock that was set back gives it a little longer.
    let spent = Duration::try_from(now.duration_since(change.phase_time.0)).unwrap_or_default();
    Some(longest.saturating_sub(spent))
}

/// Whether the phase took too long.
pub(super) fn is_overdue(change: &ReleaseChangeStatus, now: Timestamp) -> bool {
    left(change, now) == Some(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn asked<'a>(next: Option<&'a str>, change: Option<&'a ReleaseChangeStatus>) -> Asked<'a> {
        Asked {
            current: "a",
            next,
            change,
            now: at(100),
        }
    }

    fn change(phase: Phase) -> ReleaseChangeStatus {
        let mut change = asked(Some("b"), None).wanted().unwrap();
        change.phase = phase;
        change
    }

    #[test]
    fn a_change_begins_when_the_spec_names_another_release() {
        assert_eq!(asked(None, None).wanted(), None);
        let begun = asked(Some("b"), None).wanted().unwrap();
        assert_eq!((begun.from.as_str(), begun.to.as_str()), ("a", "b"));
        assert_eq!(begun.phase, Phase::Stopping);
    }

    #[test]
    fn what_failed_is_not_tried_again_before_the_spec_names_something_else() {
        let failed = change(Phase::Failed);
        assert_eq!(asked(Some("b"), Some(&failed)).wanted(), None);
        assert_eq!(asked(Some("c"), Some(&failed)).wanted().unwrap().to, "c");
        let withdrawn = change(Phase::Withdrawn);
        assert!(asked(Some("b"), Some(&withdrawn)).wanted().is_some());
    }

    #[test]
    fn what_goes_on_goes_on_whatever_is_asked_meanwhile() {
        let going_on = change(Phase::Updating);
        for next in [None, Some("b"), Some("c")] {
            let found = asked(next, Some(&going_on)).going_on();
            assert_eq!(found.as_ref(), Some(&going_on));
        }
        for over in [Phase::Completed, Phase::Failed, Phase::Withdrawn] {
            assert_eq!(asked(Some("b"), Some(&change(over))).going_on(), None);
        }
    }

    #[test]
    fn a_change_that_only_the_database_knows_of_is_taken_back() {
        assert_eq!(asked(None, None).unknown().phase, Phase::Reverting);
    }

    #[test]
    fn when_all_goes_well_the_new_release_runs() {
        let mut phases = vec![Phase::Stopping];
        let mut now = change(Phase::Stopping);
        while !now.phase.is_over() {
            now = after(now, Event::Done, at(200));
            phases.push(now.phase);
        }
        assert_eq!(
            phases,
            [
                Phase::Stopping,
                Phase::Copying,
                Phase::Updating,
                Phase::Starting,
                Phase::Finishing,
                Phase::Completed
            ]
        );
    }

    #[test]
    fn whatever_fails_is_reverted_and_why_is_not_forgotten() {
        for phase in [Phase::Copying, Phase::Updating, Phase::Starting] {
            let failed = after(change(phase), Event::Failed("why".into()), at(200));
            assert_eq!(failed.phase, Phase::Reverting);
            assert_eq!(failed.phase_time, MicroTime(at(200)));
            let waiting = after(failed, Event::Waiting("pods end".into()), at(300));
            assert_eq!(waiting.phase_time, MicroTime(at(200)));
            let over = after(waiting, Event::Done, at(400));
            assert_eq!((over.phase, over.message.as_str()), (Phase::Failed, "why"));
        }
    }

    #[test]
    fn waiting_changes_nothing_but_what_is_said() {
        let waiting = |change| after(change, Event::Waiting("soon".into()), at(200));
        let once = waiting(change(Phase::Updating));
        assert_eq!(once.phase_time, MicroTime(at(100)));
        assert_eq!(waiting(once.clone()), once);
    }

    #[test]
    fn a_start_that_is_begun_again_has_all_its_time() {
        let begun = after(change(Phase::Starting), Event::Begun, at(10_000));
        assert_eq!(begun.phase, Phase::Starting);
        assert_eq!(left(&begun, at(10_000)), Some(START_MAX));
    }

    #[test]
    fn what_keeps_the_tenant_from_serving_has_a_limit_and_its_way_back_has_none() {
        let starting = change(Phase::Starting);
        assert_eq!(left(&starting, at(100)), Some(START_MAX));
        assert!(!is_overdue(&starting, at(699)));
        assert!(is_overdue(&starting, at(700)));
        assert!(!is_overdue(&starting, at(0)));
        assert!(is_overdue(&change(Phase::Updating), at(700)));
        assert!(!is_overdue(&change(Phase::Reverting), at(1_000_000)));
    }
}
