//! Whether a tenant has room on its database server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kube::ResourceExt as _;
use tenantry_crd::{ConnectionsStatus, DatabaseServer, Tenant};
use tenantry_domain::{Allocation, Capacity, ResourceName, ServerFull, ValidTenant};

use crate::context::Context;
use crate::servers::Unusable;
use crate::world::World;

/// Whether a tenant has room on its database server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placement {
    /// So many connections are set aside for it.
    Granted(u16),
    /// What the server has to give is not known yet.
    Unknown(Unusable),
    /// It does not fit.
    Refused(ServerFull),
}

/// What was granted by this process, by the tenant's uid: the caches may not have it yet, and two
/// tenants that are placed at the same moment must not get the same connections.
#[derive(Default)]
pub(crate) struct Grants(Mutex<HashMap<String, Grant>>);

struct Grant {
    server: ResourceName,
    connections: u16,
}

impl Context {
    /// Sets aside what `valid` needs on its database server.
    pub(crate) fn place(&self, tenant: &Tenant, valid: &ValidTenant) -> Placement {
        let server = &valid.database_server;
        let wish = Grant {
            server: server.clone(),
            connections: valid.size.connections(),
        };
        // Listed while grants are locked: one is dropped when the cache has the status that says
        // it, and an older list would have neither.
        let tenants = || self.world.tenants.state();
        let capacity = self.usable_server(server).and_then(|server| {
            let uncounted = || Unusable::Starting("its connections were not counted yet".into());
            capacity(&server).ok_or_else(uncounted)
        });
        self.grants.place(tenant, wish, capacity, tenants)
    }

    /// The tenant is gone, and what was granted to it is free.
    pub(crate) fn displace(&self, tenant: &Tenant) {
        self.grants
            .locked()
            .remove(&tenant.uid().unwrap_or_default());
    }
}

