//! What is refused whoever has the right to it: namespaces that hold data, what Tenantry notes on
//! tenants, and what tenantryd would write elsewhere.

use std::time::Duration;

use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_tests::{Output, TestPartner, kubectl, with_partner};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const CONTROLLER: &str = "system:serviceaccount:tenantry-system:tenantryd";
/// Whom the kubeconfig is for, with every right.
const OPERATOR: &str = "";
const FINALIZER: &str = "tenantry.dev/tenant";

/// What the API server answers to `who`, with nothing done.
async fn ask(who: &str, arguments: &[&str], input: &str) -> Result<Output> {
    let mut all = arguments.to_vec();
    all.push("--dry-run=server");
    if who != OPERATOR {
        all.extend(["--as", who]);
    }
    kubectl(&all, input).await
}

/// The answer, once the API server has heard of the rights that `who` was given.
async fn ask_entitled(who: &str, arguments: &[&str], input: &str) -> Result<Output> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let output = ask(who, arguments, input).await?;
        if !output.complaint.contains(" cannot ") || Instant::now() > deadline {
            return Ok(output);
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// Whether it was accepted when there are no words, and refused with them when there are.
fn judged(what: &str, output: &Output, refusal: Option<&str>) -> Result<()> {
    match refusal {
        None => ensure!(output.success, "{what} is refused: {}", output.complaint),
        Some(words) => ensure!(
            !output.success && output.complaint.contains(words),
            "{what}: {}{}",
            output.text,
            output.complaint
        ),
    }
    Ok(())
}

#[tokio::test]
async fn a_namespace_that_holds_data_goes_when_it_is_named_twice() -> Result<()> {
    with_partner(async |partner| {
        let own = partner.namespace();
        for name in ["database-main", &own] {
            let words = format!("annotate it with tenantry.dev/abandon={name} first");
            let output = ask(OPERATOR, &["delete", "namespace", name], "").await?;
            judged(name, &output, Some(&words))?;
        }
        let output = ask(CONTROLLER, &["delete", "namespace", &own], "").await?;
        judged(&own, &output, None)?;
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        for (value, refusal) in [("another", Some("annotate it")), (&own, None)] {
            let abandon = json!({"metadata": {"annotations": {"tenantry.dev/abandon": value}}});
            namespaces
                .patch(&own, &PatchParams::default(), &Patch::Merge(abandon))
                .await?;
            let output = ask(OPERATOR, &["delete", "namespace", &own], "").await?;
            judged(&own, &output, refusal)?;
        }
        Ok(())
    })
    .await
}

/// A tenant that is refused, so that nothing is built for it, and held as if there were. `notes` are
/// its labels and annotations.
async fn hold_unbuilt(partner: &TestPartner, notes: &[(&str, Value)]) -> Result<()> {
    let mut manifest = partner.manifest("shop");
    manifest["spec"]["isolation"]["dedicated"]["size"] = json!("gigantic");
    manifest["metadata"]["finalizers"] = json!([FINALIZER]);
    for (field, value) in notes {
        manifest["metadata"][field] = value.clone();
    }
    let tenant = serde_json::from_value(manifest)?;
    let tenants = partner.tenants();
    tenants.create(&PostParams::default(), &tenant).await?;
    Ok(())
}

/// Gives `admin` what a partner's administrators have, and `keeper` the verb `abandon` as well.
async fn entitle(partner: &TestPartner, admin: &str, keeper: &str) -> Result<()> {
    let group = "rbac.authorization.k8s.io";
    let binding = |name: &str, who: &str, role: &str, kind: &str| {
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "RoleBinding",
            "metadata": {"name": name, "namespace": partner.namespace()},
            "roleRef": {"apiGroup": group, "kind": kind, "name": role},
            "subjects": [{"apiGroup": group, "kind": "User", "name": who}],
        })
    };
    let role = json!({
        "apiVersion": format!("{group}/v1"), "kind": "Role",
        "metadata": {"name": "keeper", "namespace": partner.namespace()},
        "rules": [{
            "apiGroups": ["tenantry.dev"], "resources": ["tenants"],
            "verbs": ["get", "patch", "abandon"],
        }],
    });
    let objects = json!({"apiVersion": "v1", "kind": "List", "items": [
        role,
        binding("admin", admin, "tenantry-partner-admin", "ClusterRole"),
        binding("keeper", keeper, "keeper", "Role"),
    ]});
    kubectl(&["create", "--filename=-"], &objects.to_string())
        .await?
        .text()?;
    Ok(())
}

