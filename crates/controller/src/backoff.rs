//! How long a failing object waits before it is tried again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kube::runtime::controller::Action;
use tenantry_domain::Retry;

use crate::error::Error;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_mins(1);
/// What waits for a change is looked at again all the same, in case the change was missed.
const SAFETY: Duration = Duration::from_mins(15);

/// Failures in a row, by object. An object that succeeded or is gone has no entry.
#[derive(Debug, Default)]
pub(crate) struct Backoff(Mutex<HashMap<String, u32>>);

impl Backoff {
    /// The object succeeded, or is gone.
    pub(crate) fn reset(&self, object: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(object);
    }

    /// When to try `object` again after `error`.
    pub(crate) fn after(&self, object: &str, error: &Error) -> Action {
        match error.retry() {
            Retry::OnChange => Action::requeue(SAFETY),
            Retry::After(time) => Action::requeue(time),
            Retry::Backoff => {
                let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                let count = failures.entry(object.to_owned()).or_insert(0);
                *count += 1;
                Action::requeue(FIRST.saturating_mul(1 << (*count - 1).min(10)).min(LONGEST))
            }
        }
    }
}
