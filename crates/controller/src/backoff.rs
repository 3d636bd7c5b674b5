//! How long a failing object waits before it is tried again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::runtime::controller::Action;
use tenantry_domain::Retry;

use crate::error::Error;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_mins(1);
/// What waits for a change is looked at again all the same, in case the change was missed.
const SAFETY: Duration = Duration::from_mins(15);

/// Failures in a row, by object. An object that succeeded or is gone has no entry.
#[derive(Debug, Default)]
pub(crate) struct Backoff(Mutex<HashMap<String, Failures>>);

#[derive(Debug)]
struct Failures {
    since: Instant,
    /// Those that are tried again after longer and longer times.
    count: u32,
}

impl Backoff {
    /// The object succeeded, or is gone.
    pub(crate) fn reset(&self, object: &str) {
        self.locked().remove(object);
    }

    /// For how long nothing but failures came of `object`.
    pub(crate) fn failing(&self, object: &str) -> Option<Duration> {
        let failures = self.locked();
        Some(failures.get(object)?.since.elapsed())
    }

    /// When to try `object` again after `error`.
    pub(crate) fn after(&self, object: &str, error: &Error) -> Action {
        let mut failures = self.locked();
        let failures = failures.entry(object.to_owned()).or_insert(Failures {
            since: Instant::now(),
            count: 0,
        });
        match error.retry() {
            Retry::OnChange => Action::requeue(SAFETY),
            Retry::After(time) => Action::requeue(time),
            Retry::Backoff => {
                failures.count += 1;
                let doubled = 1 << (failures.count - 1).min(10);
                Action::requeue(FIRST.saturating_mul(doubled).min(LONGEST))
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_fails_from_its_first_failure_to_its_next_success() {
        let backoff = Backoff::default();
        assert_eq!(backoff.failing("a"), None);
        let unknown = Error::ServerUnknown {
            server: "main".into(),
        };
        let lacking = Error::CredentialsMissing {
            what: "Secret".into(),
        };
        backoff.after("a", &lacking);
        let first = backoff.failing("a");
        backoff.after("a", &unknown);
        assert!(first.is_some() && backoff.failing("a") >= first);
        assert_eq!(backoff.failing("b"), None);
        backoff.reset("a");
        assert_eq!(backoff.failing("a"), None);
    }

    #[test]
    fn what_fails_again_waits_longer_and_never_longer_than_a_minute() {
        let backoff = Backoff::default();
        let unknown = Error::ServerUnknown {
            server: "main".into(),
        };
        let mut waits = (0..12).map(|_| backoff.after("a", &unknown));
        assert_eq!(waits.next(), Some(Action::requeue(FIRST)));
        assert_eq!(waits.next(), Some(Action::requeue(2 * FIRST)));
        assert_eq!(waits.last(), Some(Action::requeue(LONGEST)));
    }
}
