//! How many connections a tenant takes on its database server, and how many the server can give.
//!
//! What is set aside for a tenant is what its role may hold at most, its `CONNECTION LIMIT`. The
//! server enforces it, so as long as the sum fits, no tenant is refused a connection because of
//! what others do.

use crate::Size;

/// Connections that one Odoo process may hold: `db_maxconn`. The one on which it listens for
/// notifications, on the database `postgres`, is among them.
pub const CONNECTIONS_PER_PROCESS: u16 = 8;
/// Processes beside the workers: cron, websockets, and the one that starts them all.
const FURTHER_PROCESSES: u16 = 3;
/// A pod is gone before the one that replaces it starts, and PostgreSQL ends a session whose client
/// is gone, unless a statement still runs in it. A process runs one statement at a time.
const LINGERING_PER_PROCESS: u16 = 1;
/// Left free for people and their tools: `psql`, monitoring, dumps.
const FOR_PEOPLE: u32 = 10;

impl Size {
    /// Connections that the role of a tenant of this size may hold at once.
    #[must_use]
    pub fn connections(&self) -> u16 {
        u16::try_from(self.workers)
            .unwrap_or(u16::MAX)
            .saturating_add(FURTHER_PROCESSES)
            .saturating_mul(CONNECTIONS_PER_PROCESS + LINGERING_PER_PROCESS)
    }
}

/// The connections of a database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// All that it accepts at once.
    pub maximum: u32,
    /// Those of them that no tenant is given.
    pub reserved: u32,
}

/// What tenants were given on a database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allocation {
    /// Connections that are set aside, the sum over all of them.
    pub connections: u32,
    /// How many tenants there are.
    pub tenants: u32,
}

/// A tenant does not fit on its database server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "it needs {needed} connections and {} are left: of {}, {} are reserved and {} set aside for {} \
     other tenants; raise the server's maximum, or remove a tenant from it",
    capacity.left(*others), capacity.maximum, capacity.reserved, others.connections, others.tenants
)]
pub struct ServerFull {
    needed: u16,
    capacity: Capacity,
    others: Allocation,
}

impl Capacity {
    /// Of a server that accepts `maximum` connections, of which it keeps `withheld` from ordinary
    /// roles, and of which Tenantry itself holds `own` at most.
    #[must_use]
    pub fn new(maximum: u32, withheld: u32, own: u32) -> Self {
        Self {
            maximum,
            reserved: withheld.saturating_add(own).saturating_add(FOR_PEOPLE),
        }
    }

    /// Sets `needed` connections aside, beside what `others` were given.
    ///
    /// # Errors
    /// So many are not left.
    pub fn admit(self, needed: u16, others: Allocation) -> Result<(), ServerFull> {
        if u32::from(needed) <= self.left(others) {
            return Ok(());
        }
        Err(ServerFull {
            needed,
            capacity: self,
            others,
        })
    }

    fn left(self, others: Allocation) -> u32 {
        self.maximum
            .saturating_sub(self.reserved)
            .saturating_sub(others.connections)
    }
}

impl Allocation {
    /// With one tenant more, that was given `connections`.
    #[must_use]
    pub fn and(self, connections: u32) -> Self {
        Self {
            connections: self.connections.saturating_add(connections),
            tenants: self.tenants.saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn size(workers: u32) -> Size {
        let quantity = |text: &str| text.parse().unwrap();
        Size {
            workers,
            cpu: quantity("100m"),
            memory: quantity("512Mi"),
            memory_limit: quantity("2Gi"),
            storage: quantity("2Gi"),
        }
    }

    #[test]
    fn a_small_tenant_takes_nine_connections_for_each_of_its_five_processes() {
        assert_eq!(size(2).connections(), 45);
    }

    #[test]
    fn a_refusal_says_the_numbers_and_the_remedy() {
        let others = Allocation::default().and(45).and(0);
        let full = Capacity::new(100, 3, 32).admit(45, others).unwrap_err();
        assert_eq!(
            full.to_string(),
            "it needs 45 connections and 10 are left: of 100, 45 are reserved and 45 set aside for \
             2 other tenants; raise the server's maximum, or remove a tenant from it"
        );
    }

    proptest! {
        #[test]
        fn every_process_can_fill_its_pool_beside_what_lingers(workers in 1_u32..=64) {
            let processes = workers + u32::from(FURTHER_PROCESSES);
            let pools = processes * u32::from(CONNECTIONS_PER_PROCESS);
            prop_assert!(u32::from(size(workers).connections()) >= pools + processes);
        }

        #[test]
        fn a_larger_size_takes_more(workers in any::<u32>()) {
            let (smaller, larger) = (size(workers), size(workers.saturating_add(1)));
            prop_assert!(smaller.connections() <= larger.connections());
        }

        #[test]
        fn whoever_comes_the_server_never_promises_more_than_it_has(
            maximum in any::<u32>(),
            withheld in any::<u32>(),
            own in any::<u32>(),
            comers in prop::collection::vec(any::<u16>(), 0..200),
        ) {
            let capacity = Capacity::new(maximum, withheld, own);
            let mut given = Allocation::default();
            for needed in comers {
                if capacity.admit(needed, given).is_ok() {
                    given = given.and(needed.into());
                }
            }
            let promised = u64::from(given.connections) + u64::from(capacity.reserved);
            prop_assert!(given.connections == 0 || promised <= u64::from(maximum));
        }

        #[test]
        fn who_was_refused_fits_once_enough_has_gone(
            maximum in 100_u32..5000,
            needed in 1_u16..600,
            others in 0_u32..5000,
        ) {
            let capacity = Capacity::new(maximum, 3, 32);
            let room = maximum.saturating_sub(capacity.reserved);
            let with = |connections| Allocation { connections, tenants: 1 };
            prop_assert_eq!(
                capacity.admit(needed, with(others)).is_ok(),
                others.saturating_add(needed.into()) <= room
            );
        }
    }
}