impl Grants {
    /// Grants `wish` if it fits beside what the other `tenants` have or were granted. A tenant
    /// keeps what it was given, whatever becomes of the server's maximum; for more, it has to fit
    /// like any other.
    fn place(
        &self,
        tenant: &Tenant,
        wish: Grant,
        capacity: std::result::Result<Capacity, Unusable>,
        tenants: impl FnOnce() -> Vec<Arc<Tenant>>,
    ) -> Placement {
        let needed = wish.connections;
        let uid = tenant.uid().unwrap_or_default();
        let mut grants = self.locked();
        if held(tenant, &wish.server).is_some_and(|held| held >= needed.into()) {
            // The status that says so has come back.
            grants.remove(&uid);
            return Placement::Granted(needed);
        }
        let capacity = match capacity {
            Ok(capacity) => capacity,
            Err(unusable) => return Placement::Unknown(unusable),
        };
        let tenants = tenants();
        let others = tenants.iter().filter(|other| other.uid() != tenant.uid());
        let given = others.filter_map(|other| {
            let grant = grants.get(other.uid()?.as_str());
            let grant = grant.filter(|grant| grant.server == wish.server);
            let granted = grant.map(|grant| u32::from(grant.connections));
            held(other, &wish.server).max(granted)
        });
        let given = given.fold(Allocation::default(), Allocation::and);
        if let Err(full) = capacity.admit(needed, given) {
            return Placement::Refused(full);
        }
        grants.insert(uid, wish);
        Placement::Granted(needed)
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Grant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What tenants were given on the server, as their statuses say.
pub(crate) fn allocation(world: &World, server: &ResourceName) -> Allocation {
    let tenants = world.tenants.state();
    let given = tenants.iter().filter_map(|tenant| held(tenant, server));
    given.fold(Allocation::default(), Allocation::and)
}

/// What the tenant was given on the server; nothing when it is not placed there.
fn held(tenant: &Tenant, server: &ResourceName) -> Option<u32> {
    let placement = tenant.status.as_ref()?.placement.as_ref()?;
    let here = placement.database_server == server.as_str();
    here.then(|| u32::try_from(placement.connections.unwrap_or(0)).unwrap_or(0))
}

/// What the server was seen to have to give.
pub(crate) fn capacity(server: &DatabaseServer) -> Option<Capacity> {
    let connections = server.status.as_ref()?.connections?;
    Some(Capacity {
        maximum: u32::try_from(connections.maximum).unwrap_or(0),
        reserved: u32::try_from(connections.reserved).unwrap_or(0),
    })
}

/// What the server's status should say.
pub(crate) fn connections_status(capacity: Capacity, allocation: Allocation) -> ConnectionsStatus {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    ConnectionsStatus {
        maximum: number(capacity.maximum),
        reserved: number(capacity.reserved),
        allocated: number(allocation.connections),
        tenants: number(allocation.tenants),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SMALL: u16 = 45;

    /// A tenant as a cache has it; placed when it was given something.
    fn tenant(name: &str, given: Option<u16>) -> Arc<Tenant> {
        let placement = given.map(|connections| {
            json!({
                "namespace": name, "databaseServer": "main", "database": name,
                "connections": connections,
            })
        });
        let tenant = json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Tenant",
            "metadata": {"name": name, "uid": name},
            "spec": {
                "displayName": name,
                "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "base",
                "hostnames": [format!("{name}.example")],
                "administrator": {"email": "owner@shop.example"},
            },
            "status": {"placement": placement},
        });
        Arc::new(serde_json::from_value(tenant).unwrap())
    }

    /// Room for one small tenant, and not for two.
    fn place(grants: &Grants, who: &Tenant, needed: u16, all: &[&Arc<Tenant>]) -> Placement {
        let wish = Grant {
            server: "main".parse().unwrap(),
            connections: needed,
        };
        let all = || all.iter().map(|tenant| Arc::clone(tenant)).collect();
        grants.place(who, wish, Ok(Capacity::new(100, 3, 32)), all)
    }

    #[test]
    fn of_two_at_the_same_moment_one_is_placed() {
        let (one, two) = (tenant("one", None), tenant("two", None));
        let grants = Grants::default();
        let placed = |who: &Tenant| place(&grants, who, SMALL, &[&one, &two]);
        assert_eq!(placed(&one), Placement::Granted(SMALL));
        assert!(matches!(placed(&two), Placement::Refused(_)));
        assert_eq!(placed(&one), Placement::Granted(SMALL));
    }

    #[test]
    fn who_was_refused_is_placed_once_another_has_gone() {
        let (one, two) = (tenant("one", Some(SMALL)), tenant("two", None));
        let grants = Grants::default();
        let refused = place(&grants, &two, SMALL, &[&one, &two]);
        assert!(matches!(refused, Placement::Refused(_)));
        let placed = place(&grants, &two, SMALL, &[&two]);
        assert_eq!(placed, Placement::Granted(SMALL));
    }

    #[test]
    fn a_tenant_keeps_what_it_has_and_grows_only_where_there_is_room() {
        let (one, two) = (tenant("one", Some(SMALL)), tenant("two", Some(30)));
        let grants = Grants::default();
        // More than there is were given, because the server had a larger maximum.
        let placed = |needed| place(&grants, &one, needed, &[&one, &two]);
        assert_eq!(placed(SMALL), Placement::Granted(SMALL));
        assert_eq!(placed(20), Placement::Granted(20));
        assert!(matches!(placed(SMALL + 1), Placement::Refused(_)));
    }

    #[test]
    fn nothing_is_placed_on_a_server_that_was_not_asked_yet() {
        let one = tenant("one", None);
        let wish = Grant {
            server: "main".parse().unwrap(),
            connections: SMALL,
        };
        let said = Unusable::Starting("it has not been looked at yet".to_owned());
        let placed = Grants::default().place(&one, wish, Err(said.clone()), Vec::new);
        assert_eq!(placed, Placement::Unknown(said));
    }
}
