//! What every error of ours says beside its text: whose fault it is, and whether a retry helps.

use std::time::Duration;

/// Who has to act for the error to go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The one who wrote the spec or made the call.
    Caller,
    /// The one who runs the platform: a server away, a quota, a missing class.
    Platform,
    /// Tenantry itself: a bug.
    Tenantry,
}

/// Whether and when the same attempt may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before something it depends on has changed.
    OnChange,
    /// Later, with growing delays.
    Backoff,
    /// After this time, which is known to be enough.
    After(Duration),
}