async fn patch(who: &str, partner: &TestPartner, patch: &Value) -> Result<Output> {
    let (namespace, patch) = (partner.namespace(), patch.to_string());
    let arguments = [
        "patch",
        "tenants.tenantry.dev/shop",
        "--namespace",
        &namespace,
        "--type=merge",
        "--patch",
        &patch,
    ];
    ask_entitled(who, &arguments, "").await
}

/// Changes of a tenant that leave its data behind, or forge what Tenantry noted on it, and the words
/// with which they are refused.
fn forgeries() -> Vec<(Value, &'static str)> {
    let noted = "written by Tenantry";
    let annotation = |name: &str| json!({"metadata": {"annotations": {name: "forged"}}});
    let label = |name: &str| json!({"metadata": {"labels": {name: "forged"}}});
    let removed = |field: &str, name: &str| json!({"metadata": {field: {name: null}}});
    vec![
        (
            json!({"metadata": {"finalizers": null}}),
            "to remove it takes the verb abandon",
        ),
        (annotation("tenantry.dev/abandon"), noted),
        (annotation("tenantry.dev/received-at"), noted),
        (annotation("tenantry.dev/operation"), noted),
        (label("tenantry.dev/operation"), noted),
        (label("tenantry.dev/creation"), noted),
        (
            removed("annotations", "tenantry.dev/operation-method"),
            noted,
        ),
        (removed("labels", "tenantry.dev/operation"), noted),
        (json!({"metadata": {"annotations": null}}), noted),
        (json!({"metadata": {"labels": null}}), noted),
    ]
}

