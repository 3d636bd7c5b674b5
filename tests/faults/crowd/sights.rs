//! All tenants of a partner, as they are now.

use std::pin::Pin;
use std::time::Duration;

use anyhow::{Result, bail};
use futures::{Stream, StreamExt as _};
use kube::runtime::reflector::{self, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, ResourceExt as _};
use tenantry_crd::Tenant;
use tokio::time::{Instant, timeout_at};

/// A watch over all tenants of a partner.
pub(super) struct Sights {
    store: Store<Tenant>,
    changes: Pin<Box<dyn Stream<Item = watcher::Result<Tenant>> + Send>>,
}

impl Sights {
    pub(super) async fn of(tenants: Api<Tenant>) -> Result<Self> {
        let (store, writer) = reflector::store();
        let mut events = watcher(tenants, watcher::Config::default())
            .default_backoff()
            .reflect(writer)
            .boxed();
        // Until the list is there, nothing that is seen means anything.
        loop {
            if let Some(Ok(watcher::Event::InitDone)) = events.next().await {
                break;
            }
        }
        let changes = events.touched_objects().boxed();
        Ok(Self { store, changes })
    }

    /// Waits until `count` tenants are as `is` says.
    pub(super) async fn until(
        &mut self,
        count: usize,
        patience: Duration,
        is: impl Fn(&Tenant) -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let tenants = self.store.state();
            let (are, others): (Vec<_>, Vec<_>) = tenants.iter().partition(|one| is(one));
            if are.len() >= count {
                return Ok(());
            }
            if timeout_at(deadline, self.changes.next()).await.is_err() {
                let one = others.first().map(|one| (one.name_any(), &one.status));
                bail!("{} of {count} are so; not {one:?}", are.len());
            }
        }
    }

    /// Waits until there is none.
    pub(super) async fn until_none(&mut self, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        while !self.store.is_empty() {
            if timeout_at(deadline, self.changes.next()).await.is_err() {
                bail!("{} tenants are left", self.store.len());
            }
        }
        Ok(())
    }
}
