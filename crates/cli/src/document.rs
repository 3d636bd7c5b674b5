//! Tenant documents: what `create` takes and `get -o yaml` shows, in the form that kubectl has.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::{Map, Value, json};
use tenantry_crd::Tenant;
use tenantry_domain::{PartnerName, TenantKey};
use tenantry_proto::v1alpha1 as proto;

use crate::arguments::TenantOptions;
use crate::failure::Failure;
use crate::yaml;

/// A tenant to be created, right in itself.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Whose tenant it is and how it is called.
    pub(crate) key: TenantKey,
    /// What is sent.
    pub(crate) message: proto::Tenant,
}

/// What the server keeps in `metadata`; documents that came from a server have it.
const SERVERS: [&str; 7] = [
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
    "finalizers",
    "selfLink",
];

/// The tenants that `file` describes.
pub(crate) fn from_file(file: &Path) -> Result<Vec<Wanted>, Failure> {
    let text = text(file)
        .map_err(|error| Failure::caller(format!("cannot read {}: {error}", file.display())))?;
    let documents = yaml::read(&text)
        .map_err(|error| Failure::caller(format!("{} is not YAML: {error}", file.display())))?;
    let documents: Vec<Value> = documents.into_iter().flat_map(items).collect();
    if documents.is_empty() {
        return Err(Failure::caller(format!(
            "{} has no documents",
            file.display()
        )));
    }
    judge(&documents)
}

fn text(file: &Path) -> io::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        Ok(text)
    } else {
        fs::read_to_string(file)
    }
}

/// A `List`, as kubectl writes it, stands for its items.
fn items(document: Value) -> Vec<Value> {
    match &document["items"] {
        Value::Array(items) if document["kind"] == "List" => items.clone(),
        _ => vec![document],
    }
}

/// The tenant that the options describe.
pub(crate) fn from_options(key: &TenantKey, options: &TenantOptions) -> Result<Wanted, Failure> {
    let mut spec = json!({
        "displayName": options.display_name.as_deref().unwrap_or(key.name.as_str()),
        "isolation": {"dedicated": {"size": options.size}},
        "blueprint": options.blueprint,
        "hostnames": options.hostname,
        "administrator": {"email": options.email},
        "modules": options.module,
    });
    if let Some(login) = &options.login {
        spec["administrator"]["login"] = json!(login);
    }
    let optional = [
        ("channel", &options.channel),
        ("release", &options.release),
        ("language", &options.language),
        ("country", &options.country),
        ("timezone", &options.timezone),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            spec[name] = json!(value);
        }
    }
    let document = json!({
        "apiVersion": api_version(),
        "kind": "Tenant",
        "metadata": {"name": key.name.as_str(), "namespace": key.partner.namespace()},
        "spec": spec,
    });
    wanted(&document).map_err(|violations| refused(&[(key.to_string(), violations)]))
}

/// All documents, or everything that is wrong with any of them.
fn judge(documents: &[Value]) -> Result<Vec<Wanted>, Failure> {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for (index, document) in documents.iter().enumerate() {
        match wanted(document) {
            Ok(wanted) => good.push(wanted),
            Err(violations) => bad.push((label(index, document), violations)),
        }
    }
    if bad.is_empty() {
        Ok(good)
    } else {
        Err(refused(&bad))
    }
}

fn label(index: usize, document: &Value) -> String {
    let name = document.pointer("/metadata/name").and_then(Value::as_str);
    match name {
        Some(name) => format!("document {} ({name})", index + 1),
        None => format!("document {}", index + 1),
    }
}

fn refused(bad: &[(String, Vec<String>)]) -> Failure {
    let failure = Failure::caller("refused here, before anything was sent")
        .with_remedy("nothing was created; mend it and try again");
    let lines = bad.iter().flat_map(|(label, violations)| {
        violations
            .iter()
            .map(move |violation| format!("{label}: {violation}"))
    });
    lines.fold(failure, Failure::with_field)
}

