//! `tenantryd`: flags, configuration, telemetry, wiring and shutdown. There are no rules here.

mod config;
mod network;
mod serve;
mod telemetry;

use clap::{Parser, Subcommand};

/// The control plane of Tenantry.
#[derive(Debug, Parser)]
#[command(name = "tenantryd", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and reconcile tenants.
    Serve(serve::Arguments),
}

fn main() -> anyhow::Result<()> {
    let Arguments { command } = Arguments::parse();
    telemetry::start();
    // Two providers may be linked; this one is meant.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("a TLS provider was installed before");
    }
    match command {
        Command::Serve(arguments) => serve::serve(arguments),
    }
}
