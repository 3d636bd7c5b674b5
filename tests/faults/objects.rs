//! All objects of a tenant, as far as they are the same in every run.

use std::collections::BTreeMap;

use anyhow::Result;
use k8s_openapi::ByteString;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Map, Value, json};
use tenantry_crd::labels;

use crate::traces::Traces;

/// Every kind that a tenant owns: group, version, kind, plural.
const KINDS: [[&str; 4]; 13] = [
    ["", "v1", "Namespace", "namespaces"],
    ["", "v1", "ResourceQuota", "resourcequotas"],
    ["", "v1", "LimitRange", "limitranges"],
    ["", "v1", "ServiceAccount", "serviceaccounts"],
    ["", "v1", "Secret", "secrets"],
    ["", "v1", "ConfigMap", "configmaps"],
    ["", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"],
    ["", "v1", "Service", "services"],
    ["apps", "v1", "Deployment", "deployments"],
    ["batch", "v1", "Job", "jobs"],
    [
        "networking.k8s.io",
        "v1",
        "NetworkPolicy",
        "networkpolicies",
    ],
    ["networking.k8s.io", "v1", "Ingress", "ingresses"],
    ["tenantry.dev", "v1alpha1", "Hostname", "hostnames"],
];

/// Fields whose values are others' or differ from run to run: that they are there is compared.
const VARYING: [&str; 8] = [
    "clusterIP",
    "clusterIPs",
    "volumeName",
    "deployment.kubernetes.io/revision",
    "tenantry.dev/configuration",
    labels::RENDERED,
    labels::RENDERED_FOR,
    labels::DELETED_AT,
];

/// Every object in the cluster that carries the label of this tenant, wherever it is.
pub(crate) async fn labelled(kube: &Client, id: &str) -> Result<Vec<DynamicObject>> {
    let own = ListParams::default().labels(&format!("{}={id}", labels::TENANT_ID));
    let mut found = Vec::new();
    for [group, version, kind, plural] in KINDS {
        let gvk = GroupVersionKind::gvk(group, version, kind);
        let resource = ApiResource::from_gvk_with_plural(&gvk, plural);
        let api: Api<DynamicObject> = Api::all_with(kube.clone(), &resource);
        let list = api.list(&own).await?;
        found.extend(list.into_iter().map(|mut object| {
            object.types = Some(kube::api::TypeMeta {
                api_version: resource.api_version.clone(),
                kind: kind.to_owned(),
            });
            object
        }));
    }
    Ok(found)
}

/// What the object is called in messages.
pub(crate) fn name(object: &DynamicObject) -> String {
    let kind = object.types.as_ref().map_or("", |types| &types.kind);
    match object.namespace() {
        Some(namespace) => format!("{kind} {namespace}/{}", object.name_any()),
        None => format!("{kind} {}", object.name_any()),
    }
}

/// The objects by their names, as they are in every run.
pub(crate) fn normalised(objects: &[DynamicObject], traces: &Traces) -> BTreeMap<String, Value> {
    objects
        .iter()
        .map(|object| (traces.normalise(&name(object)), content(object, traces)))
        .collect()
}

fn content(object: &DynamicObject, traces: &Traces) -> Value {
    let mut content = object.data.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("status");
        if object.types.as_ref().is_some_and(|it| it.kind == "Secret") {
            reveal(fields);
        }
    }
    content["metadata"] = json!({
        "labels": object.labels(),
        "annotations": object.annotations(),
        "finalizers": object.finalizers(),
    });
    normalise(&content, traces)
}

/// Replaces what a Secret holds with what may be told of it.
fn reveal(secret: &mut Map<String, Value>) {
    let data = secret.get_mut("data").and_then(Value::as_object_mut);
    for (key, value) in data.into_iter().flatten() {
        let bytes = serde_json::from_value(value.take()).unwrap_or(ByteString(Vec::new()));
        *value = match key.as_str() {
            "password" => json!(format!("{} bytes", bytes.0.len())),
            _ => json!(String::from_utf8_lossy(&bytes.0)),
        };
    }
}

fn normalise(value: &Value, traces: &Traces) -> Value {
    match value {
        Value::String(text) => json!(traces.normalise(text)),
        Value::Array(items) => items.iter().map(|item| normalise(item, traces)).collect(),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| {
                let value = match (key.as_str(), value) {
                    (varying, _) if VARYING.contains(&varying) => json!("…"),
                    (labels::KEPT, Value::String(text)) => normalise(&kept(text), traces),
                    _ => normalise(value, traces),
                };
                (traces.normalise(key), value)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

/// The part that is kept as text, without its hash.
fn kept(text: &str) -> Value {
    let part = text.split_once(' ').map_or(text, |(_, part)| part);
    serde_json::from_str(part).unwrap_or_else(|_| json!(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Secret and a Deployment of a tenant, as the API server has them.
    fn objects(tenant: &str, hash: &str) -> Result<BTreeMap<String, Value>> {
        let hostnames = ["", "alias-"].map(|prefix| format!("{prefix}{tenant}.acme.localhost"));
        let traces = Traces::new("acme", tenant, hostnames)?;
        let kept = format!("{hash} {{\"image\":\"a\",\"of\":\"{tenant}\"}}");
        let namespace = format!("tenant-acme--{tenant}");
        let objects = [
            json!({
                "apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": "odoo-database", "namespace": namespace, "uid": hash},
                // abc
                "data": {"password": "YWJj", "username": "YWJj"},
            }),
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "odoo", "namespace": namespace, "annotations": {
                    (labels::KEPT): kept, (labels::RENDERED): hash,
                }},
                "spec": {"of": tenant},
                "status": {"replicas": hash},
            }),
        ];
        let objects: Vec<_> = objects
            .into_iter()
            .map(serde_json::from_value)
            .collect::<serde_json::Result<_>>()?;
        Ok(normalised(&objects, &traces))
    }

    #[test]
    fn two_tenants_are_the_same_but_for_their_names_hashes_and_passwords() -> Result<()> {
        let one = objects("calm", "0123")?;
        assert_eq!(one, objects("crash7x", "4567")?);
        let secret = &one["Secret tenant-PARTNER--TENANT/odoo-database"]["data"];
        assert_eq!(*secret, json!({"password": "3 bytes", "username": "abc"}));
        let deployment = &one["Deployment tenant-PARTNER--TENANT/odoo"];
        assert_eq!(
            deployment["metadata"]["annotations"][labels::KEPT],
            json!({"image": "a", "of": "TENANT"})
        );
        Ok(())
    }
}