/// The tenant that `document` describes, judged by the CRD's own rules.
fn wanted(document: &Value) -> Result<Wanted, Vec<String>> {
    let mut document = document.clone();
    if let Some(members) = document.as_object_mut() {
        members.remove("status");
    }
    let mut violations = metadata(&document);
    let tenant = match tenantry_proto::judge(&document) {
        Ok(tenant) => tenant,
        Err(more) => {
            violations.extend(more.iter().map(ToString::to_string));
            return Err(violations);
        }
    };
    let key = key(&tenant).map_err(|violation| {
        violations.push(violation);
        violations.clone()
    })?;
    if !violations.is_empty() {
        return Err(violations);
    }
    let spec = serde_json::from_value(document["spec"].clone())
        .map_err(|error| vec![format!("spec: {error}")])?;
    let labels = tenant.metadata.labels.unwrap_or_default();
    Ok(Wanted {
        key,
        message: proto::Tenant {
            spec: Some(spec),
            labels: labels.into_iter().collect(),
            ..proto::Tenant::default()
        },
    })
}

fn key(tenant: &Tenant) -> Result<TenantKey, String> {
    tenant.key().map_err(|violation| {
        if violation.field == "metadata.namespace" {
            "metadata.namespace: must be the partner's, partner-<name>".to_owned()
        } else {
            violation.to_string()
        }
    })
}

/// What cannot be said over the API must not be lost in silence.
fn metadata(document: &Value) -> Vec<String> {
    let empty = Map::new();
    let metadata = document["metadata"].as_object().unwrap_or(&empty);
    let known = |name: &str| ["name", "namespace", "labels"].contains(&name);
    metadata
        .keys()
        .filter(|name| !known(name) && !SERVERS.contains(&name.as_str()))
        .map(|name| {
            format!("metadata.{name}: cannot be sent over the API; use kubectl or leave it out")
        })
        .collect()
}

/// The document that describes `tenant`.
pub(crate) fn of(tenant: &proto::Tenant) -> Result<Value, String> {
    let key: TenantKey = tenant.name.parse().map_err(|error| format!("{error}"))?;
    let json = |value: serde_json::Result<Value>| value.map_err(|error| error.to_string());
    let mut metadata = json!({
        "name": key.name.as_str(),
        "namespace": key.partner.namespace(),
        "uid": tenant.uid,
    });
    if let Some(time) = tenant.create_time {
        metadata["creationTimestamp"] = json(serde_json::to_value(time))?;
    }
    if !tenant.labels.is_empty() {
        metadata["labels"] = json!(tenant.labels);
    }
    let mut document = json!({
        "apiVersion": api_version(),
        "kind": "Tenant",
        "metadata": metadata,
        "spec": json(serde_json::to_value(&tenant.spec))?,
    });
    if let Some(status) = &tenant.status {
        document["status"] = json(serde_json::to_value(status))?;
    }
    Ok(document)
}

fn api_version() -> String {
    format!("{}/{}", tenantry_crd::GROUP, tenantry_crd::VERSION)
}

/// `PARTNER/NAME`, or the whole resource name.
pub(crate) fn parse_key(text: &str) -> Result<TenantKey, Failure> {
    if text.starts_with("partners/") {
        return text
            .parse()
            .map_err(|error| Failure::usage(format!("{error}")));
    }
    let Some((partner, name)) = text.split_once('/') else {
        return Err(Failure::usage(format!("{text:?} is not PARTNER/NAME")));
    };
    Ok(TenantKey {
        partner: parse_partner(partner)?,
        name: name
            .parse()
            .map_err(|error| Failure::usage(format!("{error}")))?,
    })
}

/// A partner's name.
pub(crate) fn parse_partner(name: &str) -> Result<PartnerName, Failure> {
    name.parse()
        .map_err(|error| Failure::usage(format!("{error}")))
}

#[cfg(test)]
mod tests;
