//! Requests that are refused, late, or lost with their answers, watches that lie, lists from the
//! past and a daemon that dies in between: the end is the same.
//!
//! What happens to a request follows from the seed and from how often the same was asked before.
//! A failure prints the line that repeats it.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hyper::StatusCode;
use kube::api::DeleteParams;
use sha2::{Digest as _, Sha256};
use tenantry_tests::{Platform, TestPartner, audit, tell};
use tokio::sync::Notify;

use crate::crash::actions::{self, Action, CREATE, SIZE, SUSPENSION};
use crate::daemon::{Control, in_control};
use crate::end_state::{EndState, nothing_left};
use crate::proxy::{Fate, Seen};
use crate::traces::{Traces, identity};
use crate::watch_stream::Trouble;

const QUIET: Duration = Duration::from_secs(20);
/// What is run when `TENANTRY_TEST_SEED` names no other.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
/// What is asked of the tenant, until it is deleted.
static LIFE: [&Action; 4] = [&CREATE, &SIZE[0], &SUSPENSION[0], &SUSPENSION[1]];

/// What happens to a request of this name that was seen `before` times already. It is the same on
/// every machine and with every compiler.
fn fate(seed: u64, request: &Seen, name: &str, before: u64) -> Fate {
    let text = format!("{seed} {name} {before}");
    let hash = Sha256::digest(text);
    let number = |first: usize| u64::from(hash[first]) << 8 | u64::from(hash[first + 1]);
    let time = Duration::from_millis(number(0) % 1024);
    let count = usize::from(hash[2] % 8);
    match (request.is_watch(), number(3) % 100) {
        (true, 0..20) => Fate::Troubled(Trouble::Late(time)),
        (true, 20..40) => Fate::Troubled(Trouble::Twice),
        (true, 40..60) => Fate::Troubled(Trouble::BreaksOff(count)),
        (true, 60..80) => Fate::Troubled(Trouble::Expires(count)),
        // The watch begins again with a list.
        (true, 80..90) => Fate::Refuse(StatusCode::GONE),
        (false, 0..5) => Fate::Refuse(StatusCode::INTERNAL_SERVER_ERROR),
        (false, 5..10) => Fate::Refuse(StatusCode::TOO_MANY_REQUESTS),
        (false, 10..15) if request.is_write() => Fate::Refuse(StatusCode::CONFLICT),
        (false, 15..18) => Fate::Refuse(StatusCode::GATEWAY_TIMEOUT),
        (false, 20..30) => Fate::Late(time),
        (false, 30..35) if request.is_write() => Fate::Broken(time),
        // The daemon dies of it.
        (false, 35..38) if request.is_write() => Fate::Unanswered,
        (false, 30..60) if request.begins_watch() => Fate::Past,
        _ => Fate::Pass,
    }
}

/// How a request is called in every run.
fn name(request: &Seen, traces: &Traces) -> String {
    let watch = if request.is_watch() { "WATCH " } else { "" };
    let path = traces.normalise(&request.path);
    format!("{watch}{} {path}", request.method)
}

/// What disturbs a daemon with one seed.
struct Chaos<'a> {
    control: &'a Control,
    seed: u64,
    counts: Arc<Mutex<HashMap<String, u64>>>,
    /// Told when the daemon is to die.
    death: Arc<Notify>,
}

