//! What to do next for a tenant. Pure.

use jiff::Timestamp;

use super::observe::{DatabaseState, Loss, Observed};

/// What to do next for a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing can be built before this is there.
    Wait(Waiting),
    /// Make everything that the tenant owns, the database with it.
    Build,
    /// The database is there and never made again: keep everything else as it should be.
    Maintain,
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A database server that can be used; with what is said of it.
    DatabaseServer(String),
    /// A template; with what is said of it.
    Template(String),
    /// What the tenant had, restored by someone.
    Lost(Loss),
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
        /// Whether its role was given back the password that it should have.
        password_reset: bool,
    },
}

/// Decides what to do next.
pub(super) fn plan(observed: &Observed) -> Plan {
    match &observed.database {
        DatabaseState::ServerMissing(said) => Plan::Wait(Waiting::DatabaseServer(said.clone())),
        DatabaseState::TemplateMissing(message) => Plan::Wait(Waiting::Template(message.clone())),
        DatabaseState::Lost(loss) => Plan::Wait(Waiting::Lost(*loss)),
        _ if observed.volume_is_gone => Plan::Wait(Waiting::Lost(Loss::Volume)),
        DatabaseState::Unfinished(_) => Plan::Build,
        DatabaseState::Ready | DatabaseState::PasswordRejected(_) => Plan::Maintain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(database: DatabaseState) -> Observed {
        Observed {
            database,
            workload_ready: false,
            published: false,
            volume_is_gone: false,
        }
    }

    #[test]
    fn what_was_lost_is_waited_for_and_never_made_anew() {
        for loss in [Loss::Database, Loss::Role, Loss::Access] {
            let lost = plan(&observed(DatabaseState::Lost(loss)));
            assert_eq!(lost, Plan::Wait(Waiting::Lost(loss)));
        }
        let without_volume = Observed {
            volume_is_gone: true,
            ..observed(DatabaseState::Ready)
        };
        assert_eq!(
            plan(&without_volume),
            Plan::Wait(Waiting::Lost(Loss::Volume))
        );
    }

    #[test]
    fn nothing_is_built_without_server_and_template() {
        let missing = DatabaseState::TemplateMissing("building".to_owned());
        let waiting = Waiting::Template("building".to_owned());
        assert_eq!(plan(&observed(missing)), Plan::Wait(waiting));
        let said = "starting".to_owned();
        let server = plan(&observed(DatabaseState::ServerMissing(said.clone())));
        assert_eq!(server, Plan::Wait(Waiting::DatabaseServer(said)));
    }

    #[test]
    fn a_ready_database_is_left_alone() {
        assert_eq!(plan(&observed(DatabaseState::Ready)), Plan::Maintain);
    }
}
