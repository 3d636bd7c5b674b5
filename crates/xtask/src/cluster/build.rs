//! Builds Tenantry's own programs from the current tree.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::place::Place;
use crate::process;

const DAEMON: &str = "tenantryd";
const CLI: &str = "tenantry";

/// The executables.
pub(crate) struct Programs {
    pub(crate) daemon: PathBuf,
    pub(crate) cli: PathBuf,
}

/// Builds daemon and CLI in the development profile, which is optimised.
pub(crate) fn programs(place: &Place, detail: &dyn Fn(&str)) -> Result<Programs> {
    let bins = ["--bin", DAEMON, "--bin", CLI];
    let executables = build(place, &bins, "cargo", detail)?;
    Ok(Programs {
        daemon: find(&executables, DAEMON)?,
        cli: find(&executables, CLI)?,
    })
}

/// Builds a daemon that renders pods as another version of it might.
pub(crate) fn another_version(place: &Place, detail: &dyn Fn(&str)) -> Result<PathBuf> {
    let feature = ["--bin", DAEMON, "--features", "tenantryd/another-rendering"];
    let executables = build(place, &feature, "cargo-another", detail)?;
    let built = find(&executables, DAEMON)?;
    let another = built.with_file_name("tenantryd-another");
    let unfinished = another.with_extension("new");
    fs::copy(&built, &unfinished)?;
    fs::rename(&unfinished, &another)?;
    // The ordinary one takes its place again.
    programs(place, detail)?;
    Ok(another)
}

/// Runs `cargo build`. Returns the executables.
fn build(
    place: &Place,
    arguments: &[&str],
    log: &str,
    detail: &dyn Fn(&str),
) -> Result<Vec<PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(&place.root);
    // Of the whole workspace, so that what the tests were built with is not built again.
    build.args(["build", "--workspace"]).args(arguments);
    build.arg("--message-format=json-render-diagnostics");
    let log = place.log(log);
    process::run_logged(&mut build, &log, &|line| {
        if !line.starts_with('{') {
            detail(line);
        }
    })?;
    let artifacts = BufReader::new(fs::File::open(&log)?);
    Ok(artifacts
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| executable(&line))
        .collect())
}

fn find(executables: &[PathBuf], name: &str) -> Result<PathBuf> {
    executables
        .iter()
        .find(|path| path.file_name().is_some_and(|file| file == name))
        .cloned()
        .with_context(|| format!("cargo built no {name}"))
}

/// The path in one of cargo's messages, when it is about an executable.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    message.get("executable")?.as_str().map(PathBuf::from)
}
