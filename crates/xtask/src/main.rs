//! Tasks of the repository: `cargo xtask <task>`.

mod bench;
mod check;
mod cluster;
mod generate;
mod process;
mod progress;
mod test;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

/// Tasks of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    /// The task.
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Measure what the design promises.
    #[command(subcommand)]
    Bench(bench::Arguments),
    /// Judge what can be judged without running Tenantry.
    Check(check::Arguments),
    /// Remove the local cluster and all that it did to the machine; builds and images stay.
    Down,
    /// Print the variables that point a shell at the local cluster: eval "$(cargo xtask env)".
    Env,
    /// Make generated files current: Rust from proto/, CRD manifests, reference pages.
    Generate(generate::Arguments),
    /// Make the container images, and push them when told where to.
    Images(cluster::PushOptions),
    /// Test one layer, or check and test everything.
    Test(test::Arguments),
    /// Build what is missing, start the local cluster, install Tenantry, apply the samples.
    Up(cluster::Options),
}

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    // Where in this program it happened helps nobody, so there is no backtrace.
    _ = writeln!(io::stderr(), "error: {error:#}");
    ExitCode::FAILURE
}

fn run() -> anyhow::Result<()> {
    let root = root()?;
    match Arguments::parse().task {
        Task::Bench(arguments) => bench::run(&arguments, &root),
        Task::Check(arguments) => check::run(&arguments, &root),
        Task::Down => cluster::down(&root),
        Task::Env => Ok(write!(io::stdout(), "{}", cluster::env(&root)?)?),
        Task::Generate(arguments) => generate::run(&arguments, &root),
        Task::Images(options) => cluster::make_images(&options, &root),
        Task::Test(arguments) => test::run(&arguments, &root),
        Task::Up(options) => cluster::up(&options, &root).map(drop),
    }
}

/// The repository's root.
fn root() -> anyhow::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("crates/xtask is not two directories below the root")
}
