//! Starts and removes the cluster, by the program that is all of Kubernetes.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::go::{self, Tools};
use super::place::Place;
use crate::process;

const LOCK: &str = "/run/tenantry/supervisor.lock";

/// Starts the cluster unless it runs, and waits until its node is ready.
pub(crate) fn up(place: &Place, tools: &Tools, envoy: &Path, detail: &dyn Fn(&str)) -> Result<()> {
    let mut up = node(place, tools, "up");
    up.arg("--envoy").arg(envoy);
    process::run_logged(&mut up, &place.log("node-up"), detail)
}

/// Removes the cluster. Builds the program for it when it is not there: then there may still be
/// something to remove, left by another checkout.
pub(crate) fn down(place: &Place, detail: &dyn Fn(&str)) -> Result<()> {
    let tools = go::tools(place, detail)?;
    process::run_logged(
        &mut node(place, &tools, "down"),
        &place.log("node-down"),
        detail,
    )
}

/// Whether a supervisor holds its lock.
pub(crate) fn is_running() -> bool {
    std::fs::File::open(LOCK).is_ok_and(|file| file.try_lock_shared().is_err())
}

fn node(place: &Place, tools: &Tools, verb: &str) -> Command {
    let mut command = Command::new(tools.node());
    command.args(["node", verb, "--cache"]).arg(&place.cache);
    command.arg("--programs").arg(tools.directory());
    command
}
