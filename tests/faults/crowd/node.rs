//! A node whose pods only seem to run, and the real ones closed to new pods meanwhile.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Node;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use tenantry_tests::{Environment, until};
use tokio::process::{Child, Command};

const NAME: &str = "crowd";
/// Who speaks for the node.
const ANNOTATION: &str = "kwok.x-k8s.io/node";
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs `test` while new pods go to the node.
pub(super) async fn with_node<T>(
    environment: &Environment,
    test: impl AsyncFnOnce() -> Result<T>,
) -> Result<T> {
    let nodes: Api<Node> = Api::all(environment.kube.clone());
    let _kwok = kwok()?;
    let real = nodes.list(&ListParams::default()).await?;
    nodes.create(&PostParams::default(), &node()?).await?;
    let outcome = async {
        until(&nodes, NAME, PATIENCE, ready).await?;
        close(&nodes, &real.items, true).await?;
        test().await
    }
    .await;
    close(&nodes, &real.items, false).await?;
    nodes.delete(NAME, &DeleteParams::default()).await?;
    outcome
}

fn kwok() -> Result<Child> {
    let program = std::env::var_os("TENANTRY_KWOK").map(PathBuf::from);
    let program = program.context("TENANTRY_KWOK is not set: run `cargo xtask test faults`")?;
    let kubeconfig = std::env::var_os("KUBECONFIG").context("KUBECONFIG is not set")?;
    Command::new(&program)
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .arg("--config")
        .arg(program.with_file_name("stages.yaml"))
        .arg("--manage-all-nodes=false")
        // Without a lease the node is taken for dead after 50 s, and all of its pods with it.
        .arg("--node-lease-duration-seconds=40")
        .arg(format!(
            "--manage-nodes-with-annotation-selector={ANNOTATION}=fake"
        ))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))
}

/// It has room for all of them.
fn node() -> Result<Node> {
    let room = json!({"cpu": "1000", "memory": "4Ti", "pods": "1000"});
    Ok(serde_json::from_value(json!({
        "metadata": {
            "name": NAME,
            "annotations": {ANNOTATION: "fake"},
            "labels": {"kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux"},
        },
        "status": {"allocatable": room, "capacity": room},
    }))?)
}

fn ready(node: Option<&Node>) -> Result<(), String> {
    let status = node.and_then(|node| node.status.as_ref());
    let conditions = status.and_then(|status| status.conditions.as_ref());
    let ready = conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready
        .then_some(())
        .ok_or_else(|| format!("not ready: {conditions:?}"))
}

async fn close(nodes: &Api<Node>, real: &[Node], closed: bool) -> Result<()> {
    for node in real {
        let spec = json!({"spec": {"unschedulable": closed}});
        let change = PatchParams::default();
        nodes
            .patch(&node.name_any(), &change, &Patch::Merge(spec))
            .await?;
    }
    Ok(())
}
