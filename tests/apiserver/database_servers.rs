//! Specs of database servers, good and bad, and what may never change.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_crd::DatabaseServer;
use tenantry_tests::{Environment, delete_abandoned, kubectl, until};

const PATIENCE: Duration = Duration::from_secs(30);

fn managed() -> Value {
    json!({"storage": "1Gi", "cpu": "100m", "memory": "256Mi", "maxConnections": 100})
}

fn external() -> Value {
    json!({
        // Nobody has this name.
        "host": "postgresql.invalid",
        "credentialsSecretName": "no-such-secret",
        "tls": {"mode": "VerifyFull", "caConfigMapName": "no-such-map"},
    })
}

fn with(mut spec: Value, field: &str, value: Value) -> Value {
    spec[field] = value;
    spec
}

fn manifest(name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "DatabaseServer",
        "metadata": {"name": name},
        "spec": spec,
    })
}

/// Specs, and the words with which they are refused; none when they are good.
fn cases() -> Vec<(Value, Option<&'static str>)> {
    let of = |external: Value| json!({"external": external});
    let tls = |tls: Value| of(with(external(), "tls", tls));
    vec![
        (json!({"managed": managed()}), None),
        (of(external()), None),
        (of(with(external(), "port", json!(6432))), None),
        (tls(json!({"mode": "VerifyFull"})), None),
        (
            tls(json!({"mode": "VerifyFull", "caSecretName": "ca"})),
            None,
        ),
        (tls(json!({"mode": "Require"})), None),
        (tls(json!({"mode": "Disabled"})), None),
        (json!({}), Some("exactly one of managed and external")),
        (
            json!({"managed": managed(), "external": external()}),
            Some("exactly one of managed and external"),
        ),
        (
            json!({"managed": with(managed(), "maxConnections", json!(99))}),
            Some("maxConnections"),
        ),
        (of(with(external(), "port", json!(0))), Some("port")),
        (of(with(external(), "host", json!("a b"))), Some("host")),
        (of(with(external(), "host", json!("/run"))), Some("host")),
        (of(with(external(), "tls", json!(null))), Some("tls")),
        (tls(json!({"mode": "Prefer"})), Some("mode")),
        (
            tls(json!({"mode": "Require", "caSecretName": "ca"})),
            Some("VerifyFull only"),
        ),
        (
            tls(json!({"mode": "VerifyFull", "caSecretName": "a", "caConfigMapName": "b"})),
            Some("one source of certificates"),
        ),
    ]
}

#[tokio::test]
async fn the_api_server_judges_servers_by_schema_and_rules() -> Result<()> {
    let arguments = [
        "create",
        "--dry-run=server",
        "--validate=strict",
        "--filename=-",
    ];
    let mut wrong = Vec::new();
    for (spec, refusal) in cases() {
        let output = kubectl(&arguments, &manifest("test", &spec).to_string()).await?;
        let as_expected = match refusal {
            None => output.success,
            Some(words) => !output.success && output.complaint.contains(words),
        };
        if !as_expected {
            wrong.push(format!("{spec}: {}{}", output.text, output.complaint));
        }
    }
    ensure!(wrong.is_empty(), "judged otherwise:\n{}", wrong.join("\n"));
    Ok(())
}

#[tokio::test]
async fn an_external_server_never_becomes_a_managed_one() -> Result<()> {
    let kube = Environment::load().await?.kube;
    let servers: Api<DatabaseServer> = Api::all(kube.clone());
    let namespaces: Api<Namespace> = Api::all(kube);
    let name = format!("test-{}", std::process::id());
    let server = serde_json::from_value(manifest(&name, &json!({"external": external()})))?;
    servers.create(&PostParams::default(), &server).await?;
    // Made as soon as the server is seen, and nobody else's to remove.
    let namespace = format!("database-{name}");
    let made = until(&namespaces, &namespace, PATIENCE, |found| {
        found.map(|_: &Namespace| ()).ok_or_else(|| "absent".into())
    })
    .await;
    let dry_run = PatchParams {
        dry_run: true,
        ..PatchParams::default()
    };
    let change = json!({"spec": {"external": null, "managed": managed()}});
    let changed = servers.patch(&name, &dry_run, &Patch::Merge(change)).await;
    let moved = json!({"spec": {"external": {"host": "elsewhere.invalid"}}});
    let moved = servers.patch(&name, &dry_run, &Patch::Merge(moved)).await;
    servers.delete(&name, &DeleteParams::default()).await?;
    made?;
    delete_abandoned(&namespaces, &namespace).await?;
    moved?;
    let Err(kube::Error::Api(status)) = changed else {
        bail!("not refused: {changed:?}");
    };
    let words = "an external one external";
    ensure!(status.message.contains(words), "{}", status.message);
    Ok(())
}
