//! What another version of Tenantry would render otherwise. It is there with the feature
//! `another-rendering` alone, which is for one test: the upgrade from one version to another.

use serde_json::{Value, json};

/// A variable for pods.
pub(crate) fn environment() -> Option<Value> {
    cfg!(feature = "another-rendering")
        .then(|| json!({"name": "RENDERED_BY", "value": "another-version"}))
}

/// A text that pods read, in which a line that begins with `#` says nothing.
pub(crate) fn text(text: &str) -> String {
    if cfg!(feature = "another-rendering") {
        format!("{text}# rendered by another version\n")
    } else {
        text.to_owned()
    }
}
