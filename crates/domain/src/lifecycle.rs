//! Whether a tenant runs, what callers may make of that, and when a deleted one goes for good.

use jiff::{SignedDuration, Timestamp};

/// What a tenant should be doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RunState {
    /// It serves its users.
    #[default]
    Running,
    /// Nothing of it runs; all it has is kept.
    Suspended,
    /// As suspended, until it is purged.
    Deleted,
}

/// How long a deleted tenant can be had back when its spec does not say: what was deleted by
/// mistake on a Friday is missed on Monday, and there is time left to ask around.
pub const PURGE_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is to become of a tenant at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It serves its users.
    Running,
    /// Nothing of it runs; all it has is kept.
    Suspended,
    /// Nothing of it runs; all it has is kept until `purge_time`.
    Deleted {
        /// When the deletion was first seen, in whole seconds.
        since: Timestamp,
        /// When it is purged.
        purge_time: Timestamp,
    },
    /// It goes now, with all that it has.
    Expired,
}

impl Life {
    /// What `state` means at `now`.
    ///
    /// `seen` is when this deletion was first seen; nothing when it was not seen before. Only a
    /// deletion that was seen before can expire, so that a time which was reckoned for an earlier
    /// one never removes anything.
    #[must_use]
    pub fn of(
        state: RunState,
        seen: Option<Timestamp>,
        purge_after: SignedDuration,
        now: Timestamp,
    ) -> Self {
        match state {
            RunState::Running => Self::Running,
            RunState::Suspended => Self::Suspended,
            RunState::Deleted => {
                let since = seen.unwrap_or_else(|| whole_second(now));
                let purge_time = since.checked_add(purge_after).unwrap_or(Timestamp::MAX);
                if seen.is_some() && purge_time <= now {
                    Self::Expired
                } else {
                    Self::Deleted { since, purge_time }
                }
            }
        }
    }
}

/// Kubernetes stores times in whole seconds.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

/// What a caller asks of a tenant's run state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Stop it and keep everything.
    Suspend,
    /// Start it again.
    Resume,
    /// Stop it, and purge it after a while.
    Delete,
    /// Have a deleted one back.
    Undelete,
}

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// It is deleted.
    #[error("it is deleted; undelete it first")]
    Deleted,
    /// It is not deleted.
    #[error("it is not deleted")]
    NotDeleted,
    /// It is protected.
    #[error("it is protected; set spec.deletion.protection to Disabled first")]
    Protected,
}

impl Change {
    /// All changes.
    pub const ALL: [Self; 4] = [Self::Suspend, Self::Resume, Self::Delete, Self::Undelete];

    /// The run state that it leads to.
    #[must_use]
    pub fn target(self) -> RunState {
        match self {
            Self::Suspend => RunState::Suspended,
            Self::Resume | Self::Undelete => RunState::Running,
            Self::Delete => RunState::Deleted,
        }
    }

    /// Whether it may be asked of a tenant in this state. To ask for what is so already is
    /// allowed.
    ///
    /// # Errors
    /// Why it may not.
    pub fn judge(self, state: RunState, protected: bool) -> Result<(), ChangeError> {
        match (self, state) {
            (Self::Suspend | Self::Resume, RunState::Deleted) => Err(ChangeError::Deleted),
            (Self::Undelete, RunState::Running | RunState::Suspended) => {
                Err(ChangeError::NotDeleted)
            }
            (Self::Delete, _) if protected => Err(ChangeError::Protected),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: SignedDuration = SignedDuration::from_hours(1);

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    #[test]
    fn a_deletion_expires_once_its_time_is_over_and_not_before() {
        let life = |now| Life::of(RunState::Deleted, Some(at(5_000)), HOUR, now);
        let waiting = Life::Deleted {
            since: at(5_000),
            purge_time: at(3_605_000),
        };
        assert_eq!(life(at(3_604_999)), waiting);
        assert_eq!(life(at(3_605_000)), Life::Expired);
    }

    #[test]
    fn a_deletion_that_is_seen_for_the_first_time_never_expires_at_once() {
        let life = Life::of(RunState::Deleted, None, SignedDuration::ZERO, at(5_700));
        let now = at(5_000);
        assert_eq!(
            life,
            Life::Deleted {
                since: now,
                purge_time: now
            }
        );
    }

    #[test]
    fn what_is_not_deleted_does_not_expire_whatever_was_seen_before() {
        for (state, life) in [
            (RunState::Running, Life::Running),
            (RunState::Suspended, Life::Suspended),
        ] {
            assert_eq!(Life::of(state, Some(at(0)), HOUR, Timestamp::MAX), life);
        }
    }

    #[test]
    fn only_a_deleted_tenant_is_undeleted_and_nothing_else_is_done_with_it() {
        use RunState::{Deleted, Running, Suspended};
        let judge = |change: Change, state| change.judge(state, false);
        for state in [Running, Suspended] {
            assert_eq!(judge(Change::Suspend, state), Ok(()));
            assert_eq!(judge(Change::Resume, state), Ok(()));
            assert_eq!(judge(Change::Delete, state), Ok(()));
            assert_eq!(judge(Change::Undelete, state), Err(ChangeError::NotDeleted));
        }
        assert_eq!(judge(Change::Suspend, Deleted), Err(ChangeError::Deleted));
        assert_eq!(judge(Change::Resume, Deleted), Err(ChangeError::Deleted));
        assert_eq!(judge(Change::Delete, Deleted), Ok(()));
        assert_eq!(judge(Change::Undelete, Deleted), Ok(()));
    }

    #[test]
    fn protection_stands_in_the_way_of_deletion_alone() {
        for change in Change::ALL {
            let verdict = change.judge(RunState::Running, true);
            let refused = verdict == Err(ChangeError::Protected);
            assert_eq!(refused, change == Change::Delete, "{change:?}: {verdict:?}");
        }
    }
}
