//! A sick tenant explains itself, and is well again by itself when the cause goes.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_crd::{DatabaseServer, Tenant};
use tenantry_tests::{
    TestPartner, condition, kubectl, query, until, with_partner, with_sick_channel,
};
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_mins(2);
/// A `ReplicaSet` waits twice as long after each refusal of its pod.
const RECOVERY: Duration = Duration::from_mins(6);

/// Content when the condition `kind` is False for `reason`, with a message that says `words` and
/// ends with who acts.
pub(crate) fn sick<'a>(
    kind: &'a str,
    reason: &'a str,
    words: &'a str,
) -> impl Fn(Option<&Tenant>) -> Result<(), String> {
    let is_false = condition(kind, "False");
    move |tenant| {
        let found = is_false(tenant)?;
        let status = tenant.and_then(|tenant| tenant.status.as_ref());
        let conditions = status.map(|status| &status.conditions[..]);
        let message = conditions
            .unwrap_or_default()
            .iter()
            .find(|condition| condition.type_ == kind)
            .map_or("", |condition| condition.message.as_str());
        let told = found == reason && message.contains(words) && message.contains("to mend; ");
        told.then_some(())
            .ok_or_else(|| format!("{kind}=False for {found}: {message}"))
    }
}

pub(crate) async fn create(partner: &TestPartner, manifest: Value) -> Result<()> {
    let tenant = serde_json::from_value(manifest)?;
    partner
        .tenants()
        .create(&PostParams::default(), &tenant)
        .await?;
    Ok(())
}

pub(crate) async fn falls_sick(
    partner: &TestPartner,
    kind: &str,
    reason: &str,
    words: &str,
) -> Result<()> {
    until(
        &partner.tenants(),
        "shop",
        PATIENCE,
        sick(kind, reason, words),
    )
    .await
}

pub(crate) async fn recovers(partner: &TestPartner) -> Result<()> {
    for kind in ["WorkloadReady", "DatabaseReady", "Serving", "Ready"] {
        until(
            &partner.tenants(),
            "shop",
            RECOVERY,
            condition(kind, "True"),
        )
        .await?;
    }
    Ok(())
}

