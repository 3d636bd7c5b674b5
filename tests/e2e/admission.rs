//! Somebody else refuses what Tenantry writes: it says who, and goes on when that one is gone.

use std::time::Duration;

use anyhow::{Result, bail};
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};
use tenantry_tests::{TestPartner, kubectl, with_partner};
use tokio::time::{Instant, sleep};

use crate::story::{apply, explains_itself, falls_sick, is_told_to_recover};

const PATIENCE: Duration = Duration::from_mins(2);
const RETRY: Duration = Duration::from_millis(250);
const API: &str = "admissionregistration.k8s.io/v1";

/// Selects the namespace of one tenant: others are not to be refused.
fn only(namespace: &str) -> Value {
    json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}})
}

/// Every Deployment that is written.
fn deployments() -> Value {
    json!({
        "apiGroups": ["apps"], "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"], "resources": ["deployments"],
    })
}

/// The policy and its binding, which refuse every Deployment in `namespace`.
fn policy(name: &str, namespace: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {
            "apiVersion": API,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": name},
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {"resourceRules": [deployments()]},
                "validations": [{"expression": "false", "message": "nothing changes this week"}],
            },
        },
        {
            "apiVersion": API,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": name},
            "spec": {
                "policyName": name,
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": only(namespace)},
            },
        },
    ]})
}

/// A webhook that is to judge every Deployment in `namespace`, and that nobody answers.
fn webhook(name: &str, namespace: &str) -> Value {
    json!({
        "apiVersion": API,
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [{
            "name": format!("{name}.tests.tenantry.dev"),
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "timeoutSeconds": 5,
            "namespaceSelector": only(namespace),
            "rules": [deployments()],
            "clientConfig": {"service": {"namespace": namespace, "name": "nobody"}},
        }],
    })
}

/// Waits until the API server refuses a change that it is only asked to try.
async fn until_refused(deployments: &Api<Deployment>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let dry_run = PatchParams {
        dry_run: true,
        ..PatchParams::default()
    };
    let change = json!({"metadata": {"annotations": {"tests.tenantry.dev/tried": "yes"}}});
    while Instant::now() < deadline {
        let tried = deployments
            .patch("odoo", &dry_run, &Patch::Merge(&change))
            .await;
        if tried.is_err() {
            return Ok(());
        }
        sleep(RETRY).await;
    }
    bail!("nothing is refused")
}

/// The tenant is refused its Deployment for as long as `obstacle` is there.
async fn while_there_is(
    obstacle: &Value,
    partner: &TestPartner,
    reason: &str,
    words: [&str; 2],
) -> Result<()> {
    apply(obstacle).await?;
    let outcome = refused(partner, reason, words).await;
    kubectl(&["delete", "--filename=-"], &obstacle.to_string())
        .await?
        .text()?;
    outcome?;
    is_told_to_recover(partner, "shop").await
}

async fn refused(partner: &TestPartner, reason: &str, words: [&str; 2]) -> Result<()> {
    let deployments: Api<Deployment> = partner.objects_of("shop");
    until_refused(&deployments).await?;
    deployments
        .delete("odoo", &DeleteParams::background())
        .await?;
    falls_sick(partner, "shop", "WorkloadReady", reason, words[0]).await?;
    explains_itself(partner, "shop", reason, words[1]).await
}

#[tokio::test]
async fn what_a_policy_refuses_or_a_webhook_does_not_answer_for_comes_when_that_goes() -> Result<()>
{
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let namespace = partner.tenant_namespace("shop");
        let name = format!("freeze-{}", partner.name);
        let policy = policy(&name, &namespace);
        let words = [name.as_str(), "nothing changes this week"];
        while_there_is(&policy, partner, "AdmissionRefused", words).await?;

        let name = format!("nobody-{}", partner.name);
        let webhook = webhook(&name, &namespace);
        let words = [name.as_str(), "failed calling webhook"];
        while_there_is(&webhook, partner, "AdmissionUnavailable", words).await
    })
    .await
}
