//! What to do next for a tenant. Pure.

use jiff::Timestamp;
use tenantry_crd::ReleaseChangeStatus;

use super::observe::{DatabaseState, Observed};
use super::release::decide::Asked;

/// What to do next for a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing can be built before this is there.
    Wait(Waiting),
    /// Make everything that the tenant owns, the database with it.
    Build,
    /// The database is there and never made again: keep everything else as it should be.
    Maintain,
    /// Say that the release is being changed, before anything is done for it.
    BeginChange(ReleaseChangeStatus),
    /// Do what the change's phase does.
    ContinueChange(ReleaseChangeStatus),
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A database server that can be used.
    DatabaseServer,
    /// A template; with what is said of it.
    Template(String),
    /// The database that the tenant had, restored by someone.
    LostDatabase,
}

/// When something began and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing: something is not there yet.
    Waiting(Waiting),
    /// A change of its release came this far.
    Changing(ReleaseChangeStatus),
    /// Everything is as it should be, as far as it was written.
    Applied {
        /// When the database was made, if it was made just now.
        database: Option<Span>,
        /// When objects were written.
        objects: Span,
        /// Whether the workload's pod was ready when it was last looked at.
        workload_ready: bool,
        /// Whether the Ingress was there when it was last looked at.
        published: bool,
    },
}

/// Decides what to do next.
pub(super) fn plan(observed: &Observed, asked: &Asked<'_>) -> Plan {
    if let Some(change) = asked.going_on() {
        return Plan::ContinueChange(change);
    }
    match &observed.database {
        DatabaseState::ServerMissing => Plan::Wait(Waiting::DatabaseServer),
        DatabaseState::TemplateMissing(message) => Plan::Wait(Waiting::Template(message.clone())),
        DatabaseState::Lost => Plan::Wait(Waiting::LostDatabase),
        DatabaseState::Unfinished(_) => Plan::Build,
        DatabaseState::Changing => Plan::BeginChange(asked.unknown()),
        DatabaseState::Ready => asked.wanted().map_or(Plan::Maintain, Plan::BeginChange),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(database: DatabaseState, asked: &Asked<'_>) -> Plan {
        let observed = Observed {
            database,
            workload_ready: false,
            published: false,
        };
        plan(&observed, asked)
    }

    fn unchanged() -> Asked<'static> {
        Asked {
            current: "a",
            next: None,
            change: None,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_database_that_was_lost_is_waited_for_and_never_made_anew() {
        assert_eq!(
            planned(DatabaseState::Lost, &unchanged()),
            Plan::Wait(Waiting::LostDatabase)
        );
    }

    #[test]
    fn nothing_is_built_without_server_and_template() {
        let missing = DatabaseState::TemplateMissing("building".to_owned());
        let waiting = Waiting::Template("building".to_owned());
        assert_eq!(planned(missing, &unchanged()), Plan::Wait(waiting));
        let server = planned(DatabaseState::ServerMissing, &unchanged());
        assert_eq!(server, Plan::Wait(Waiting::DatabaseServer));
    }

    #[test]
    fn a_ready_database_is_left_alone_until_another_release_is_asked_for() {
        assert_eq!(planned(DatabaseState::Ready, &unchanged()), Plan::Maintain);
        let asked = Asked {
            next: Some("b"),
            ..unchanged()
        };
        let change = asked.wanted().unwrap();
        let begun = Plan::BeginChange(change.clone());
        assert_eq!(planned(DatabaseState::Ready, &asked), begun);
        let going_on = Asked {
            change: Some(&change),
            ..unchanged()
        };
        let continued = Plan::ContinueChange(change.clone());
        assert_eq!(planned(DatabaseState::Changing, &going_on), continued);
    }

    #[test]
    fn no_release_is_changed_before_there_is_a_database() {
        let asked = Asked {
            next: Some("b"),
            ..unchanged()
        };
        let server = planned(DatabaseState::ServerMissing, &asked);
        assert_eq!(server, Plan::Wait(Waiting::DatabaseServer));
    }
}
