//! Requests that are refused, late or unanswered, and watches that lie: the end is the same.
//!
//! What happens to a request follows from the seed and from how often the same was asked before. A
//! failure prints the seed; `TENANTRY_TEST_SEED` repeats it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hyper::StatusCode;
use kube::api::DeleteParams;
use tenantry_tests::{audit, tell};

use crate::daemon::{Control, in_control};
use crate::end_state::{End, EndState, nothing_left};
use crate::proxy::{Fate, Seen};
use crate::watch_stream::Trouble;

const QUIET: Duration = Duration::from_secs(20);
const ROUNDS: u64 = 4;

/// What happens to the request that was seen `before` times already.
fn fate(seed: u64, request: &Seen, before: u64) -> Fate {
    let mut hasher = DefaultHasher::new();
    (
        seed,
        request.method.as_str(),
        &request.path,
        request.is_watch(),
        before,
    )
        .hash(&mut hasher);
    let dice = hasher.finish();
    let time = Duration::from_millis(dice >> 8 & 0x3ff);
    let (dice, count) = (dice % 100, usize::try_from(dice >> 20 & 7).unwrap_or(0));
    match (request.is_watch(), dice) {
        (true, 0..20) => Fate::Troubled(Trouble::Late(time)),
        (true, 20..40) => Fate::Troubled(Trouble::Twice),
        (true, 40..70) => Fate::Troubled(Trouble::BreaksOff(count)),
        // The watch begins again with a list.
        (true, 70..80) => Fate::Refuse(StatusCode::GONE),
        (false, 0..5) => Fate::Refuse(StatusCode::INTERNAL_SERVER_ERROR),
        (false, 5..10) => Fate::Refuse(StatusCode::TOO_MANY_REQUESTS),
        (false, 10..15) if request.is_write() => Fate::Refuse(StatusCode::CONFLICT),
        (false, 15..18) => Fate::Refuse(StatusCode::GATEWAY_TIMEOUT),
        (_, 20..30) => Fate::Late(time),
        _ => Fate::Pass,
    }
}

fn disturb(control: &Control, seed: u64) {
    let counts: Arc<Mutex<HashMap<(String, bool), u64>>> = Arc::default();
    control.proxy.decide(move |seen| {
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (format!("{} {}", seen.method, seen.path), seen.is_watch());
        let count = counts.entry(key).or_default();
        *count += 1;
        fate(seed, seen, *count)
    });
}

#[tokio::test]
async fn whatever_happens_to_requests_the_end_is_the_same() -> Result<()> {
    let first = match std::env::var("TENANTRY_TEST_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => 1,
    };
    in_control(async |control, partner| {
        let daemon = control.start()?;
        partner.create_tenant("calm").await?;
        let expected = EndState::of(partner, "calm", End::Serves).await?;
        daemon.kill().await?;
        for seed in first..first + ROUNDS {
            let tenant = format!("seed{seed}x");
            tell(&format!("TENANTRY_TEST_SEED={seed}"));

            disturb(control, seed);
            let daemon = control.start()?;
            partner.create_tenant(&tenant).await?;
            let state = EndState::of(partner, &tenant, End::Serves)
                .await
                .with_context(|| format!("seed {seed}:\n{}", control.said()))?;
            ensure!(
                state == expected,
                "seed {seed}: {state:#?} is not {expected:#?}"
            );
            control.proxy.pass();
            let log = audit::Log::from_now()?;
            tokio::time::sleep(QUIET).await;
            let requests = log.requests()?;
            let writes: Vec<_> = requests.iter().filter(|r| r.is_write()).collect();
            ensure!(
                writes.is_empty(),
                "seed {seed}: at rest it wrote {writes:#?}"
            );
            let status = partner.tenants().get(&tenant).await?.status;
            let id = status
                .and_then(|status| status.tenant_id)
                .context("no id")?;
            disturb(control, seed);
            partner
                .tenants()
                .delete(&tenant, &DeleteParams::default())
                .await?;
            nothing_left(partner, &tenant, &id)
                .await
                .with_context(|| format!("seed {seed}:\n{}", control.said()))?;
            daemon.kill().await?;
        }
        control.proxy.pass();
        let daemon = control.start()?;
        partner.delete_tenant("calm").await?;
        daemon.kill().await
    })
    .await
}
