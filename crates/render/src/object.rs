//! A rendered object, ready to be written.

use std::fmt;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tenantry_crd::labels;

use crate::kept::Part;

/// The kinds that Tenantry writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// core/v1
    Namespace,
    /// core/v1
    ResourceQuota,
    /// core/v1
    LimitRange,
    /// networking.k8s.io/v1
    NetworkPolicy,
    /// rbac.authorization.k8s.io/v1
    RoleBinding,
    /// core/v1
    ServiceAccount,
    /// core/v1
    Secret,
    /// core/v1
    ConfigMap,
    /// core/v1
    PersistentVolumeClaim,
    /// core/v1
    Service,
    /// apps/v1
    Deployment,
    /// apps/v1
    StatefulSet,
    /// batch/v1
    Job,
    /// networking.k8s.io/v1
    Ingress,
}

impl Kind {
    /// Every kind, a container of others before what it contains.
    pub const ALL: [Self; 14] = [
        Self::Namespace,
        Self::ResourceQuota,
        Self::LimitRange,
        Self::NetworkPolicy,
        Self::RoleBinding,
        Self::ServiceAccount,
        Self::Secret,
        Self::ConfigMap,
        Self::PersistentVolumeClaim,
        Self::Service,
        Self::Deployment,
        Self::StatefulSet,
        Self::Job,
        Self::Ingress,
    ];

    /// The API group; empty for the core group.
    #[must_use]
    pub fn group(self) -> &'static str {
        match self {
            Self::Deployment | Self::StatefulSet => "apps",
            Self::Job => "batch",
            Self::Ingress | Self::NetworkPolicy => "networking.k8s.io",
            Self::RoleBinding => "rbac.authorization.k8s.io",
            _ => "",
        }
    }

    /// The kind's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespace => "Namespace",
            Self::ResourceQuota => "ResourceQuota",
            Self::LimitRange => "LimitRange",
            Self::NetworkPolicy => "NetworkPolicy",
            Self::RoleBinding => "RoleBinding",
            Self::ServiceAccount => "ServiceAccount",
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
            Self::PersistentVolumeClaim => "PersistentVolumeClaim",
            Self::Service => "Service",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::Job => "Job",
            Self::Ingress => "Ingress",
        }
    }

    fn api_version(self) -> String {
        match self.group() {
            "" => "v1".to_owned(),
            group => format!("{group}/v1"),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an object may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Created once and never written again: what it holds cannot be had a second time, such as a
    /// generated password.
    Once,
    /// Created when absent; when it exists it must be ours, and is then kept as rendered.
    Claim,
    /// Kept as rendered.
    Apply,
}

/// One object that should exist.
#[derive(Clone)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; none for a Namespace.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// How it may be written.
    pub writing: Writing,
    /// The parts that stay; see [`Object::keeping`].
    pub(crate) kept: Vec<Part>,
    pub(crate) manifest: Value,
}

/// Without the manifest, which may hold a secret.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// Labels that say whose an object is.
pub(crate) type Labels = Vec<(&'static str, String)>;

impl Object {
    /// An object of `kind`, labelled as ours and as belonging to `owner`, whose remaining fields
    /// are `body`.
    pub(crate) fn new(
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        owner: &Labels,
        body: Value,
    ) -> Self {
        let mut manifest = json!({
            "apiVersion": kind.api_version(),
            "kind": kind.as_str(),
            "metadata": {"name": name, "labels": label_map(owner)},
        });
        if let Some(namespace) = namespace {
            manifest["metadata"]["namespace"] = json!(namespace);
        }
        merge(&mut manifest, body);
        let object = Self {
            kind,
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            writing: Writing::Apply,
            kept: Vec::new(),
            manifest,
        };
        object.sealed()
    }

    /// The same object with the hash of all that it says.
    pub(crate) fn sealed(mut self) -> Self {
        let annotations = self.manifest.pointer_mut("/metadata/annotations");
        if let Some(annotations) = annotations.and_then(Value::as_object_mut) {
            annotations.remove(labels::RENDERED);
        }
        let rendered = short_hash(&self.manifest.to_string());
        self.manifest["metadata"]["annotations"][labels::RENDERED] = json!(rendered);
        self
    }

    /// The same object, written only in the given way.
    #[must_use]
    pub(crate) fn writing(mut self, writing: Writing) -> Self {
        self.writing = writing;
        self
    }

    /// What everything that is rendered the same has in common.
    #[must_use]
    pub fn rendered(&self) -> &str {
        self.manifest["metadata"]["annotations"][labels::RENDERED]
            .as_str()
            .unwrap_or_default()
    }

    /// The whole object as JSON. A Secret's holds what must not be logged.
    #[must_use]
    pub fn manifest(&self) -> &Value {
        &self.manifest
    }
}

/// The labels of an object of ours that belongs to `owner`.
pub(crate) fn label_map(owner: &Labels) -> Value {
    let mut map = Map::new();
    map.insert(
        labels::MANAGED_BY.to_owned(),
        json!(labels::MANAGED_BY_VALUE),
    );
    for (label, value) in owner {
        map.insert((*label).to_owned(), json!(value));
    }
    Value::Object(map)
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// The first 16 hexadecimal digits of a hash of `text`: enough to tell versions apart.
pub(crate) fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text);
    let (first, _) = hash.split_at(8);
    format!(
        "{:016x}",
        first
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte))
    )
}
