//! Who may do what in a partner's namespace, judged by the API server.

use std::time::Duration;

use anyhow::{Result, ensure};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use tenantry_crd::Partner;
use tenantry_tests::{TestPartner, kubectl, until, with_partner};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const CONTROLLER: &str = "system:serviceaccount:tenantry-system:tenantryd";
const ADMIN: &str = "tenantry-partner-admin";

/// Whether `who` may do `verb` to `what` in the namespace. A subresource is said as kubectl's
/// option.
async fn may(who: &str, verb: &str, what: &str, namespace: &str) -> Result<bool> {
    let mut arguments = vec!["auth", "can-i", verb];
    arguments.extend(what.split(' '));
    arguments.extend(["--as", who, "--namespace", namespace]);
    let answer = kubectl(&arguments, "").await?;
    match answer.text.split_whitespace().next() {
        Some("yes") => Ok(true),
        Some("no") => Ok(false),
        _ => anyhow::bail!("{answer:?}"),
    }
}

/// Waits until it is so: the API server hears of a new RoleBinding a moment after it was written.
async fn soon(wanted: bool, who: &str, verb: &str, what: &str, namespace: &str) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while may(who, verb, what, namespace).await? != wanted {
        ensure!(
            Instant::now() < deadline,
            "that {who} may {verb} {what} in {namespace} is still {}",
            !wanted
        );
        sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

async fn give(partner: &TestPartner, access: Value) -> Result<()> {
    let partners: Api<Partner> = Api::all(partner.environment.kube.clone());
    let patch = json!({"spec": {"access": access}});
    partners
        .patch(&partner.name, &PatchParams::default(), &Patch::Merge(patch))
        .await?;
    Ok(())
}

/// Waits until exactly these hold the role of a partner's administrators.
async fn held_by(partner: &TestPartner, names: &[&str]) -> Result<()> {
    let bindings: Api<RoleBinding> = partner.objects();
    until(&bindings, ADMIN, PATIENCE, |binding| {
        let subjects = binding.and_then(|binding| binding.subjects.as_ref());
        let held: Vec<_> = subjects.into_iter().flatten().map(|s| &s.name).collect();
        (binding.is_some() && held == names)
            .then_some(())
            .ok_or_else(|| format!("held by {held:?}"))
    })
    .await
}

#[tokio::test]
async fn a_partner_gives_and_takes_rights_in_its_own_namespace() -> Result<()> {
    with_partner(async |partner| {
        let namespace = partner.namespace();
        let ana = format!("ana@{}", partner.domain());
        let subjects = json!([{"kind": "User", "name": ana}]);
        give(partner, json!([{"role": "Viewer", "subjects": subjects}])).await?;
        soon(true, &ana, "list", "tenants.tenantry.dev", &namespace).await?;
        ensure!(!may(&ana, "create", "tenants.tenantry.dev", &namespace).await?);

        give(partner, json!([{"role": "Admin", "subjects": subjects}])).await?;
        soon(true, &ana, "create", "tenants.tenantry.dev", &namespace).await?;
        for (verb, what) in [
            ("get", "secrets"),
            ("create", "pods"),
            ("patch", "tenants.tenantry.dev --subresource=status"),
            ("create", "rolebindings.rbac.authorization.k8s.io"),
        ] {
            ensure!(!may(&ana, verb, what, &namespace).await?, "{verb} {what}");
        }
        ensure!(!may(&ana, "list", "tenants.tenantry.dev", "default").await?);

        give(partner, json!(null)).await?;
        held_by(partner, &[]).await?;
        soon(false, &ana, "list", "tenants.tenantry.dev", &namespace).await
    })
    .await
}

#[tokio::test]
async fn whoever_was_let_in_by_hand_is_put_out_again() -> Result<()> {
    with_partner(async |partner| {
        let subjects = json!([{"kind": "Group", "name": "operations"}]);
        give(partner, json!([{"role": "Admin", "subjects": subjects}])).await?;
        held_by(partner, &["operations"]).await?;
        let stranger = json!({"subjects": [
            {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "stranger"},
        ]});
        let bindings: Api<RoleBinding> = partner.objects();
        bindings
            .patch(ADMIN, &PatchParams::default(), &Patch::Merge(stranger))
            .await?;
        held_by(partner, &["operations"]).await
    })
    .await
}

/// `PRUNED` of the controller's `cluster/prune.rs`, as the API server names them.
const PRUNED: [&str; 7] = [
    "resourcequotas",
    "limitranges",
    "networkpolicies.networking.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "serviceaccounts",
    "configmaps",
    "services",
];

#[tokio::test]
async fn the_controller_may_delete_every_kind_that_it_prunes() -> Result<()> {
    for what in PRUNED {
        ensure!(may(CONTROLLER, "delete", what, "default").await?, "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn the_controller_gives_two_roles_and_no_other() -> Result<()> {
    for role in ["tenantry-viewer", "tenantry-partner-admin"] {
        let what = format!("clusterroles.rbac.authorization.k8s.io/{role}");
        ensure!(may(CONTROLLER, "bind", &what, "default").await?, "{role}");
    }
    for (verb, what) in [
        (
            "bind",
            "clusterroles.rbac.authorization.k8s.io/cluster-admin",
        ),
        ("bind", "clusterroles.rbac.authorization.k8s.io/edit"),
        ("bind", "clusterroles.rbac.authorization.k8s.io"),
        ("escalate", "clusterroles.rbac.authorization.k8s.io"),
        ("create", "clusterroles.rbac.authorization.k8s.io"),
        ("create", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("create", "roles.rbac.authorization.k8s.io"),
        ("delete", "clusterroles.rbac.authorization.k8s.io"),
        ("delete", "clusterrolebindings.rbac.authorization.k8s.io"),
        ("delete", "roles.rbac.authorization.k8s.io"),
        ("impersonate", "users"),
        ("create", "pods --subresource=exec"),
    ] {
        ensure!(
            !may(CONTROLLER, verb, what, "default").await?,
            "{verb} {what}"
        );
    }
    Ok(())
}
