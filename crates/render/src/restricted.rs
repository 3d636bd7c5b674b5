//! What Pod Security `restricted` asks of every pod of ours, and a read-only root with it.

use serde_json::{Value, json};

/// The security context of a container.
pub(crate) fn container() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    })
}

/// The security context of a pod whose processes run as this user and group, and whose volumes
/// belong to the group.
pub(crate) fn pod(uid: i64, gid: i64) -> Value {
    json!({
        "runAsNonRoot": true,
        "runAsUser": uid,
        "runAsGroup": gid,
        "fsGroup": gid,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    })
}
