//! What to do next for a tenant. Pure.

use jiff::Timestamp;

use super::observe::{DatabaseState, Observed};
use crate::placement::Placement;

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
    /// Room on its database server.
    Room,
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

/// What there has to be before anything else is looked at.
pub(super) fn obstacle(placement: &Placement) -> Option<Waiting> {
    match placement {
        Placement::Granted(_) => None,
        Placement::Unknown => Some(Waiting::DatabaseServer),
        Placement::Refused(_) => Some(Waiting::Room),
    }
}

/// Decides what to do next.
pub(super) fn plan(observed: &Observed) -> Plan {
    match &observed.database {
        DatabaseState::ServerMissing => Plan::Wait(Waiting::DatabaseServer),
        DatabaseState::TemplateMissing(message) => Plan::Wait(Waiting::Template(message.clone())),
        DatabaseState::Lost => Plan::Wait(Waiting::LostDatabase),
        DatabaseState::Unfinished(_) => Plan::Build,
        DatabaseState::Ready { .. } => Plan::Maintain,
    }
}

#[cfg(test)]
mod tests {
    use tenantry_database::Login;
    use tenantry_domain::{Allocation, Capacity};
    use tenantry_render::Endpoint;

    use super::*;
    use crate::servers::Reached;

    fn observed(database: DatabaseState) -> Observed {
        Observed {
            database,
            workload_ready: false,
            published: false,
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
        let endpoint = Endpoint::managed(&"main".parse().unwrap());
        let login = Login {
            user: "tenantry".to_owned(),
            password: "secret".into(),
        };
        let reached = Reached::new(endpoint, &login);
        let ready = DatabaseState::Ready {
            reached: Box::new(reached),
            connections: Some(45),
        };
        assert_eq!(plan(&observed(ready)), Plan::Maintain);
    }

    #[test]
    fn a_tenant_without_room_waits_for_it() {
        let others = Allocation::default().and(50);
        let full = Capacity::new(100, 3, 32).admit(45, others).unwrap_err();
        assert_eq!(obstacle(&Placement::Refused(full)), Some(Waiting::Room));
        assert_eq!(obstacle(&Placement::Granted(45)), None);
    }
}