impl Chaos<'_> {
    /// Disturbs every request from now on.
    fn disturb(&self, traces: Traces) {
        let (seed, counts) = (self.seed, Arc::clone(&self.counts));
        let death = Arc::clone(&self.death);
        self.control.proxy.decide(move |seen| {
            let name = name(seen, &traces);
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            let fate = fate(seed, seen, &name, *count);
            if let Fate::Unanswered = fate {
                death.notify_one();
            }
            fate
        });
    }

    /// Runs `work` while the daemon lives and dies.
    async fn during(&self, work: impl Future<Output = Result<()>>) -> Result<()> {
        let mut daemon = self.control.start()?;
        let mut work = pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => {
                    daemon.kill().await?;
                    return outcome;
                }
                () = self.death.notified() => {
                    daemon.kill().await?;
                    tell("killed and started again");
                    daemon = self.control.start()?;
                }
            }
        }
    }

    /// The whole life of a tenant, which is as `expected` after every part of it.
    async fn life(
        &self,
        partner: &TestPartner,
        blueprint: &str,
        expected: &[EndState],
    ) -> Result<()> {
        let tenant = format!("seed{}x", self.seed);
        for (action, expected) in LIFE.iter().zip(expected) {
            self.disturb(Traces::of(partner, &tenant).await?);
            action.ask(partner, &tenant, blueprint).await?;
            let same = expected.again(partner, &tenant, action.end).await;
            same.with_context(|| format!("to {} {tenant}", action.name))?;
        }
        self.control.proxy.pass();
        let log = audit::Log::from_rest().await?;
        tokio::time::sleep(QUIET).await;
        let requests = log.requests()?;
        let writes: Vec<_> = requests.iter().filter(|r| r.is_write()).collect();
        ensure!(writes.is_empty(), "at rest it wrote {writes:#?}");
        let id = identity(partner, &tenant).await?;
        self.disturb(Traces::of(partner, &tenant).await?);
        let delete = DeleteParams::default();
        partner.tenants().delete(&tenant, &delete).await?;
        nothing_left(partner, &tenant, &id).await?;
        self.control.no_orphans().await
    }
}

/// What there is after every part of an undisturbed life.
async fn undisturbed(
    control: &Control,
    partner: &TestPartner,
    blueprint: &str,
) -> Result<Vec<EndState>> {
    let daemon = control.start()?;
    let mut states = Vec::new();
    for action in LIFE {
        action.ask(partner, "calm", blueprint).await?;
        states.push(EndState::of(partner, "calm", action.end).await?);
    }
    partner.delete_tenant("calm").await?;
    daemon.kill().await?;
    Ok(states)
}

#[tokio::test]
async fn whatever_happens_to_requests_the_end_is_the_same() -> Result<()> {
    let seeds = match std::env::var("TENANTRY_TEST_SEED") {
        Ok(seed) => vec![seed.parse()?],
        Err(_) => SEEDS.to_vec(),
    };
    in_control(async |control, partner| {
        Platform::of(partner, async |platform| {
            let blueprint = actions::blueprint(platform).await?;
            let expected = undisturbed(control, partner, &blueprint).await?;
            for seed in seeds {
                let again = format!("TENANTRY_TEST_SEED={seed} cargo xtask test faults -- chaos::");
                tell(&again);
                let chaos = Chaos {
                    control,
                    seed,
                    counts: Arc::default(),
                    death: Arc::default(),
                };
                let life = chaos.life(partner, &blueprint, &expected);
                let outcome = chaos.during(life).await;
                control.proxy.pass();
                outcome.with_context(|| format!("{again}\n{}", control.said()))?;
            }
            Ok(())
        })
        .await
    })
    .await
}

#[cfg(test)]
mod tests {
    use hyper::Method;

    use super::*;

    /// What one write of a tenant meets, ten times.
    fn fates(partner: &str, tenant: &str) -> Result<Vec<String>> {
        let hostname = |prefix: &str| format!("{prefix}{tenant}.{partner}.localhost");
        let traces = Traces::new(partner, tenant, ["", "alias-"].map(hostname))?;
        let seen = Seen {
            method: Method::PATCH,
            path: format!("/apis/tenantry.dev/v1alpha1/namespaces/partner-{partner}/{tenant}"),
            query: String::new(),
            body: hyper::body::Bytes::new(),
        };
        let name = name(&seen, &traces);
        let fates = (0..10).map(|before| format!("{:?}", fate(1, &seen, &name, before)));
        Ok(fates.collect())
    }

    #[test]
    fn a_seed_means_the_same_for_every_partner_and_tenant() -> Result<()> {
        assert_eq!(fates("t1a2b-7-0", "seed1x")?, fates("t3c4d-9-1", "calm")?);
        Ok(())
    }
}
