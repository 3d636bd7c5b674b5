//! `cargo xtask bench provisioning`: how long a tenant takes, beside what it could take at best.
//! `cargo xtask bench crowd`: what two hundred tenants cost.
//!
//! The program that measures is in the package of the suites; here it is given a cluster.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::test::{cargo, environment, succeed};

/// What to measure.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// From the accepted write to the login page, beside a bare Deployment of the same.
    Provisioning {
        /// Arguments of the measuring program; `-- --help` tells them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Two hundred tenants on one control plane: memory, time and writes.
    Crowd,
}

const PROGRAM: &str = "bench-provisioning";

/// Brings the cluster up and measures.
///
/// # Errors
/// Something could not be measured.
pub(crate) fn run(arguments: &Arguments, root: &Path) -> Result<()> {
    match arguments {
        Arguments::Provisioning { arguments } => provisioning(arguments, root),
        Arguments::Crowd => crowd(root),
    }
}

/// The suite of faults measures it as it tests it.
fn crowd(root: &Path) -> Result<()> {
    let mut variables = environment::bring_up(root)?;
    environment::add_kwok(&mut variables, root)?;
    let output = root.join("docs/benchmarks").display().to_string();
    variables.insert("TENANTRY_BENCH_OUTPUT".to_owned(), output);
    let test = ["test", "--workspace", "--test", "faults", "--", "crowd"];
    succeed(cargo(root, &test).envs(&variables))
}

fn provisioning(arguments: &[String], root: &Path) -> Result<()> {
    succeed(&mut cargo(
        root,
        &["build", "--workspace", "--bin", PROGRAM],
    ))?;
    let variables = environment::bring_up(root)?;
    let built = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    let mut program = Command::new(built.join("debug").join(PROGRAM));
    program.env("RUST_LIB_BACKTRACE", "0");
    succeed(program.args(arguments).envs(&variables).current_dir(root))
}
