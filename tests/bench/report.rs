//! Samples as JSON, and what they say as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::sample::{Blueprint, Measurements, Run, Statistics};

/// Writes both into `folder`; returns the Markdown's path.
pub(crate) fn write(measurements: &Measurements, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let time = measurements
        .machine_before
        .time
        .strftime("%Y-%m-%d-%H%M")
        .to_string();
    let path = |extension: &str| folder.join(format!("provisioning-{time}.{extension}"));
    let mut json = serde_json::to_string_pretty(measurements)?;
    json.push('\n');
    fs::write(path("json"), json)?;
    fs::write(path("md"), markdown(measurements)?)?;
    Ok(path("md"))
}

fn markdown(measurements: &Measurements) -> Result<String> {
    let mut text = String::new();
    let (before, after) = (&measurements.machine_before, &measurements.machine_after);
    writeln!(
        text,
        "# Provisioning, {}\n",
        before.time.strftime("%Y-%m-%d %H:%M UTC")
    )?;
    writeln!(
        text,
        "{} cores ({}), {} GiB, Linux {}. Load average {} at the beginning, {} at the end.",
        before.cores,
        before.processor,
        before.memory_bytes >> 30,
        before.kernel,
        before.load_average,
        after.load_average
    )?;
    text.push_str(
        "Seconds from the accepted write to the first login page, seen by an outside client \
         through the ingress that asks every 20 ms.\n\
         The floor is the same image, configuration and resources as a bare Deployment with \
         Service and Ingress on a clone of the same template; its namespace, account and role are \
         made before its clock begins, its objects are written while the database is cloned.\n\n",
    );
    for blueprint in &measurements.blueprints {
        one(&mut text, blueprint)?;
    }
    rest(&mut text, measurements)?;
    Ok(text)
}

fn one(text: &mut String, blueprint: &Blueprint) -> Result<()> {
    writeln!(text, "## Blueprint `{}`\n", blueprint.name)?;
    text.push_str("| what | n | min | p50 | p90 | max |\n|---|---|---|---|---|---|\n");
    rows(text, "one after another", &blueprint.alternating)?;
    rows(text, "at once", &blueprint.at_once)?;
    text.push('\n');
    ratios(text, "One after another", &blueprint.alternating)?;
    ratios(text, "At once", &blueprint.at_once)?;
    steps(text, &blueprint.alternating)?;
    requests(text, &blueprint.alternating)
}

fn rows(text: &mut String, how: &str, runs: &[Run]) -> Result<()> {
    row(
        text,
        &format!("tenant, {how}"),
        runs.iter().map(|run| run.ours.seconds),
    )?;
    row(
        text,
        &format!("floor, {how}"),
        runs.iter().map(|run| run.floor.seconds),
    )?;
    row(
        text,
        &format!("floor's clone, {how}"),
        runs.iter().map(|run| run.floor.clone_seconds),
    )
}

fn row(text: &mut String, what: &str, values: impl Iterator<Item = f64> + Clone) -> Result<()> {
    let n = values.clone().count();
    if let Some(s) = Statistics::of(values) {
        writeln!(
            text,
            "| {what} | {n} | {:.2} | {:.2} | {:.2} | {:.2} |",
            s.minimum, s.median, s.p90, s.maximum
        )?;
    }
    Ok(())
}

fn ratios(text: &mut String, how: &str, runs: &[Run]) -> Result<()> {
    let ours = Statistics::of(runs.iter().map(|run| run.ours.seconds));
    let floor = Statistics::of(runs.iter().map(|run| run.floor.seconds));
    if let (Some(ours), Some(floor)) = (ours, floor) {
        writeln!(
            text,
            "{how}: p50 is **{:.2} x** the floor's p50, the slowest **{:.2} x** the floor's p50 \
             ({:.2} x the floor's slowest).",
            ours.median / floor.median,
            ours.maximum / floor.median,
            ours.maximum / floor.maximum
        )?;
    }
    Ok(())
}

fn steps(text: &mut String, runs: &[Run]) -> Result<()> {
    let Some(first) = runs.first() else {
        return Ok(());
    };
    text.push_str("\n| step | begins (p50) | takes (p50) | takes (max) |\n|---|---|---|---|\n");
    for step in &first.ours.steps {
        let all = || {
            let steps = runs.iter().flat_map(|run| &run.ours.steps);
            steps.filter(|other| other.name == step.name)
        };
        let begins = Statistics::of(all().map(|step| step.start_seconds));
        let takes = Statistics::of(all().map(|step| step.end_seconds - step.start_seconds));
        let (begins, takes) = begins.zip(takes).context("a step without times")?;
        writeln!(
            text,
            "| {} | {:.2} | {:.2} | {:.2} |",
            step.name, begins.median, takes.median, takes.maximum
        )?;
    }
    let explained = Statistics::of(
        runs.iter()
            .map(|r| r.ours.explained_seconds() / r.ours.seconds),
    );
    let told = Statistics::of(runs.iter().map(|r| r.ours.told_seconds / r.ours.seconds));
    if let (Some(explained), Some(told)) = (explained, told) {
        let path: Vec<_> = first.ours.critical_path.iter().map(|s| &*s.name).collect();
        writeln!(
            text,
            "\nThe critical path ({}) explains {:.1}% of what the outside client measured (p50; \
             {:.1}% to {:.1}%); the status tells {:.1}% of it (p50).\n",
            path.join(", "),
            explained.median * 100.0,
            explained.minimum * 100.0,
            explained.maximum * 100.0,
            told.median * 100.0
        )?;
    }
    Ok(())
}

fn requests(text: &mut String, runs: &[Run]) -> Result<()> {
    let Some(costly) = runs.iter().max_by_key(|run| run.ours.requests) else {
        return Ok(());
    };
    let count = |of: fn(&Run) -> usize| {
        let mut all: Vec<_> = runs.iter().map(of).collect();
        all.sort_unstable();
        (all[all.len() / 2], all[all.len() - 1])
    };
    let (requests, most_requests) = count(|run| run.ours.requests);
    let (writes, most_writes) = count(|run| run.ours.writes);
    writeln!(
        text,
        "Requests of tenantryd to the API server per provisioning: {requests} (most \
         {most_requests}), of them {writes} writes (most {most_writes}). The costliest one:\n"
    )?;
    for (what, times) in &costly.ours.requests_by_kind {
        writeln!(text, "- {times} x {what}")?;
    }
    text.push('\n');
    Ok(())
}

fn rest(text: &mut String, measurements: &Measurements) -> Result<()> {
    let rest = &measurements.rest;
    let mebibytes = |bytes: u64| bytes >> 20;
    writeln!(
        text,
        "## At rest\n\nIn {} s tenantryd made {} writes and {} requests in all; its resident \
         memory is {} MiB. The smallest tenant has {} processes with {} MiB (PSS) and {} \
         connections to PostgreSQL.",
        rest.seconds,
        rest.writes,
        rest.requests,
        mebibytes(rest.tenantryd_rss_bytes),
        rest.tenant_processes,
        mebibytes(rest.tenant_pss_bytes),
        rest.tenant_connections
    )?;
    Ok(())
}
