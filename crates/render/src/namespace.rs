//! Namespaces of ours, in which Pod Security `restricted` is enforced.

use serde_json::{Value, json};

use crate::object::{Kind, Labels, Object, Writing};

/// A namespace that belongs to `owner`.
///
/// What is enforced is told as a warning, too: a workload whose pods would be refused is accepted
/// otherwise, and the refusal is found in the events of its `ReplicaSet`.
pub(crate) fn namespace(name: &str, owner: &Labels) -> Object {
    annotated(name, owner, &json!({}))
}

/// The same, with annotations.
pub(crate) fn annotated(name: &str, owner: &Labels, annotations: &Value) -> Object {
    let body = json!({"metadata": {"annotations": annotations, "labels": {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "latest",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "latest",
    }}});
    Object::new(Kind::Namespace, None, name, owner, body).writing(Writing::Claim)
}
