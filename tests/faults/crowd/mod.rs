//! Two hundred tenants at once: a storm of updates, then quiet, and a newcomer that need not wait.
//!
//! API server, scheduler, volumes, PostgreSQL and databases are real. What would not fit on one
//! machine is not: pods run on a node of kwok, and the suite answers for their login pages.

mod figures;
mod node;
mod page;
mod sights;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use tenantry_crd::{DatabaseServer, Tenant, holds};
use tenantry_domain::ConditionType;
use tenantry_tests::{TestPartner, condition, tell, until};

use crate::daemon::{Control, Daemon, in_control};
use crate::proxy::Fate;
use figures::Figures;
use sights::Sights;

const CROWD: usize = 200;
/// How often each of them is updated in the storm.
const ROUNDS: usize = 5;
/// Requests that the suite has on their way at once.
const AT_ONCE: usize = 20;
const PATIENCE: Duration = Duration::from_mins(10);
const SETTLING: Duration = Duration::from_secs(20);
const QUIET: Duration = Duration::from_secs(30);
/// How long a newcomer may wait for its first status.
const START_MAX: Duration = Duration::from_secs(5);
/// Nine for each process of 200 small tenants, and some.
const CONNECTIONS: i64 = 10_000;

/// The writes that passed.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<String>>>);

