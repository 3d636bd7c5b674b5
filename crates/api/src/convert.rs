//! Between the messages of the API and the Kubernetes object. Both have the same JSON form, so
//! everything goes through it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tenantry_crd::Tenant;
use tenantry_domain::TenantKey;
use tenantry_proto::v1alpha1 as proto;

use crate::refusal::Refusal;

/// The document that a caller's message describes: spec and labels, nothing else.
pub(crate) fn document(key: &TenantKey, tenant: &proto::Tenant) -> Result<Value, Refusal> {
    let mut document = json!({
        "apiVersion": format!("{}/{}", tenantry_crd::GROUP, tenantry_crd::VERSION),
        "kind": "Tenant",
        "metadata": {
            "name": key.name.as_str(),
            "namespace": key.partner.namespace(),
            "labels": tenant.labels,
        },
    });
    if let Some(spec) = &tenant.spec {
        document["spec"] = serde_json::to_value(spec)
            .map_err(|error| Refusal::bug("the spec has no JSON form", &error))?;
    }
    Ok(document)
}

/// The message that describes `tenant`.
pub(crate) fn message(tenant: &Tenant) -> Result<proto::Tenant, Refusal> {
    let key = tenant
        .key()
        .map_err(|violation| Refusal::bug("a tenant has an impossible name", &violation))?;
    let metadata = &tenant.metadata;
    Ok(proto::Tenant {
        name: key.to_string(),
        uid: tenant.uid().unwrap_or_default(),
        etag: etag(tenant),
        create_time: metadata.creation_timestamp.as_ref().map(timestamp),
        update_time: updated(tenant).map(timestamp),
        labels: tenant
            .labels()
            .iter()
            .filter(|(name, _)| !is_reserved(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        spec: Some(through_json(&tenant.spec)?),
        status: tenant.status.as_ref().map(through_json).transpose()?,
    })
}

/// Labels that callers neither see nor set.
pub(crate) fn is_reserved(label: &str) -> bool {
    label.split_once('/').is_some_and(|(domain, _)| {
        ["tenantry.dev", "kubernetes.io", "k8s.io"]
            .iter()
            .any(|ours| domain == *ours || domain.ends_with(&format!(".{ours}")))
    })
}

/// The time as the API has it.
pub(crate) fn timestamp(time: &Time) -> tenantry_proto::Timestamp {
    time.0.into()
}

/// Identity of this state of the spec; empty until the tenant has its identity.
pub(crate) fn etag(tenant: &Tenant) -> String {
    let id = tenant
        .status
        .as_ref()
        .and_then(|status| status.tenant_id.as_ref());
    id.map_or_else(String::new, |id| {
        let generation = tenant.metadata.generation.unwrap_or_default();
        format!("W/\"{id}.{generation}\"")
    })
}

/// When anyone last wrote the object.
fn updated(tenant: &Tenant) -> Option<&Time> {
    let written = tenant
        .managed_fields()
        .iter()
        .filter_map(|entry| entry.time.as_ref());
    written
        .chain(&tenant.metadata.creation_timestamp)
        .max_by_key(|time| time.0)
}

/// The same thing in the other form.
pub(crate) fn through_json<M: DeserializeOwned>(object: &impl Serialize) -> Result<M, Refusal> {
    serde_json::to_value(object)
        .and_then(serde_json::from_value)
        .map_err(|error| Refusal::bug("a tenant does not have the form of the API", &error))
}

#[cfg(test)]
mod tests;
