//! Stages in which another program judges.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result};

use super::Problems;

/// Rust sources are formatted.
pub(super) fn format(root: &Path) -> Result<Problems> {
    let output = run(cargo(root).args(["fmt", "--all", "--", "--check", "-l"]))?;
    let mut problems: Problems = lines(&output.stdout)
        .map(|file| format!("{}: is not formatted; run cargo fmt", relative(root, &file)))
        .collect();
    or_failure(&mut problems, &output, "cargo fmt");
    Ok(problems)
}

/// Clippy has nothing to say.
pub(super) fn clippy(root: &Path) -> Result<Problems> {
    let mut problems = Problems::new();
    // Suites that need a cluster are left out of "all targets", so that plain `cargo test` works
    // without one.
    for targets in [&["--all-targets"][..], &["--test", "*"]] {
        let output = run(cargo(root)
            .args(["clippy", "--workspace", "--locked", "--quiet"])
            .args(targets)
            .args(["--message-format=short", "--", "-D", "warnings"]))?;
        problems.extend(
            lines(&output.stderr)
                .filter(|line| line.contains(": error") || line.contains(": warning")),
        );
        or_failure(&mut problems, &output, "cargo clippy");
    }
    problems.sort();
    problems.dedup();
    Ok(problems)
}

/// Committed code and manifests are what would be generated now.
pub(super) fn generated(root: &Path) -> Result<Problems> {
    let this = std::env::current_exe().context("find the program that is running")?;
    let output = run(Command::new(this)
        .current_dir(root)
        .args(["generate", "--check"]))?;
    // It lists each stale file on an indented line.
    let mut problems: Problems = lines(&output.stderr)
        .filter_map(|line| line.strip_prefix("  ").map(str::to_owned))
        .map(|file| format!("{file}: is not current; run cargo xtask generate and commit"))
        .collect();
    or_failure(&mut problems, &output, "cargo xtask generate --check");
    Ok(problems)
}

/// Both charts pass Helm's own judgement with the values that are kept for it.
pub(super) fn charts(root: &Path) -> Result<Problems> {
    let mut problems = Problems::new();
    for chart in ["tenantry-crds", "tenantry"] {
        let folder = root.join("charts").join(chart);
        let values = folder.join("ci/values.yaml");
        for action in ["lint", "template"] {
            let mut command = helm(root);
            command.arg(action).arg(&folder);
            if values.exists() {
                command.arg("--values").arg(&values);
            }
            let output = run(&mut command)?;
            if !output.status.success() {
                let said: Vec<_> = lines(&output.stdout)
                    .chain(lines(&output.stderr))
                    .filter(|line| line.to_lowercase().contains("error") || line.starts_with("- "))
                    .collect();
                problems.push(format!(
                    "charts/{chart}: helm {action} refuses it: {}",
                    said.join(" ")
                ));
            }
        }
    }
    Ok(problems)
}

/// Our modules in Go.
const GO_MODULES: [&str; 3] = ["deploy/local", "tests/collector", "tests/network"];

/// Go sources are formatted. They are not vetted: `go vet` analyses every dependency first, and
/// these are all of Kubernetes, a quarter of an hour for a few hundred lines of ours.
pub(super) fn go(root: &Path) -> Result<Problems> {
    let mut problems = Problems::new();
    for module in GO_MODULES {
        let output = run(Command::new("gofmt")
            .current_dir(root.join(module))
            .args(["-l", "."]))?;
        problems.extend(
            lines(&output.stdout)
                .map(|file| format!("{module}/{file}: is not formatted; run gofmt -w")),
        );
        or_failure(&mut problems, &output, "gofmt");
    }
    Ok(problems)
}

/// The Helm that `cargo xtask up` built, or the one on the PATH, or else one that is built now
/// and that `up` finds compiled.
fn helm(root: &Path) -> Command {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .unwrap_or_default();
    let built = cache.join("tenantry/path/helm");
    if built.exists() {
        return Command::new(built);
    }
    if Command::new("helm").arg("version").output().is_ok() {
        return Command::new("helm");
    }
    let mut go = go_in(root, "deploy/local");
    go.args(["tool", "helm"]);
    go
}

/// Go in one of our modules, with the settings that the programs of the local cluster are built
/// with: with others, all of Kubernetes would be compiled once more.
pub(crate) fn go_in(root: &Path, module: &str) -> Command {
    let mut go = Command::new("go");
    go.current_dir(root.join(module))
        .envs([("CGO_ENABLED", "0"), ("GOFLAGS", "-mod=readonly -trimpath")]);
    go
}

/// Cargo, as the one that runs this program.
pub(super) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs a program to its end.
pub(super) fn run(command: &mut Command) -> Result<Output> {
    command
        .output()
        .with_context(|| format!("{} cannot be started", command.get_program().display()))
}

/// What a program wrote, without empty lines.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    String::from_utf8_lossy(bytes)
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// A program that fails has said why somewhere; when no line of it was recognised, its last one.
fn or_failure(problems: &mut Problems, output: &Output, program: &str) {
    if problems.is_empty() && !output.status.success() {
        let last = lines(&output.stderr)
            .last()
            .unwrap_or_else(|| "it said nothing".to_owned());
        problems.push(format!("{program}: {}: {last}", output.status));
    }
}

fn relative<'a>(root: &Path, file: &'a str) -> &'a str {
    root.to_str()
        .and_then(|root| file.strip_prefix(root))
        .map_or(file, |file| file.trim_start_matches('/'))
}
