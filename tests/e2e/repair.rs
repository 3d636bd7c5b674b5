//! Whatever is deleted or edited by hand is as it was within five seconds.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use kube::api::{
    ApiResource, DeleteParams, DynamicObject, GroupVersionKind, ListParams, Patch, PatchParams,
};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};
use tenantry_tests::{TestPartner, until, with_partner};

const PATIENCE: Duration = Duration::from_secs(5);
const RENDERED: &str = "tenantry.dev/rendered";

/// What is repaired by writing it again. A Secret holds what cannot be had a second time, and a
/// volume is more than its claim.
const KINDS: [(&str, &str, &str); 5] = [
    ("", "ServiceAccount", "serviceaccounts"),
    ("", "ConfigMap", "configmaps"),
    ("", "Service", "services"),
    ("apps", "Deployment", "deployments"),
    ("networking.k8s.io", "Ingress", "ingresses"),
];

fn api(partner: &TestPartner, kind: (&str, &str, &str)) -> Api<DynamicObject> {
    let gvk = GroupVersionKind::gvk(kind.0, "v1", kind.1);
    let resource = ApiResource::from_gvk_with_plural(&gvk, kind.2);
    let namespace = partner.tenant_namespace("shop");
    Api::namespaced_with(partner.environment.kube.clone(), &namespace, &resource)
}

async fn every(api: &Api<DynamicObject>) -> Result<Vec<DynamicObject>> {
    let ours = ListParams::default().labels("app.kubernetes.io/managed-by=tenantry");
    let found = api.list(&ours).await?.items;
    ensure!(!found.is_empty(), "the tenant has none");
    Ok(found)
}

/// What we say of an object: its labels, and everything beside metadata and status.
fn said(object: &DynamicObject) -> Value {
    let mut content = object.data.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("status");
    }
    for field in ["clusterIP", "clusterIPs"] {
        if let Some(spec) = content["spec"].as_object_mut() {
            spec.remove(field);
        }
    }
    json!({
        "labels": object.labels(),
        "rendered": object.annotations().get(RENDERED),
        "content": content,
    })
}

#[tokio::test]
async fn what_is_deleted_by_hand_is_back_within_five_seconds() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        for kind in KINDS {
            let api = api(partner, kind);
            for object in every(&api).await.context(kind.1)? {
                let name = object.name_any();
                api.delete(&name, &DeleteParams::background()).await?;
                restored(&api, &object, |now| now.uid() != object.uid()).await?;
            }
        }
        partner.serving("shop").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_edited_by_hand_is_as_it_was_within_five_seconds() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let by_hand = PatchParams {
            field_manager: Some("kubectl-edit".into()),
            ..PatchParams::default()
        };
        for kind in KINDS {
            let api = api(partner, kind);
            for object in every(&api).await.context(kind.1)? {
                let name = object.name_any();
                let edit = Patch::Merge(edit(kind.1));
                let edited = api.patch(&name, &by_hand, &edit).await?;
                ensure!(said(&edited) != said(&object), "{name} was not changed");
                let version = edited.resource_version();
                restored(&api, &object, |now| now.resource_version() != version).await?;
            }
        }
        partner.serving("shop").await?;
        Ok(())
    })
    .await
}

/// A change that hurts.
fn edit(kind: &str) -> Value {
    match kind {
        "ServiceAccount" => json!({"automountServiceAccountToken": true}),
        "ConfigMap" => {
            json!({"data": {"odoo.conf": "[options]\nlist_db = True\n", "displayName": "x"}})
        }
        "Service" => json!({"spec": {"selector": {"app.kubernetes.io/name": "elsewhere"}}}),
        "Deployment" => json!({"spec": {"replicas": 0}}),
        _ => json!({"spec": {"rules": [{"host": "elsewhere.example"}]}}),
    }
}

/// Waits until the object says what it said.
async fn restored(
    api: &Api<DynamicObject>,
    before: &DynamicObject,
    changed: impl Fn(&DynamicObject) -> bool,
) -> Result<()> {
    let begin = Instant::now();
    let name = before.name_any();
    loop {
        let now = api.get_opt(&name).await?;
        if let Some(now) = &now
            && changed(now)
            && said(now) == said(before)
        {
            return Ok(());
        }
        ensure!(
            begin.elapsed() < PATIENCE,
            "{name} is still {:?}, not {}",
            now.as_ref().map(said),
            said(before)
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_namespace_without_its_labels_gets_them_back() -> Result<()> {
    with_partner(async |partner| {
        use k8s_openapi::api::core::v1::Namespace;
        partner.serving_tenant("shop").await?;
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        let name = partner.tenant_namespace("shop");
        let label = "pod-security.kubernetes.io/enforce";
        let without = json!({"metadata": {"labels": {label: "privileged"}}});
        namespaces
            .patch(&name, &PatchParams::default(), &Patch::Merge(without))
            .await?;
        until(&namespaces, &name, PATIENCE, |namespace| {
            let labels = namespace.map(|namespace| namespace.labels().clone());
            let enforced = labels.as_ref().and_then(|labels| labels.get(label));
            (enforced.map(String::as_str) == Some("restricted"))
                .then_some(())
                .ok_or_else(|| format!("{labels:?}"))
        })
        .await
    })
    .await
}
