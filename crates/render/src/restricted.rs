//! What Pod Security `restricted` asks of every container of ours, and a read-only root with it.

use serde_json::{Value, json};

/// The security context of a container.
pub(crate) fn container() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    })
}
