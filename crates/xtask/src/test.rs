//! `cargo xtask test`: every test, each layer on what it needs.
//!
//! A layer that needs a cluster has it brought up with the code of the current tree. All stages run
//! even when one fails; a table at the end says how each went and how long it took.

pub(crate) mod environment;

use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::check;

/// What to test.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The layer to test; without one, everything is checked and tested but the faults.
    #[arg(value_enum)]
    layer: Option<Layer>,
    /// Words for the test programs, such as a part of a test's name.
    #[arg(last = true)]
    rest: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Layer {
    /// Units and golden manifests of all crates. Needs no cluster.
    Unit,
    /// Who may reach whom, asked of the golden NetworkPolicies. Needs no cluster.
    Network,
    /// Administration of databases, on the PostgreSQL of the cluster.
    Database,
    /// The kinds on the API server.
    Apiserver,
    /// Tenants on a real kubelet with a real Odoo.
    E2e,
    /// The control plane killed, lied to and left alone. Takes three quarters of an hour.
    Faults,
}

/// In the order in which they run.
const CLUSTER_LAYERS: [Layer; 4] = [Layer::Database, Layer::Apiserver, Layer::E2e, Layer::Faults];
/// Tests of one program that run at the same time.
fn threads(program: &str) -> &'static str {
    match program {
        // There is one control plane to hurt.
        "faults" => "1",
        _ => "4",
    }
}

impl Layer {
    /// The test programs of a layer, in the order in which they run.
    fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Unit | Self::Network => &[],
            Self::Database => &["database"],
            Self::Apiserver => &["apiserver"],
            Self::E2e => &["e2e", "rest", "telemetry"],
            Self::Faults => &["faults"],
        }
    }
}

/// How a stage went.
struct Entry {
    name: String,
    elapsed: Duration,
    verdict: Result<()>,
}

#[derive(Default)]
struct Report {
    entries: Vec<Entry>,
}

/// Runs the tests.
///
/// # Errors
/// One of them failed, or could not be run.
pub(crate) fn run(arguments: &Arguments, root: &Path) -> Result<()> {
    let chosen = |layer: Layer| match arguments.layer {
        Some(only) => only == layer,
        None => layer != Layer::Faults,
    };
    let mut report = Report::default();
    if arguments.layer.is_none() {
        report.stage("check", || check::run(&check::Arguments::default(), root))?;
    }
    if chosen(Layer::Unit) {
        let mut tests = cargo(root, &["test", "--workspace"]);
        tests.arg("--").args(&arguments.rest);
        report.stage("unit", || succeed(&mut tests))?;
    }
    if chosen(Layer::Network) {
        let mut tests = check::go_in(root, "tests/network");
        tests.args(["test", "-count=1", "."]);
        report.stage("network", || succeed(&mut tests))?;
    }
    let layers: Vec<_> = CLUSTER_LAYERS
        .into_iter()
        .filter(|layer| chosen(*layer))
        .collect();
    if !layers.is_empty() {
        on_cluster(&layers, arguments, root, &mut report)?;
    }
    report.finish()
}

fn on_cluster(
    layers: &[Layer],
    arguments: &Arguments,
    root: &Path,
    report: &mut Report,
) -> Result<()> {
    let programs: Vec<_> = layers.iter().flat_map(|layer| layer.programs()).collect();
    let mut build = cargo(root, &["test", "--workspace", "--no-run"]);
    build.args(programs.iter().flat_map(|program| ["--test", program]));
    report.stage("build suites", || succeed(&mut build))?;

    let mut environment = None;
    report.stage("cluster", || {
        let mut variables = environment::bring_up(root)?;
        if layers.contains(&Layer::E2e) {
            environment::add_collector(&mut variables, root)?;
        }
        if layers.contains(&Layer::Faults) {
            environment::add_kwok(&mut variables, root)?;
            environment::add_another_version(&mut variables, root)?;
        }
        environment = Some(variables);
        Ok(())
    })?;
    for program in programs {
        let mut tests = cargo(root, &["test", "--workspace", "--test", program]);
        tests
            .args(["--", "--test-threads", threads(program)])
            .args(&arguments.rest);
        report.stage(program, || {
            let environment = environment
                .as_ref()
                .context("there is no cluster to test on")?;
            succeed(tests.envs(environment))
        })?;
    }
    Ok(())
}

pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root).args(arguments);
    // A snapshot is changed by a person who looks at it.
    command.env("INSTA_UPDATE", "no");
    // An error says what failed; where our own code made it helps nobody who reads a log.
    command.env("RUST_LIB_BACKTRACE", "0");
    command
}

/// Runs a program that writes to where we write.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{status}");
    }
    Ok(())
}

impl Report {
    fn stage(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let begin = Instant::now();
        writeln!(io::stdout(), "==> {name}")?;
        let verdict = work();
        let entry = Entry {
            name: name.to_owned(),
            elapsed: begin.elapsed(),
            verdict,
        };
        writeln!(io::stdout(), "==> {}", line(&entry))?;
        self.entries.push(entry);
        Ok(())
    }

    /// Prints the table.
    fn finish(self) -> Result<()> {
        let mut out = io::stdout();
        writeln!(out)?;
        for entry in &self.entries {
            writeln!(out, "{}", line(entry))?;
        }
        let all: Duration = self.entries.iter().map(|entry| entry.elapsed).sum();
        writeln!(out, "{:<14}{:>8.1} s", "all", all.as_secs_f64())?;
        let failed = self.entries.iter().filter(|entry| entry.verdict.is_err());
        let failed: Vec<_> = failed.map(|entry| entry.name.as_str()).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

fn line(entry: &Entry) -> String {
    let verdict = match &entry.verdict {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("FAILED: {error:#}"),
    };
    format!(
        "{:<14}{:>8.1} s  {verdict}",
        entry.name,
        entry.elapsed.as_secs_f64()
    )
}
