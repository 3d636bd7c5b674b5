//! The outside client: it knows a hostname and the ingress, and asks until the login page is there.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tenantry_tests::{Browser, Environment};

/// Between an answer and the next question.
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_mins(5);

/// When the login page of `hostname` was first there.
pub(crate) async fn first_login_page(environment: &Environment, hostname: &str) -> Result<Instant> {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let answer = Browser::new(environment, hostname).get("/web/login").await;
        if answer.is_ok_and(|answer| answer.is_login_page()) {
            return Ok(Instant::now());
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!(
        "{hostname} shows no login page after {} s",
        PATIENCE.as_secs()
    )
}