impl Writes {
    fn count(control: &Control) -> Self {
        let writes = Self::default();
        let list = writes.clone();
        control.proxy.decide(move |seen| {
            if seen.is_write() {
                list.locked().push(format!("{} {}", seen.method, seen.path));
            }
            Fate::Pass
        });
        writes
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.locked())
    }

    fn locked(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tenants_are_served_updated_and_left_alone() -> Result<()> {
    in_control(async |control, partner| {
        let pages = page::Pages::start().await?;
        control.configure("/ingress/address", json!(pages.address.to_string()))?;
        let writes = Writes::count(control);
        let daemon = control.start()?;
        let before = set_connections(partner, CONNECTIONS).await?;
        let outcome = node::with_node(&partner.environment, async || {
            let figures = crowd(partner, &daemon, &writes).await;
            let removed = remove(partner).await;
            Ok((figures?, removed?))
        })
        .await;
        set_connections(partner, before).await?;
        daemon.kill().await?;
        let (mut figures, removal) = outcome.with_context(|| control.said())?;
        figures.removal_seconds = removal.as_secs_f64();
        figures.publish()?;
        figures.judge()
    })
    .await
}

/// Sets how many connections the server `main` takes. Returns how many it took before.
async fn set_connections(partner: &TestPartner, connections: i64) -> Result<i64> {
    let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
    let managed = |server: &DatabaseServer| {
        let managed = server.spec.managed.as_ref();
        managed.map(|managed| i64::from(managed.max_connections))
    };
    let before = managed(&servers.get("main").await?).context("main is not managed")?;
    let spec = json!({"spec": {"managed": {"maxConnections": connections}}});
    let change = PatchParams::default();
    servers.patch("main", &change, &Patch::Merge(spec)).await?;
    until(&servers, "main", PATIENCE, |server| {
        let server = server.ok_or("absent")?;
        let status = server.status.clone().unwrap_or_default();
        let is_ready = holds(&status.conditions, ConditionType::Ready);
        let told = status.connections.as_ref();
        let told = told.map(|found| i64::from(found.maximum));
        (is_ready && told == Some(connections))
            .then_some(())
            .ok_or_else(|| format!("{status:?}"))
    })
    .await?;
    Ok(before)
}

async fn crowd(partner: &TestPartner, daemon: &Daemon, writes: &Writes) -> Result<Figures> {
    let mut sights = Sights::of(partner.tenants()).await?;
    writes.take();
    let begin = Instant::now();
    create(partner).await?;
    let behind_queue = start(partner, "behind-queue", &mut sights).await?;
    sights.until(CROWD + 1, PATIENCE, serves).await?;
    let provisioning = begin.elapsed();
    let provisioning_writes = writes.take();
    tell(&format!("{CROWD} tenants serve after {provisioning:?}"));

    tokio::time::sleep(SETTLING).await;
    writes.take();
    tokio::time::sleep(QUIET).await;
    let rest_writes = writes.take();
    let rest_bytes = daemon.resident_bytes()?;
    let behind_serving = start(partner, "behind-serving", &mut sights).await?;
    sights.until(CROWD + 2, PATIENCE, serves).await?;

    tokio::time::sleep(SETTLING).await;
    writes.take();
    let begin = Instant::now();
    storm(partner).await?;
    sights.until(CROWD + 2, PATIENCE, serves).await?;
    let storm = begin.elapsed();
    let storm_writes = writes.take();
    let storm_bytes = daemon.resident_bytes()?;
    tell(&format!("{} updates after {storm:?}", ROUNDS * CROWD));
    tokio::time::sleep(SETTLING).await;
    writes.take();
    tokio::time::sleep(QUIET).await;
    Ok(Figures {
        tenants: CROWD,
        provisioning_seconds: provisioning.as_secs_f64(),
        provisioning_writes_per_tenant: ratio(provisioning_writes.len(), CROWD + 1),
        start_behind_queue_seconds: behind_queue.as_secs_f64(),
        start_behind_serving_seconds: behind_serving.as_secs_f64(),
        quiet_seconds: QUIET.as_secs(),
        quiet_writes: rest_writes,
        tenantryd_bytes: rest_bytes,
        storm_updates: ROUNDS * CROWD,
        storm_seconds: storm.as_secs_f64(),
        storm_writes_per_update: ratio(storm_writes.len(), ROUNDS * CROWD),
        storm_tenantryd_bytes: storm_bytes,
        quiet_writes_after_storm: writes.take(),
        removal_seconds: 0.0,
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of thousands")]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}

/// It serves what its spec says, and all that is told of it agrees.
fn serves(tenant: &Tenant) -> bool {
    ["WorkloadReady", "Routed", "Serving", "Ready"]
        .iter()
        .all(|kind| condition(kind, "True")(Some(tenant)).is_ok())
}

async fn create(partner: &TestPartner) -> Result<()> {
    stream::iter(0..CROWD)
        .map(async |number| partner.create_tenant(&format!("crowd{number}")).await)
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await
}

/// How long a new tenant waits until something of it is done.
async fn start(partner: &TestPartner, name: &str, sights: &mut Sights) -> Result<Duration> {
    let begin = Instant::now();
    partner.create_tenant(name).await?;
    let has_begun = |tenant: &Tenant| {
        let id = tenant.status.as_ref().and_then(|s| s.tenant_id.as_ref());
        tenant.name_any() == name && id.is_some()
    };
    sights.until(1, PATIENCE, has_begun).await?;
    Ok(begin.elapsed())
}

async fn storm(partner: &TestPartner) -> Result<()> {
    let (tenants, change) = (partner.tenants(), PatchParams::default());
    let updates = (0..ROUNDS).flat_map(|round| (0..CROWD).map(move |number| (round, number)));
    stream::iter(updates)
        .map(async |(round, number)| {
            let spec = json!({"spec": {"displayName": format!("Round {round}")}});
            let name = format!("crowd{number}");
            tenants.patch(&name, &change, &Patch::Merge(spec)).await
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    Ok(())
}

/// Removes every tenant. Returns how long it took.
async fn remove(partner: &TestPartner) -> Result<Duration> {
    let begin = Instant::now();
    let tenants = partner.tenants();
    let mut sights = Sights::of(tenants.clone()).await?;
    let (all, delete) = (ListParams::default(), DeleteParams::default());
    tenants.delete_collection(&delete, &all).await?;
    sights.until_none(PATIENCE).await?;
    let elapsed = begin.elapsed();
    ensure!(tenants.list_metadata(&all).await?.items.is_empty());
    Ok(elapsed)
}
