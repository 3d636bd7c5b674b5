//! What to do next for a tenant. Pure.

use jiff::Timestamp;

use super::observe::{DatabaseState, Observed};

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
    /// A database server that can be used.
    DatabaseServer,
    /// A template; with what is said of it.
    Template(String),
    /// The database that the tenant had, restored by someone.
    LostDatabase,
}

/// Where the hostnames of a tenant that runs should lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// To its workload.
    Workload,
    /// To the parking page, where they lead already, until its pod is ready.
    Parking,
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
    /// It does not run, as its spec says.
    Parked {
        /// Whether its pod was gone when it was last looked at.
        stopped: bool,
    },
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
pub(super) fn plan(observed: &Observed) -> Plan {
    match &observed.database {
        DatabaseState::ServerMissing => Plan::Wait(Waiting::DatabaseServer),
        DatabaseState::TemplateMissing(message) => Plan::Wait(Waiting::Template(message.clone())),
        DatabaseState::Lost => Plan::Wait(Waiting::LostDatabase),
        DatabaseState::Unfinished(_) => Plan::Build,
        DatabaseState::Ready => Plan::Maintain,
    }
}

/// Decides where the hostnames lead. A new tenant is published at once, so that its first page is
/// not waited for; one that comes back has a page to show until it can show its own.
pub(super) fn route(observed: &Observed) -> Route {
    if observed.parked && !observed.workload_ready {
        Route::Parking
    } else {
        Route::Workload
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
            parked: false,
        }
    }

    #[test]
    fn a_database_that_was_lost_is_waited_for_and_never_made_anew() {
        assert_eq!(
            plan(&observed(DatabaseState::Lost)),
            Plan::Wait(Waiting::LostDatabase)
        );
    }

    #[test]
    fn nothing_is_built_without_server_and_template() {
        let missing = DatabaseState::TemplateMissing("building".to_owned());
        let waiting = Waiting::Template("building".to_owned());
        assert_eq!(plan(&observed(missing)), Plan::Wait(waiting));
        let server = plan(&observed(DatabaseState::ServerMissing));
        assert_eq!(server, Plan::Wait(Waiting::DatabaseServer));
    }

    #[test]
    fn a_ready_database_is_left_alone() {
        assert_eq!(plan(&observed(DatabaseState::Ready)), Plan::Maintain);
    }

    #[test]
    fn a_tenant_that_comes_back_stays_parked_until_its_pod_is_ready() {
        let mut observed = observed(DatabaseState::Ready);
        assert_eq!(route(&observed), Route::Workload);
        observed.parked = true;
        assert_eq!(route(&observed), Route::Parking);
        observed.workload_ready = true;
        assert_eq!(route(&observed), Route::Workload);
    }
}
