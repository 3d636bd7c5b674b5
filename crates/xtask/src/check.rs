//! `cargo xtask check`: everything that is judged without running Tenantry.
//!
//! A stage answers with its problems, one line each: where, what, and what to do. All stages run
//! even when one finds something, so that a change is mended in one go.

mod dependencies;
mod tools;

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};

pub(crate) use tools::go_in;

type Problems = Vec<String>;

struct Stage {
    name: &'static str,
    find: fn(&Path) -> Result<Problems>,
}

/// In the order of their cost.
const STAGES: [Stage; 8] = [
    Stage {
        name: "format",
        find: tools::format,
    },
    Stage {
        name: "dependencies",
        find: dependencies::declared,
    },
    Stage {
        name: "reach",
        find: dependencies::reached,
    },
    Stage {
        name: "forbidden",
        find: dependencies::forbidden,
    },
    Stage {
        name: "charts",
        find: tools::charts,
    },
    Stage {
        name: "generated",
        find: tools::generated,
    },
    Stage {
        name: "clippy",
        find: tools::clippy,
    },
    Stage {
        name: "go",
        find: tools::go,
    },
];

/// What to check.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Stages to run; all of them when none is named.
    #[arg(value_parser = STAGES.map(|stage| stage.name))]
    stages: Vec<String>,
}

/// Runs the stages in the repository at `root` and prints what they find.
///
/// # Errors
/// There is a problem, or a stage could not be run.
pub(crate) fn run(arguments: &Arguments, root: &Path) -> Result<()> {
    let chosen = |stage: &&Stage| {
        arguments.stages.is_empty() || arguments.stages.iter().any(|name| name == stage.name)
    };
    let mut total = 0;
    for stage in STAGES.iter().filter(chosen) {
        let begin = Instant::now();
        let problems = (stage.find)(root).unwrap_or_else(|error| {
            vec![format!("{} could not be checked: {error:#}", stage.name)]
        });
        total += problems.len();
        print(stage.name, &problems, begin.elapsed().as_secs_f64())?;
    }
    match total {
        0 => Ok(()),
        1 => bail!("1 problem"),
        _ => bail!("{total} problems"),
    }
}

fn print(stage: &str, problems: &[String], seconds: f64) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for problem in problems {
        writeln!(out, "{problem}")?;
    }
    let verdict = match problems.len() {
        0 => "ok".to_owned(),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    writeln!(out, "{stage:<14}{seconds:>7.1} s  {verdict}")
}
