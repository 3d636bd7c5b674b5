//! Builds Tenantry's own programs from the current tree.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::place::Place;
use crate::process;

/// The executables.
pub(crate) struct Programs {
    pub(crate) daemon: PathBuf,
    pub(crate) cli: PathBuf,
}

/// Builds daemon and CLI in the development profile, which is optimised.
pub(crate) fn programs(place: &Place, detail: &dyn Fn(&str)) -> Result<Programs> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(&place.root);
    // Of the whole workspace, so that what the tests were built with is not built again.
    build.args([
        "build",
        "--workspace",
        "--bin",
        "tenantryd",
        "--bin",
        "tenantry",
    ]);
    build.arg("--message-format=json-render-diagnostics");
    let log = place.log("cargo");
    process::run_logged(&mut build, &log, &|line| {
        if !line.starts_with('{') {
            detail(line);
        }
    })?;
    let artifacts = BufReader::new(fs::File::open(&log)?);
    let executables: Vec<PathBuf> = artifacts
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| executable(&line))
        .collect();
    let find = |name: &str| {
        executables
            .iter()
            .find(|path| path.file_name().is_some_and(|file| file == name))
            .cloned()
            .with_context(|| format!("cargo built no {name}; see {}", log.display()))
    };
    Ok(Programs {
        daemon: find("tenantryd")?,
        cli: find("tenantry")?,
    })
}

/// The path in one of cargo's messages, when it is about an executable.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    message.get("executable")?.as_str().map(PathBuf::from)
}
