//! Whether an object in the cluster is still what we rendered. Pure.

use serde_json::Value;
use tenantry_render::Object;

/// Selectors are one thing each: with one label more, one selects something else.
const SELECTORS: [&str; 3] = ["selector", "podSelector", "namespaceSelector"];

/// Whether `existing` has to be written again to be what `desired` says.
///
/// Fields that the API server or others added are theirs, but for those of a selector. A field that
/// we rendered earlier and render no more is seen by the rendered hash that `existing` carries.
pub(crate) fn differs(desired: &Object, existing: &Value) -> bool {
    !contains(existing, &without_write_only(desired))
}

/// A Secret's `stringData` is never read back.
fn without_write_only(desired: &Object) -> Value {
    let mut manifest = desired.manifest().clone();
    if let Some(fields) = manifest.as_object_mut() {
        fields.remove("stringData");
    }
    manifest
}

fn contains(existing: &Value, desired: &Value) -> bool {
    match (existing, desired) {
        (Value::Object(existing), Value::Object(desired)) => desired.iter().all(|(key, value)| {
            existing.get(key).map_or(is_empty(value), |existing| {
                let is_whole = SELECTORS.contains(&key.as_str());
                contains(existing, value) && (!is_whole || contains(value, existing))
            })
        }),
        (Value::Array(existing), Value::Array(desired)) => {
            existing.len() == desired.len()
                && existing
                    .iter()
                    .zip(desired)
                    .all(|(old, new)| contains(old, new))
        }
        (existing, desired) => existing == desired,
    }
}

/// The API server drops fields that hold nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_server_added_is_no_difference() {
        let desired = json!({"spec": {"ports": [{"port": 80}], "selector": {}}});
        let existing = json!({"spec": {"ports": [{"port": 80, "protocol": "TCP"}]}, "status": {}});
        assert!(contains(&existing, &desired));
    }

    #[test]
    fn a_value_an_item_or_a_field_that_is_not_ours_any_more_is_a_difference() {
        let desired = json!({"spec": {"replicas": 1, "args": ["a", "b"]}});
        for existing in [
            json!({"spec": {"replicas": 2, "args": ["a", "b"]}}),
            json!({"spec": {"replicas": 1, "args": ["a"]}}),
            json!({"spec": {"replicas": 1, "args": ["a", "b", "c"]}}),
            json!({"spec": {"args": ["a", "b"]}}),
        ] {
            assert!(!contains(&existing, &desired), "{existing}");
        }
    }

    #[test]
    fn one_label_more_in_a_selector_is_a_difference() {
        let service = |selector| json!({"spec": {"selector": selector}});
        let odoo = service(json!({"app": "odoo"}));
        assert!(contains(&odoo, &odoo));
        assert!(!contains(&service(json!({"app": "odoo", "x": "y"})), &odoo));
        let policy = |selector| json!({"spec": {"podSelector": selector}});
        let all = policy(json!({}));
        assert!(contains(&all, &all));
        assert!(contains(&all, &policy(json!({"matchLabels": {}}))));
        assert!(!contains(&policy(json!({"matchLabels": {"x": "y"}})), &all));
        let peer = |labels| json!([{"from": [{"podSelector": {"matchLabels": labels}}]}]);
        let ingress = peer(json!({"app": "envoy"}));
        assert!(!contains(
            &peer(json!({"app": "envoy", "x": "y"})),
            &ingress
        ));
    }
}
