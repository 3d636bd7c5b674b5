//! What to do next for a tenant. Pure.

use jiff::Timestamp;
use tenantry_crd::ReleaseChangeStatus;

use super::observe::{DatabaseState, Loss, Observed};
use super::release::decide::Asked;
use crate::placement::Placement;
use crate::servers::Unusable;

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
    DatabaseServer(Unusable),
    /// Room on its database server.
    Room,
    /// A template; with what is said of it.
    Template(String),
    /// What the tenant had, restored by someone.
    Lost(Loss),
}

/// Where the hostnames of a tenant that runs should lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
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
        /// Whether its role was given back the password that it should have.
        password_reset: bool,
        /// Why its volume is smaller than its size says, if it is.
        volume_refused: Option<String>,
    },
}

/// What there has to be before anything else is looked at. A tenant that has a place is kept as it
/// is there, whatever else it asks for.
pub(super) fn obstacle(placement: &Placement, is_placed: bool) -> Option<Waiting> {
    match placement {
        Placement::Granted(_) => None,
        _ if is_placed => None,
        Placement::Unknown(unusable) => Some(Waiting::DatabaseServer(unusable.clone())),
        Placement::Refused(_) => Some(Waiting::Room),
    }
}

/// Decides what to do next.
pub(super) fn plan(observed: &Observed, asked: &Asked<'_>) -> Plan {
    if let Some(change) = asked.going_on() {
        return Plan::ContinueChange(change);
    }
    match &observed.database {
        DatabaseState::ServerMissing(unusable) => {
            Plan::Wait(Waiting::DatabaseServer(unusable.clone()))
        }
        DatabaseState::TemplateMissing(message) => Plan::Wait(Waiting::Template(message.clone())),
        DatabaseState::Lost(loss) => Plan::Wait(Waiting::Lost(*loss)),
        _ if observed.volume_is_gone => Plan::Wait(Waiting::Lost(Loss::Volume)),
        DatabaseState::Unfinished(_) => Plan::Build,
        DatabaseState::Changing => Plan::BeginChange(asked.unknown()),
        DatabaseState::Ready { .. } => asked.wanted().map_or(Plan::Maintain, Plan::BeginChange),
        DatabaseState::PasswordRejected(_) => Plan::Maintain,
    }
}

/// Decides where the hostnames lead. A new tenant is published at once, so that its first page is
/// not waited for; one that comes back has a page to show until it can show its own.
pub(super) fn destination(observed: &Observed) -> Destination {
    if observed.edge.parked && !observed.workload_ready {
        Destination::Parking
    } else {
        Destination::Workload
    }
}

#[cfg(test)]
mod tests {
    use tenantry_database::Login;
    use tenantry_domain::{Allocation, Capacity};
    use tenantry_render::Endpoint;

    use super::*;
    use crate::servers::Reached;
    use crate::tenant::observe::Edge;

    fn observed(database: DatabaseState) -> Observed {
        Observed {
            database,
            workload_ready: false,
            volume_is_gone: false,
            edge: Edge {
                published: false,
                parked: false,
            },
        }
    }

    fn planned(database: DatabaseState, asked: &Asked<'_>) -> Plan {
        plan(&observed(database), asked)
    }

    fn unchanged() -> Asked<'static> {
        Asked {
            current: "a",
            next: None,
            change: None,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// A database that is as it should be. Nothing is connected to.
    fn ready() -> DatabaseState {
        let endpoint = Endpoint::managed(&"main".parse().unwrap());
        let login = Login {
            user: "tenantry".to_owned(),
            password: "secret".into(),
        };
        DatabaseState::Ready {
            reached: Box::new(Reached::new(endpoint, &login)),
            connections: Some(45),
        }
    }

    #[test]
    fn what_was_lost_is_waited_for_and_never_made_anew() {
        for loss in [Loss::Database, Loss::Role, Loss::Access] {
            let lost = planned(DatabaseState::Lost(loss), &unchanged());
            assert_eq!(lost, Plan::Wait(Waiting::Lost(loss)));
        }
        let without_volume = Observed {
            volume_is_gone: true,
            ..observed(ready())
        };
        assert_eq!(
            plan(&without_volume, &unchanged()),
            Plan::Wait(Waiting::Lost(Loss::Volume))
        );
    }

    #[test]
    fn nothing_is_built_without_server_and_template() {
        let missing = DatabaseState::TemplateMissing("building".to_owned());
        let waiting = Waiting::Template("building".to_owned());
        assert_eq!(planned(missing, &unchanged()), Plan::Wait(waiting));
        let said = Unusable::Starting("starting".to_owned());
        let server = planned(DatabaseState::ServerMissing(said.clone()), &unchanged());
        assert_eq!(server, Plan::Wait(Waiting::DatabaseServer(said)));
    }

    #[test]
    fn a_ready_database_is_left_alone_until_another_release_is_asked_for() {
        assert_eq!(planned(ready(), &unchanged()), Plan::Maintain);
        let asked = Asked {
            next: Some("b"),
            ..unchanged()
        };
        let change = asked.wanted().unwrap();
        let begun = Plan::BeginChange(change.clone());
        assert_eq!(planned(ready(), &asked), begun);
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
        let said = Unusable::Starting("starting".to_owned());
        let server = planned(DatabaseState::ServerMissing(said.clone()), &asked);
        assert_eq!(server, Plan::Wait(Waiting::DatabaseServer(said)));
    }

    #[test]
    fn a_tenant_without_room_waits_for_it() {
        let others = Allocation::default().and(50);
        let full = Capacity::new(100, 3, 32).admit(45, others).unwrap_err();
        let refused = Placement::Refused(full);
        assert_eq!(obstacle(&refused, false), Some(Waiting::Room));
        assert_eq!(obstacle(&refused, true), None);
        assert_eq!(obstacle(&Placement::Granted(45), false), None);
    }

    #[test]
    fn a_tenant_that_comes_back_stays_parked_until_its_pod_is_ready() {
        let mut observed = observed(ready());
        assert_eq!(destination(&observed), Destination::Workload);
        observed.edge.parked = true;
        assert_eq!(destination(&observed), Destination::Parking);
        observed.workload_ready = true;
        assert_eq!(destination(&observed), Destination::Workload);
    }
}
