//! A tenant's namespace is closed, bounded, and takes restricted pods only.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::{Pod, ResourceQuota};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::ResourceExt;
use kube::api::{DeleteParams, ListParams};
use serde_json::{Value, json};
use tenantry_tests::{Output, TestPartner, kubectl, until, with_partner};

const PATIENCE: Duration = Duration::from_secs(90);

/// Asks the API server to create `object` in the namespace of the tenant `shop`, for show.
async fn attempt(partner: &TestPartner, object: &Value) -> Result<Output> {
    let namespace = partner.tenant_namespace("shop");
    let arguments = [
        "create",
        "--dry-run=server",
        "--output=json",
        "--namespace",
        &namespace,
        "--filename=-",
    ];
    kubectl(&arguments, &object.to_string()).await
}

fn refused(output: &Output, words: &str) -> Result<()> {
    ensure!(!output.success, "accepted: {}", output.text);
    ensure!(output.complaint.contains(words), "{}", output.complaint);
    Ok(())
}

/// A pod that the restricted standard lets in, and that says nothing of its resources.
fn pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "beside"},
        "spec": {
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [{
                "name": "main",
                "image": "image.example/anything",
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "capabilities": {"drop": ["ALL"]},
                },
            }],
        },
    })
}

async fn a_silent_pod_gets_what_a_job_gets(partner: &TestPartner) -> Result<()> {
    let created = attempt(partner, &pod()).await?.text()?;
    let created: Pod = serde_json::from_str(&created)?;
    let spec = created.spec.context("no spec")?;
    let resources = spec.containers[0]
        .resources
        .clone()
        .context("no resources")?;
    let limits = resources.limits.unwrap_or_default();
    let requests = resources.requests.unwrap_or_default();
    ensure!(limits.contains_key("memory"), "{limits:?}");
    ensure!(!limits.contains_key("cpu"), "{limits:?}");
    ensure!(requests.contains_key("cpu"), "{requests:?}");
    ensure!(requests.contains_key("memory"), "{requests:?}");
    Ok(())
}

async fn what_does_not_belong_there_is_refused(partner: &TestPartner) -> Result<()> {
    let mut privileged = pod();
    privileged["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    refused(&attempt(partner, &privileged).await?, "PodSecurity")?;

    let mut huge = pod();
    huge["spec"]["containers"][0]["resources"] =
        json!({"requests": {"cpu": "900"}, "limits": {"memory": "900Ti"}});
    refused(&attempt(partner, &huge).await?, "exceeded quota")?;

    for kind in ["NodePort", "LoadBalancer"] {
        let service = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "beside"},
            "spec": {"type": kind, "ports": [{"port": 80}]},
        });
        refused(&attempt(partner, &service).await?, "exceeded quota")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_tenants_namespace_is_bounded() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let quotas = partner.objects_of::<ResourceQuota>("shop");
        until(&quotas, "baseline", PATIENCE, |quota| {
            let status = quota.and_then(|quota| quota.status.clone());
            let used = status.and_then(|status| status.used).unwrap_or_default();
            let one = |resource: &str| used.get(resource).is_some_and(|used| used.0 == "1");
            (one("pods") && one("persistentvolumeclaims"))
                .then_some(())
                .ok_or_else(|| format!("{used:?}"))
        })
        .await?;
        a_silent_pod_gets_what_a_job_gets(partner).await?;
        what_does_not_belong_there_is_refused(partner).await
    })
    .await
}

#[tokio::test]
async fn a_tenants_namespace_is_closed_and_stays_so() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let policies = partner.objects_of::<NetworkPolicy>("shop");
        let names: Vec<_> = policies
            .list(&ListParams::default())
            .await?
            .iter()
            .map(ResourceExt::name_any)
            .collect();
        let expected = [
            "default-deny",
            "from-ingress-controller",
            "to-database",
            "to-dns",
            "to-internet",
        ];
        ensure!(names == expected, "{names:?}");
        let before = policies.get("default-deny").await?;
        policies
            .delete("default-deny", &DeleteParams::default())
            .await?;
        until(&policies, "default-deny", PATIENCE, |policy| {
            let again = policy
                .is_some_and(|policy| policy.uid() != before.uid() && policy.spec == before.spec);
            again.then_some(()).ok_or_else(|| "gone".to_owned())
        })
        .await
    })
    .await
}