/// What a call leaves on a tenant that it suspends, and what somebody added to it.
fn notes() -> [(&'static str, Value); 2] {
    let operation = "5f0c2f5e-58f3-4d0e-9d39-2b5b4b6f3c11";
    let labels = json!({"tenantry.dev/operation": operation, "tier": "silver", "floor": "2"});
    let annotations = json!({"tenantry.dev/operation-method": "SuspendTenant", "note": "new"});
    [("labels", labels), ("annotations", annotations)]
}

#[tokio::test]
async fn a_partners_admin_neither_abandons_a_tenant_nor_forges_what_is_noted_on_it() -> Result<()> {
    with_partner(async |partner| {
        let admin = format!("ana@{}", partner.domain());
        let keeper = format!("ben@{}", partner.domain());
        hold_unbuilt(partner, &notes()).await?;
        entitle(partner, &admin, &keeper).await?;
        for (change, words) in forgeries() {
            let what = change.to_string();
            let output = patch(&admin, partner, &change).await?;
            judged(&what, &output, Some(words))?;
            judged(&what, &patch(&keeper, partner, &change).await?, None)?;
            judged(&what, &patch(OPERATOR, partner, &change).await?, None)?;
        }
        for change in [
            json!({"metadata": {"labels": {"tier": "gold"}, "annotations": {"note": "vip"}}}),
            json!({"metadata": {"labels": {"floor": null}, "annotations": {"note": null}}}),
            json!({"spec": {"displayName": "Renamed"}}),
        ] {
            let output = patch(&admin, partner, &change).await?;
            judged(&change.to_string(), &output, None)?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_partners_admin_changes_a_tenant_on_which_nothing_is_noted() -> Result<()> {
    with_partner(async |partner| {
        let admin = format!("ana@{}", partner.domain());
        hold_unbuilt(partner, &[]).await?;
        entitle(partner, &admin, "nobody").await?;
        for change in [
            json!({"spec": {"displayName": "Renamed"}}),
            json!({"metadata": {"labels": {"tier": "gold"}}}),
        ] {
            let output = patch(&admin, partner, &change).await?;
            judged(&change.to_string(), &output, None)?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_new_tenant_brings_no_notes_of_tenantrys() -> Result<()> {
    with_partner(async |partner| {
        let admin = format!("ana@{}", partner.domain());
        entitle(partner, &admin, "nobody").await?;
        let plain = partner.manifest("shop");
        let mut forged = plain.clone();
        forged["metadata"]["annotations"] = json!({"tenantry.dev/abandon": "0123456789abcdef"});
        for (manifest, refusal) in [(plain, None), (forged, Some("written by Tenantry"))] {
            let create = ["create", "--filename=-"];
            let output = ask_entitled(&admin, &create, &manifest.to_string()).await?;
            judged("a new tenant", &output, refusal)?;
        }
        Ok(())
    })
    .await
}

/// One object of each API group that tenantryd writes.
fn writable(namespace: &str) -> Vec<Value> {
    let metadata = json!({"name": "in-question", "namespace": namespace});
    let labels = json!({"app": "in-question"});
    let rbac = "rbac.authorization.k8s.io";
    vec![
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata}),
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata,
            "spec": {"podSelector": {}},
        }),
        json!({
            "apiVersion": format!("{rbac}/v1"), "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": "tenantry-viewer"},
        }),
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "main", "image": "image.example/anything"}]},
                },
            },
        }),
        json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata,
            "spec": {"template": {"spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "main", "image": "image.example/anything"}],
            }}},
        }),
    ]
}

#[tokio::test]
async fn tenantryd_writes_in_namespaces_of_ours_only() -> Result<()> {
    let create = ["create", "--filename=-"];
    let refusal = Some("tenantryd has nothing to write in the namespace");
    for (namespace, refusal) in [
        ("database-main", None),
        ("tenantry-system", None),
        ("default", refusal),
        ("kube-system", refusal),
    ] {
        for object in writable(namespace) {
            let output = ask(CONTROLLER, &create, &object.to_string()).await?;
            judged(&object.to_string(), &output, refusal)?;
        }
    }
    for (name, refusal) in [("tenant-in--question", None), ("in-question", refusal)] {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let output = ask(CONTROLLER, &create, &object.to_string()).await?;
        judged(name, &output, refusal)?;
    }
    Ok(())
}

#[tokio::test]
async fn tenantryd_deletes_in_namespaces_of_ours_only() -> Result<()> {
    let refusal = Some("tenantryd has nothing to write in the namespace kube-system");
    for (namespace, what, refusal) in [
        (
            "database-main",
            "networkpolicies.networking.k8s.io/default-deny",
            None,
        ),
        // The API server makes this one itself, so it is in every cluster.
        (
            "kube-system",
            "rolebindings.rbac.authorization.k8s.io/system:controller:bootstrap-signer",
            refusal,
        ),
    ] {
        let arguments = ["delete", what, "--namespace", namespace];
        let output = ask(CONTROLLER, &arguments, "").await?;
        judged(what, &output, refusal)?;
    }
    Ok(())
}

#[tokio::test]
async fn tenantryd_cannot_read_what_it_has_no_use_for() -> Result<()> {
    for what in ["endpointslices.discovery.k8s.io", "nodes", "leases"] {
        let arguments = ["auth", "can-i", "list", what, "--as", CONTROLLER];
        let answer = kubectl(&arguments, "").await?;
        ensure!(answer.text.starts_with("no"), "{what}: {answer:?}");
    }
    Ok(())
}
