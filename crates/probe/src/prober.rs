//! Asks all watched tenants, each in a task of its own.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tenantry_domain::{Hostname, TenantKey};
use tenantry_telemetry::{Metrics, Probed};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::door::Door;
use crate::history::{Health, History, Verdict};
use crate::request::{ProbeError, ask_for_login_page};

/// The health of this tenant changed; ask the [`Prober`] for its verdict.
pub type Transition = TenantKey;

/// Asks watched tenants for their login page until they are forgotten.
#[derive(Debug)]
pub struct Prober {
    door: Door,
    targets: Mutex<HashMap<TenantKey, Target>>,
    transitions: mpsc::UnboundedSender<Transition>,
    metrics: Metrics,
}

#[derive(Debug)]
struct Target {
    hostname: Hostname,
    history: Arc<Mutex<History>>,
    task: JoinHandle<()>,
}

impl Drop for Target {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Prober {
    /// A prober that asks at `door` and counts its answers in `metrics`, and the changes of health
    /// that it sees.
    #[must_use]
    pub fn new(door: Door, metrics: Metrics) -> (Self, mpsc::UnboundedReceiver<Transition>) {
        let (transitions, receiver) = mpsc::unbounded_channel();
        let prober = Self {
            door,
            targets: Mutex::new(HashMap::new()),
            transitions,
            metrics,
        };
        (prober, receiver)
    }

    /// Asks `tenant` at `hostname` from now on, beginning with what is `known` of it. Nothing
    /// changes when it is asked there already. Must be called within a tokio runtime.
    pub fn watch(&self, tenant: &TenantKey, hostname: &Hostname, known: Health) {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        if targets
            .get(tenant)
            .is_some_and(|target| target.hostname == *hostname)
        {
            return;
        }
        let history = Arc::new(Mutex::new(History::new(known, Timestamp::now())));
        let watched = Watched {
            door: self.door.clone(),
            hostname: hostname.clone(),
            history: Arc::clone(&history),
            tenant: tenant.clone(),
            transitions: self.transitions.clone(),
            metrics: self.metrics.clone(),
        };
        let task = tokio::spawn(watched.ask_for_ever());
        targets.insert(
            tenant.clone(),
            Target {
                hostname: hostname.clone(),
                history,
                task,
            },
        );
    }

    /// Asks `tenant` no more.
    pub fn forget(&self, tenant: &TenantKey) {
        self.targets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(tenant);
    }

    /// How `tenant` stands; `None` while it is not watched.
    #[must_use]
    pub fn verdict(&self, tenant: &TenantKey) -> Option<Verdict> {
        let targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let history = &targets.get(tenant)?.history;
        Some(
            history
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .verdict()
                .clone(),
        )
    }
}

/// One tenant that is asked.
struct Watched {
    door: Door,
    hostname: Hostname,
    history: Arc<Mutex<History>>,
    tenant: TenantKey,
    transitions: mpsc::UnboundedSender<Transition>,
    metrics: Metrics,
}

impl Watched {
    async fn ask_for_ever(self) {
        loop {
            let (changed, pause) = self.ask().await;
            if changed {
                tracing::info!(tenant = %self.tenant, hostname = %self.hostname, "health changed");
                if self.transitions.send(self.tenant.clone()).is_err() {
                    return;
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Asks once. Returns whether the health changed, and how long to wait.
    async fn ask(&self) -> (bool, Duration) {
        let asked = Timestamp::now();
        let answer = ask_for_login_page(&self.door, &self.hostname).await;
        let now = Timestamp::now();
        let probed = answer
            .as_ref()
            .map_or_else(ProbeError::probed, |()| Probed::LoginPage);
        self.metrics.probed(probed);
        let answer = answer.map_err(|error| chain(&error));
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        (history.record(answer, asked, now), history.pause(now))
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
