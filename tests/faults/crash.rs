//! Killed right after every single write of a tenant's life, before the answer came.
//!
//! The writes are those that an undisturbed life consists of: a step that is added later is
//! killed, too.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::api::DeleteParams;
use tenantry_crd::claim_name;
use tenantry_tests::{TestPartner, tell};
use tokio::sync::Notify;

use crate::daemon::{Control, in_control};
use crate::end_state::{EndState, nothing_left};
use crate::proxy::{Fate, Seen};

const PATIENCE: Duration = Duration::from_mins(2);

/// What a write about a tenant contains, and how it is called in a list of writes.
pub(crate) struct Traces(Vec<(String, &'static str)>);

impl Traces {
    /// Those of a tenant that has no id yet.
    pub(crate) fn of(partner: &TestPartner, tenant: &str) -> Result<Self> {
        let claim = claim_name(&partner.hostname(tenant).parse()?);
        Ok(Self(vec![(tenant.to_owned(), "TENANT"), (claim, "CLAIM")]))
    }

    /// Those of a tenant that has this one.
    pub(crate) fn with_id(mut self, id: &str) -> Self {
        self.0.push((id.to_owned(), "ID"));
        self
    }

    /// What `seen` writes of the tenant, without names that differ from run to run.
    fn of_write(&self, seen: &Seen) -> Option<String> {
        // Events are news, not state.
        let is_state = seen.is_write() && !seen.path.contains("/events");
        let concerns = self.0.iter().any(|(text, _)| seen.tells_of(text));
        (is_state && concerns).then(|| {
            let method = seen.method.to_string();
            self.0
                .iter()
                .fold(method + " " + &seen.path, |what, trace| {
                    what.replace(&trace.0, trace.1)
                })
        })
    }
}

/// Lets requests pass until the write number `stop` of a tenant, which is done and not answered.
/// Writes are listed in `writes`; `reached` is told.
pub(crate) fn stop_at(
    control: &Control,
    traces: Traces,
    stop: Option<usize>,
    writes: &Arc<Mutex<Vec<String>>>,
) -> Arc<Notify> {
    let reached = Arc::new(Notify::new());
    let writes = Arc::clone(writes);
    let tell = Arc::clone(&reached);
    control.proxy.decide(move |seen| {
        let Some(what) = traces.of_write(seen) else {
            return Fate::Pass;
        };
        let mut writes = writes.lock().unwrap_or_else(PoisonError::into_inner);
        writes.push(what);
        if stop == Some(writes.len() - 1) {
            tell.notify_one();
            return Fate::Unanswered;
        }
        Fate::Pass
    });
    reached
}

pub(crate) fn taken(writes: &Mutex<Vec<String>>) -> Vec<String> {
    std::mem::take(&mut *writes.lock().unwrap_or_else(PoisonError::into_inner))
}

pub(crate) async fn reach(reached: &Notify, what: &str, control: &Control) -> Result<()> {
    tokio::time::timeout(PATIENCE, reached.notified())
        .await
        .with_context(|| format!("{what} was never reached:\n{}", control.said()))
}

async fn id_of(partner: &TestPartner, tenant: &str) -> Result<Option<String>> {
    let status = partner.tenants().get(tenant).await?.status;
    Ok(status.and_then(|status| status.tenant_id))
}

/// The writes of an undisturbed life, and what there was in between.
async fn undisturbed(
    control: &Control,
    partner: &TestPartner,
) -> Result<(Vec<String>, Vec<String>, EndState)> {
    let writes = Arc::default();
    stop_at(control, Traces::of(partner, "calm")?, None, &writes);
    let daemon = control.start()?;
    partner.create_tenant("calm").await?;
    let state = EndState::of(partner, "calm").await?;
    let made = taken(&writes);
    let id = id_of(partner, "calm").await?.context("no id")?;
    let traces = Traces::of(partner, "calm")?.with_id(&id);
    stop_at(control, traces, None, &writes);
    partner.delete_tenant("calm").await?;
    nothing_left(partner, "calm", &id).await?;
    daemon.kill().await?;
    Ok((made, taken(&writes), state))
}

#[tokio::test]
async fn killed_after_any_write_a_tenant_comes_to_be_and_goes_all_the_same() -> Result<()> {
    in_control(async |control, partner| {
        let (making, removing, expected) = undisturbed(control, partner).await?;
        ensure!(
            making.len() > 5 && removing.len() > 1,
            "{making:?} {removing:?}"
        );
        let mut going = Vec::new();
        for (number, write) in making.iter().enumerate() {
            let tenant = format!("crash{number}x");
            kill_while_making(control, partner, &tenant, number, write, &expected).await?;
            let stop = number % removing.len();
            going.push(kill_while_removing(control, partner, &tenant, stop).await?);
            let progress = format!("{} of {}", number + 1, making.len());
            tell(&format!(
                "{progress}: killed after {write}, then after {}",
                removing[stop]
            ));
        }
        control.proxy.pass();
        let daemon = control.start()?;
        for (tenant, id) in going {
            nothing_left(partner, &tenant, &id).await?;
        }
        daemon.kill().await
    })
    .await
}

async fn kill_while_making(
    control: &Control,
    partner: &TestPartner,
    tenant: &str,
    number: usize,
    write: &str,
    expected: &EndState,
) -> Result<()> {
    let traces = Traces::of(partner, tenant)?;
    let reached = stop_at(control, traces, Some(number), &Arc::default());
    let daemon = control.start()?;
    partner.create_tenant(tenant).await?;
    reach(&reached, write, control).await?;
    daemon.kill().await?;
    let before = id_of(partner, tenant).await?;
    control.proxy.pass();
    let daemon = control.start()?;
    let state = EndState::of(partner, tenant)
        .await
        .with_context(|| format!("killed after {write}:\n{}", control.said()))?;
    daemon.kill().await?;
    let after = id_of(partner, tenant).await?;
    ensure!(
        before.is_none() || before == after,
        "killed after {write}, the tenant became another: {before:?}, {after:?}"
    );
    ensure!(
        state == *expected,
        "killed after {write}: {state:#?} is not {expected:#?}"
    );
    Ok(())
}

async fn kill_while_removing(
    control: &Control,
    partner: &TestPartner,
    tenant: &str,
    number: usize,
) -> Result<(String, String)> {
    let id = id_of(partner, tenant).await?.context("no id")?;
    let traces = Traces::of(partner, tenant)?.with_id(&id);
    let reached = stop_at(control, traces, Some(number), &Arc::default());
    let daemon = control.start()?;
    partner
        .tenants()
        .delete(tenant, &DeleteParams::default())
        .await?;
    reach(&reached, "a write of the removal", control).await?;
    daemon.kill().await?;
    Ok((tenant.to_owned(), id))
}
