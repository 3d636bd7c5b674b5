//! How far a provisioning is, as steps with their times. Pure.

use jiff::Timestamp;
use tenantry_crd::TenantStatus;
use tenantry_domain::Step;
use tenantry_probe::{Health, Verdict};

use super::plan::{Outcome, Waiting};
use super::timeline;
use crate::error::Error;

/// Moves the provisioning's timeline on.
pub(super) fn advance(
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
            // One that was there already was made by an attempt whose times were lost with it.
            let (start, end) = database.map_or((objects.start, objects.start), |span| {
                (span.start, span.end)
            });
            timeline::begin(steps, Step::Database, start);
            timeline::end(steps, Step::Database, end);
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
            password_reset: false,
            volume_refused: None,
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
            [
                ("Database", 20, Some(20)),
                ("Workload", 90, Some(1900)),
                ("Serve", 1900, Some(1900)),
            ]
        );
    }

    #[test]
    fn a_database_made_by_an_attempt_that_was_cut_off_is_a_step_all_the_same() {
        let mut status = accepted();
        advance(&mut status, Ok(&applied(None, false)), None, at(210));
        assert!(steps(&status).contains(&("Database", 20, Some(20))));
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
}
