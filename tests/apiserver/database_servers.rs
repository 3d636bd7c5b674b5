//! What of a database server may never change.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_crd::DatabaseServer;
use tenantry_tests::{Environment, delete_abandoned, until};

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

fn manifest(name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "DatabaseServer",
        "metadata": {"name": name},
        "spec": spec,
    })
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

#[tokio::test]
async fn a_managed_server_keeps_the_size_that_its_volume_began_with() -> Result<()> {
    let servers: Api<DatabaseServer> = Api::all(Environment::load().await?.kube);
    let dry_run = PatchParams {
        dry_run: true,
        ..PatchParams::default()
    };
    let changed = async |field: &str, value: Value| {
        let change = json!({"spec": {"managed": {field: value}}});
        servers.patch("main", &dry_run, &Patch::Merge(change)).await
    };
    match changed("storage", json!("3Ti")).await {
        Err(kube::Error::Api(status)) => {
            let words = "grow the PersistentVolumeClaim data-postgresql-0";
            ensure!(status.message.contains(words), "{}", status.message);
        }
        other => bail!("not refused: {other:?}"),
    }
    changed("cpu", json!("7")).await?;
    changed("memory", json!("7Gi")).await?;
    changed("maxConnections", json!(7000)).await?;
    Ok(())
}
