//! Applies the samples, waits until their tenants serve, and shows how long each step took.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::environment::KUBECONFIG;
use super::go::Tools;
use super::http;
use super::install::INGRESS_PORT;
use super::place::Place;
use crate::process;
use crate::progress::Progress;

const PATIENCE: Duration = Duration::from_mins(15);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const LOGIN: &str = "/web/login";

/// Applies the samples to the local cluster and follows them.
pub(crate) fn serve(place: &Place, tools: &Tools, progress: &Progress) -> Result<()> {
    let local = |arguments: &[&str]| {
        let mut kubectl = Command::new(tools.kubectl());
        kubectl.env("KUBECONFIG", KUBECONFIG).args(arguments);
        process::output(&mut kubectl)
    };
    let folder = place.root.join("deploy/samples").display().to_string();
    local(&["apply", "--server-side", "--filename", &folder])?;
    let tenants = progress.step("wait for the sample tenants", |detail| {
        wait(
            &|| local(&["get", "--output=json", "--filename", &folder]),
            detail,
        )
    })?;
    for tenant in &tenants {
        show(tenant, progress);
    }
    Ok(())
}

/// Applies the samples to the cluster of the current kubeconfig.
pub(crate) fn apply(place: &Place, tools: &Tools) -> Result<()> {
    let mut kubectl = Command::new(tools.kubectl());
    kubectl
        .args(["apply", "--server-side", "--filename"])
        .arg(place.root.join("deploy/samples"));
    process::output(&mut kubectl)?;
    Ok(())
}

/// Waits until every tenant says that it serves, and does; returns them.
fn wait(get: &dyn Fn() -> Result<String>, detail: &dyn Fn(&str)) -> Result<Vec<Value>> {
    let begin = Instant::now();
    loop {
        let objects: Value = serde_json::from_str(&get()?)?;
        let tenants = tenants(&objects);
        let waiting: Vec<String> = tenants
            .iter()
            .filter_map(|tenant| what_is_missing(tenant).or_else(|| unanswered(tenant)))
            .collect();
        if waiting.is_empty() {
            return Ok(tenants);
        }
        let waiting = waiting.join("; ");
        if begin.elapsed() > PATIENCE {
            bail!(
                "{waiting}, after {} minutes: look at `kubectl describe` and at tenantryd's log",
                PATIENCE.as_secs() / 60
            );
        }
        detail(&waiting);
        thread::sleep(LOOK_AGAIN);
    }
}

fn tenants(objects: &Value) -> Vec<Value> {
    let items = objects["items"].as_array().cloned().unwrap_or_default();
    items
        .into_iter()
        .filter(|item| item["kind"] == "Tenant")
        .collect()
}

/// What the tenant says that it waits for, or nothing when it serves.
fn what_is_missing(tenant: &Value) -> Option<String> {
    let name = name(tenant);
    let conditions = tenant["status"]["conditions"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let holds = |kind: &str| {
        conditions
            .iter()
            .any(|condition| condition["type"] == kind && condition["status"] == "True")
    };
    if holds("Serving") {
        return None;
    }
    let message = conditions
        .iter()
        .find(|condition| condition["status"] != "True")
        .and_then(|condition| condition["message"].as_str())
        .unwrap_or("nothing is known of it yet");
    Some(format!("{name}: {message}"))
}

/// The login page of the tenant that does not come, if there is one.
///
/// A status outlives the cluster: until the first probes after a start it tells of the time before.
fn unanswered(tenant: &Value) -> Option<String> {
    let name = name(tenant);
    hostnames(tenant).find_map(|host| match http::get_status(host, LOGIN) {
        Ok(200) => None,
        Ok(status) => Some(format!("{name}: {} answers {status}", url(host))),
        Err(error) => Some(format!("{name}: {} does not answer: {error:#}", url(host))),
    })
}

/// Prints the steps and the URL of a tenant whose login page was fetched.
fn show(tenant: &Value, progress: &Progress) {
    let name = name(tenant);
    progress.say(&format!("tenant {name} was provisioned in these steps:"));
    let steps = tenant["status"]["provisioning"].as_array();
    for step in steps.into_iter().flatten() {
        progress.say(&format!("  {}", describe(step)));
    }
    for host in hostnames(tenant) {
        progress.say(&format!("tenant {name} serves {}", url(host)));
    }
}

fn name(tenant: &Value) -> &str {
    tenant["metadata"]["name"].as_str().unwrap_or_default()
}

fn hostnames(tenant: &Value) -> impl Iterator<Item = &str> {
    let hostnames = tenant["spec"]["hostnames"].as_array();
    hostnames.into_iter().flatten().filter_map(Value::as_str)
}

fn url(host: &str) -> String {
    format!("http://{host}:{INGRESS_PORT}{LOGIN}")
}

fn describe(step: &Value) -> String {
    let text = |field: &str| step[field].as_str().unwrap_or_default();
    let time = |field: &str| text(field).parse::<jiff::Timestamp>().ok();
    let name = text("step");
    match (time("startTime"), time("endTime")) {
        (Some(begin), Some(end)) => {
            format!(
                "{name:<24}{:>7.2} s",
                end.duration_since(begin).as_secs_f64()
            )
        }
        _ => format!("{name:<24}  not finished"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tenant_that_serves_misses_nothing() {
        let tenant = json!({
            "metadata": { "name": "shop42" },
            "status": { "conditions": [
                { "type": "BackedUp", "status": "False", "message": "no backup yet" },
                { "type": "Serving", "status": "True", "message": "" },
            ]},
        });
        assert_eq!(what_is_missing(&tenant), None);
    }

    #[test]
    fn a_tenant_that_waits_says_for_what() {
        let tenant = json!({
            "metadata": { "name": "shop42" },
            "status": { "conditions": [
                { "type": "Accepted", "status": "True", "message": "" },
                { "type": "DatabaseReady", "status": "False", "message": "the template is prepared" },
            ]},
        });
        let missing = what_is_missing(&tenant);
        assert_eq!(missing.as_deref(), Some("shop42: the template is prepared"));
    }

    #[test]
    fn a_finished_step_shows_how_long_it_took() {
        let step = json!({
            "step": "Database",
            "startTime": "2026-01-02T03:04:05.250000Z",
            "endTime": "2026-01-02T03:04:06.750000Z",
        });
        assert_eq!(describe(&step), "Database                   1.50 s");
    }
}
