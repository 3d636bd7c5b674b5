//! How long a tenant takes from the accepted write to its login page, beside the floor: the same
//! image, configuration and resources as a bare Deployment on a clone of the same template.
//!
//! Both are asked by the same outside client through the ingress, alternating in one run, so that
//! what else the machine does meets both. The floor's namespace and role are made before its clock
//! begins, and its objects are written while the database is cloned: it is as fast as can be.

mod floor;
mod machine;
mod ours;
mod outside;
mod report;
mod rest;
mod sample;

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use futures::future::try_join_all;
use tenantry_tests::{Environment, TestPartner};

use floor::Floor;
use sample::{Blueprint, Measurements, Run};

/// Measures provisioning on the cluster of the environment.
#[derive(Parser)]
struct Arguments {
    /// Tenants one after another, and as many floors.
    #[arg(long, default_value_t = 20)]
    tenants: usize,
    /// Tenants at once, and as many floors at once.
    #[arg(long, default_value_t = 5)]
    at_once: usize,
    /// Blueprints to measure, in this order.
    #[arg(long = "blueprint", default_values = ["base", "retail"])]
    blueprints: Vec<String>,
    /// How long to count writes at rest.
    #[arg(long, default_value_t = 180)]
    rest_seconds: u64,
    /// Where JSON and Markdown go.
    #[arg(long, default_value = "docs/benchmarks")]
    output: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let partner = TestPartner::create(Environment::load().await?).await?;
    let outcome = measure(&arguments, &partner).await;
    let removed = partner.remove().await;
    let measurements = outcome?;
    let path = report::write(&measurements, &arguments.output)?;
    say(&format!("written to {}", path.display()))?;
    removed.context("measured, but the bench's partner cannot be removed")
}

async fn measure(arguments: &Arguments, partner: &TestPartner) -> Result<Measurements> {
    let machine_before = machine::observe()?;
    let mut blueprints = Vec::new();
    for name in &arguments.blueprints {
        say(&format!("blueprint {name}"))?;
        blueprints.push(blueprint(arguments, partner, name).await?);
    }
    let first = arguments.blueprints.first().context("no blueprint")?;
    let rest = rest::measure(partner, first, arguments.rest_seconds).await?;
    Ok(Measurements {
        machine_before,
        machine_after: machine::observe()?,
        blueprints,
        rest,
    })
}

async fn blueprint(arguments: &Arguments, partner: &TestPartner, name: &str) -> Result<Blueprint> {
    let model = ours::create(partner, "model", name).await?;
    ours::until_told(partner, &model).await?;
    let floor = Floor::of(partner, "model", name).await?;
    partner.delete_tenant("model").await?;

    let mut alternating = Vec::new();
    for round in 0..arguments.tenants {
        let ours = ours::measure(partner, &format!("one{round}"), name).await?;
        let floor = floor.measure(&format!("f{round}")).await?;
        say(&format!(
            "{:>3}: ours {:.2} s, floor {:.2} s",
            round + 1,
            ours.seconds,
            floor.seconds
        ))?;
        alternating.push(Run { ours, floor });
    }
    let names: Vec<_> = (0..arguments.at_once)
        .map(|index| format!("at{index}"))
        .collect();
    let ours = try_join_all(
        names
            .iter()
            .map(|tenant| ours::measure(partner, tenant, name)),
    )
    .await?;
    let floors = try_join_all(names.iter().map(|tenant| floor.measure(tenant))).await?;
    let at_once: Vec<_> = ours
        .into_iter()
        .zip(floors)
        .map(|(ours, floor)| Run { ours, floor })
        .collect();
    for run in &at_once {
        say(&format!(
            "at once: ours {:.2} s, floor {:.2} s",
            run.ours.seconds, run.floor.seconds
        ))?;
    }
    Ok(Blueprint {
        name: name.to_owned(),
        alternating,
        at_once,
    })
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
