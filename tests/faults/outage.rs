//! What it stands on is away for a minute, and comes back.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tenantry_tests::{tell, with_partner};

use crate::end_state::{End, EndState, page};

const OUTAGE: Duration = Duration::from_mins(1);

/// Processes that do not run for as long as this lives: no answer comes, and no refusal either.
struct Frozen(Vec<String>);

impl Frozen {
    fn those(are: impl Fn(&str) -> bool) -> Result<Self> {
        let mut found = Vec::new();
        for process in fs::read_dir("/proc")?.flatten() {
            let name = process.file_name().to_string_lossy().into_owned();
            let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            if name.parse::<u32>().is_ok() && are(&command) {
                found.push(name);
            }
        }
        ensure!(
            !found.is_empty(),
            "there is no such process on this machine"
        );
        let frozen = Self(found);
        frozen.signal("-STOP")?;
        Ok(frozen)
    }

    /// Some of them end by themselves while they are found.
    fn signal(&self, signal: &str) -> Result<()> {
        for process in &self.0 {
            let sent = Command::new("kill").args([signal, process]).output();
            let is_gone = !Path::new("/proc").join(process).exists();
            let is_sent = sent.context("kill")?.status.success() || is_gone;
            ensure!(is_sent, "{signal} was not sent to {process}");
        }
        Ok(())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        if let Err(error) = self.signal("-CONT") {
            tell(&format!("a process stays stopped: {error:#}"));
        }
    }
}

/// A tenant that serves, an outage, and a tenant that is ordered before it ends or right after.
async fn survive(are: fn(&str) -> bool, can_order: bool) -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("before").await?;
        let frozen = Frozen::those(are)?;
        if can_order {
            partner.create_tenant("during").await?;
        }
        tokio::time::sleep(OUTAGE).await;
        drop(frozen);
        if !can_order {
            partner.create_tenant("during").await?;
        }
        EndState::of(partner, "during", End::Serves).await?;
        EndState::of(partner, "before", End::Serves).await?;
        page(partner, "before").await
    })
    .await
}

#[tokio::test]
async fn the_api_server_is_away_for_a_minute() -> Result<()> {
    survive(|command| command.contains("kube-apiserver"), false).await
}

#[tokio::test]
async fn postgresql_is_away_for_a_minute() -> Result<()> {
    survive(
        |command| command.starts_with("postgres") || command.contains("bin/postgres"),
        true,
    )
    .await
}

#[tokio::test]
async fn dns_is_away_for_a_minute() -> Result<()> {
    survive(|command| command.contains("coredns"), true).await
}
