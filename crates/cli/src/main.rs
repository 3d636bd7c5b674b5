//! `tenantry`, also installed as `kubectl-tenantry`: creates, reads, stops and deletes tenants
//! over gRPC.

mod arguments;
mod change;
mod connection;
mod create;
mod describe;
mod document;
mod failure;
mod operation;
mod printer;
mod progress;
mod show;
mod yaml;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use tenantry_domain::Change;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = parse();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            printer::fail(&failure.to_string());
            failure.exit_code()
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let connection = &arguments.connection;
    match arguments.command {
        Command::Create(create) => create::run(&create, connection).await,
        Command::Describe(describe) => describe::run(&describe, connection).await,
        Command::Get(get) => show::get(&get, connection).await,
        Command::List(list) => show::list(&list, connection).await,
        Command::Suspend(asked) => change::run(Change::Suspend, &asked, connection).await,
        Command::Resume(asked) => change::run(Change::Resume, &asked, connection).await,
        Command::Delete(asked) => change::run(Change::Delete, &asked, connection).await,
        Command::Undelete(asked) => change::run(Change::Undelete, &asked, connection).await,
    }
}

/// The arguments. As a plugin of kubectl, the command calls itself as kubectl does.
fn parse() -> Arguments {
    let mut command = Arguments::command();
    let program = std::env::args_os().next().unwrap_or_default();
    let plugin = Path::new(&program)
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("kubectl-"));
    if plugin {
        command = command.bin_name("kubectl tenantry");
    }
    Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}