/// Waits until one of `events` has this reason and says these words.
pub(crate) async fn told(events: &Api<Event>, reason: &str, words: &str) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let selector = ListParams::default().fields(&format!("reason={reason}"));
    while Instant::now() < deadline {
        let told = events.list(&selector).await?;
        let mut notes = told.iter().filter_map(|event| event.note.as_ref());
        if notes.any(|note| note.contains(words)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    bail!("no Event {reason} told of {words}")
}

pub(crate) async fn restart_pods(partner: &TestPartner) -> Result<()> {
    let pods: Api<Pod> = partner.objects_of("shop");
    pods.delete_collection(&DeleteParams::default(), &ListParams::default())
        .await?;
    Ok(())
}

pub(crate) async fn database_of(partner: &TestPartner) -> Result<String> {
    let tenant = partner.tenants().get("shop").await?;
    let placement = tenant.status.and_then(|status| status.placement);
    Ok(placement.context("no placement")?.database)
}

async fn apply(manifest: &Value) -> Result<()> {
    kubectl(&["apply", "--filename=-"], &manifest.to_string())
        .await?
        .text()?;
    Ok(())
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled() -> Result<()> {
    with_partner(async |partner| {
        let nowhere = format!("localhost:1/odoo@sha256:{}", "0".repeat(64));
        let spoil = |release: &mut Value| release["image"] = json!(nowhere);
        with_sick_channel(partner, spoil, async || {
            create(partner, partner.manifest_on("shop", "sick")).await?;
            // The template that the channel asks for cannot be made, and says so.
            falls_sick(partner, "DatabaseReady", "TemplateNotReady", &nowhere).await?;
            let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
            until(&servers, "main", PATIENCE, |server| {
                let status = server.and_then(|server| server.status.as_ref());
                let said: Vec<_> = status
                    .iter()
                    .flat_map(|status| &status.templates)
                    .filter_map(|template| template.message.as_deref())
                    .collect();
                said.iter()
                    .any(|said| said.contains("ImageNotPulled") && said.contains(&nowhere))
                    .then_some(())
                    .ok_or_else(|| format!("with templates that say {said:?}"))
            })
            .await
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_pod_that_crashes() -> Result<()> {
    with_partner(async |partner| {
        let spoil = |release: &mut Value| {
            release["contract"]["command"] = json!(["sh", "-c", "exit 3"]);
        };
        with_sick_channel(partner, spoil, async || {
            create(partner, partner.manifest_on("shop", "sick")).await?;
            falls_sick(partner, "WorkloadReady", "PodCrashes", "exit code 3").await?;
            falls_sick(partner, "Ready", "PodCrashes", "exit code 3").await?;
            partner.follow_channel("shop", "stable").await?;
            recovers(partner).await
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_program_that_is_not_in_the_image() -> Result<()> {
    with_partner(async |partner| {
        let spoil = |release: &mut Value| {
            release["contract"]["command"] = json!(["no-such-program"]);
        };
        with_sick_channel(partner, spoil, async || {
            create(partner, partner.manifest_on("shop", "sick")).await?;
            falls_sick(partner, "WorkloadReady", "PodCrashes", "no-such-program").await?;
            partner.follow_channel("shop", "stable").await?;
            recovers(partner).await
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_quota_that_is_exceeded() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let namespace = partner.tenant_namespace("shop");
        apply(&json!({
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "no-pods", "namespace": namespace},
            "spec": {"hard": {"pods": "0"}},
        }))
        .await?;
        restart_pods(partner).await?;
        falls_sick(partner, "WorkloadReady", "QuotaExceeded", "no-pods").await?;
        kubectl(
            &["delete", "resourcequota", "no-pods", "-n", &namespace],
            "",
        )
        .await?
        .text()?;
        recovers(partner).await
    })
    .await
}

/// The policy and its binding, which refuse every Deployment in `namespace`.
fn policy(name: &str, namespace: &str) -> Value {
    let api = "admissionregistration.k8s.io/v1";
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {
            "apiVersion": api,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": name},
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {"resourceRules": [{
                    "apiGroups": ["apps"], "apiVersions": ["v1"],
                    "operations": ["CREATE", "UPDATE"], "resources": ["deployments"],
                }]},
                "validations": [{"expression": "false", "message": "nothing changes this week"}],
            },
        },
        {
            "apiVersion": api,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": name},
            "spec": {
                "policyName": name,
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": {"matchLabels": {
                    "kubernetes.io/metadata.name": namespace,
                }}},
            },
        },
    ]})
}

/// Waits until the API server refuses a change that it is only asked to try.
async fn until_refused(deployments: &Api<Deployment>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let dry_run = PatchParams {
        dry_run: true,
        ..PatchParams::default()
    };
    let change = json!({"metadata": {"annotations": {"tried": "yes"}}});
    while Instant::now() < deadline {
        let tried = deployments
            .patch("odoo", &dry_run, &Patch::Merge(&change))
            .await;
        if tried.is_err() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    bail!("the policy refuses nothing")
}

#[tokio::test]
async fn somebodys_policy_that_refuses_the_deployment() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let name = format!("freeze-{}", partner.name);
        let policy = policy(&name, &partner.tenant_namespace("shop"));
        apply(&policy).await?;
        let outcome = refused(partner, &name).await;
        kubectl(&["delete", "--filename=-"], &policy.to_string())
            .await?
            .text()?;
        outcome?;
        recovers(partner).await
    })
    .await
}

async fn refused(partner: &TestPartner, policy: &str) -> Result<()> {
    let deployments: Api<Deployment> = partner.objects_of("shop");
    until_refused(&deployments).await?;
    deployments.delete("odoo", &DeleteParams::default()).await?;
    falls_sick(partner, "WorkloadReady", "AdmissionRefused", policy).await?;
    falls_sick(
        partner,
        "Ready",
        "AdmissionRefused",
        "nothing changes this week",
    )
    .await
}

#[tokio::test]
async fn a_password_that_was_changed_by_hand_is_set_back() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner).await?;
        let count = "SELECT count(*) FROM res_users";
        let users = query(&database, count).await?;
        query(
            "postgres",
            &format!("ALTER ROLE {database} PASSWORD 'something-else'"),
        )
        .await?;
        restart_pods(partner).await?;
        told(&partner.objects(), "PasswordReset", "password").await?;
        recovers(partner).await?;
        ensure!(query(&database, count).await? == users, "users went");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_role_that_may_not_log_in_is_told_and_left_alone() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner).await?;
        query("postgres", &format!("ALTER ROLE {database} NOLOGIN")).await?;
        restart_pods(partner).await?;
        falls_sick(partner, "DatabaseReady", "AccessWithheld", "LOGIN").await?;
        let may = format!("SELECT rolcanlogin FROM pg_roles WHERE rolname = '{database}'");
        ensure!(query("postgres", &may).await? == "f", "it was given back");
        query("postgres", &format!("ALTER ROLE {database} LOGIN")).await?;
        recovers(partner).await
    })
    .await
}

#[tokio::test]
async fn kubectl_describe_tells_the_same_story() -> Result<()> {
    with_partner(async |partner| {
        let spoil = |release: &mut Value| {
            release["contract"]["command"] = json!(["sh", "-c", "exit 3"]);
        };
        with_sick_channel(partner, spoil, async || {
            create(partner, partner.manifest_on("shop", "sick")).await?;
            falls_sick(partner, "Ready", "PodCrashes", "exit code 3").await?;
            let namespace = partner.namespace();
            let described = kubectl(&["describe", "tenant", "shop", "-n", &namespace], "")
                .await?
                .text()?;
            for words in ["PodCrashes", "exit code 3", "for the platform to mend"] {
                ensure!(described.contains(words), "no {words:?} in:\n{described}");
            }
            Ok(())
        })
        .await
    })
    .await
}
