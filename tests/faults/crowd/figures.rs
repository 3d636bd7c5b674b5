//! What a crowd of tenants costs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use jiff::Timestamp;
use serde::Serialize;
use tenantry_tests::tell;

use super::START_MAX;

/// Where `cargo xtask bench crowd` wants them.
const OUTPUT: &str = "TENANTRY_BENCH_OUTPUT";

/// What was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    pub(super) tenants: usize,
    /// From the first creation until all serve.
    pub(super) provisioning_seconds: f64,
    pub(super) provisioning_writes_per_tenant: f64,
    /// From the creation of a tenant until its id is in its status, behind all others that came
    /// just before.
    pub(super) start_behind_queue_seconds: f64,
    /// The same, while all others serve.
    pub(super) start_behind_serving_seconds: f64,
    /// How long it was looked whether something is written.
    pub(super) quiet_seconds: u64,
    pub(super) quiet_writes: Vec<String>,
    /// Resident, while all serve and nothing happens.
    pub(super) tenantryd_bytes: u64,
    pub(super) storm_updates: usize,
    /// From the first update until every tenant serves as updated.
    pub(super) storm_seconds: f64,
    pub(super) storm_writes_per_update: f64,
    /// Resident, right after the storm.
    pub(super) storm_tenantryd_bytes: u64,
    pub(super) quiet_writes_after_storm: Vec<String>,
    /// From the deletion of all until none is there.
    pub(super) removal_seconds: f64,
}

impl Figures {
    /// Tells them, and writes them to where the environment says.
    pub(super) fn publish(&self) -> Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        tell(&json);
        let Some(folder) = std::env::var_os(OUTPUT) else {
            return Ok(());
        };
        let stamp = Timestamp::now().strftime("%Y-%m-%d-%H%M");
        let file = |ending: &str| Path::new(&folder).join(format!("crowd-{stamp}.{ending}"));
        fs::write(file("json"), json)?;
        fs::write(file("md"), self.page())?;
        tell(&format!("written to {}", file("md").display()));
        Ok(())
    }

    fn page(&self) -> String {
        let mebibytes = |bytes: u64| bytes >> 20;
        let rows = [
            (
                "until all serve",
                format!("{:.0} s", self.provisioning_seconds),
            ),
            (
                "writes per tenant",
                format!("{:.1}", self.provisioning_writes_per_tenant),
            ),
            (
                "a new tenant begins, behind all others that came just before",
                format!("{:.2} s", self.start_behind_queue_seconds),
            ),
            (
                "a new tenant begins, while all others serve",
                format!("{:.2} s", self.start_behind_serving_seconds),
            ),
            (
                "writes while all serve",
                format!("{} in {} s", self.quiet_writes.len(), self.quiet_seconds),
            ),
            (
                "tenantryd, resident",
                format!("{} MiB", mebibytes(self.tenantryd_bytes)),
            ),
            (
                "storm: updates, until every tenant serves as updated",
                format!("{}, {:.0} s", self.storm_updates, self.storm_seconds),
            ),
            (
                "storm: writes per update",
                format!("{:.2}", self.storm_writes_per_update),
            ),
            (
                "tenantryd after the storm, resident",
                format!("{} MiB", mebibytes(self.storm_tenantryd_bytes)),
            ),
            (
                "writes after the storm",
                format!(
                    "{} in {} s",
                    self.quiet_writes_after_storm.len(),
                    self.quiet_seconds
                ),
            ),
            (
                "until all are removed",
                format!("{:.0} s", self.removal_seconds),
            ),
        ];
        let mut page = format!("# {} tenants on one control plane\n\n", self.tenants);
        page.push_str("| figure | measured |\n|---|---|\n");
        for (what, figure) in rows {
            // Writing to a string cannot fail.
            _ = writeln!(page, "| {what} | {figure} |");
        }
        page
    }

    /// Whether they are what was promised.
    pub(super) fn judge(&self) -> Result<()> {
        // Where everything takes longer, a newcomer may: it is not to wait for all others.
        let longest = START_MAX
            .as_secs_f64()
            .max(self.provisioning_seconds / 10.0);
        let starts = [
            self.start_behind_queue_seconds,
            self.start_behind_serving_seconds,
        ];
        ensure!(starts.iter().all(|start| *start < longest), "{starts:?} s");
        let mut quiet = self
            .quiet_writes
            .iter()
            .chain(&self.quiet_writes_after_storm);
        ensure!(quiet.next().is_none(), "something was written at rest");
        Ok(())
    }
}
