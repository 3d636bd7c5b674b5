//! How many tenants are built at once on one database server.
//!
//! Who builds all that are wanted at once has every one of them wait for all others, and a
//! newcomer's first answer too: requests of one account share one queue in the API server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tenantry_domain::ResourceName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Half of them clone, half of them write objects; more make none of them faster.
const AT_ONCE: usize = 16;

/// The tenants that are being built.
#[derive(Default)]
pub(crate) struct Builds(Mutex<HashMap<ResourceName, Arc<Semaphore>>>);

impl Builds {
    /// Waits for a turn on `server`, in the order of arrival. It lasts as long as the answer lives.
    pub(crate) async fn turn(&self, server: &ResourceName) -> Option<OwnedSemaphorePermit> {
        let turns = {
            let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let turns = servers
                .entry(server.clone())
                .or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
            Arc::clone(turns)
        };
        // It is never closed.
        turns.acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_comes_when_all_turns_are_taken_waits_and_on_another_server_does_not() {
        let builds = Builds::default();
        let (busy, other) = ("busy".parse().unwrap(), "other".parse().unwrap());
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(builds.turn(&busy).await.unwrap());
        }
        let soon = Duration::from_millis(20);
        let late = tokio::time::timeout(soon, builds.turn(&busy)).await;
        assert!(late.is_err());
        drop(builds.turn(&other).await.unwrap());
        turns.pop();
        drop(builds.turn(&busy).await.unwrap());
    }
}
