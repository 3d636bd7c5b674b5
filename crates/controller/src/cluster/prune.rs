//! What was rendered once and is rendered no more.

use kube::ResourceExt as _;
use kube::api::DynamicObject;
use serde_json::Value;
use tenantry_crd::labels;
use tenantry_render::{Kind, Object};

use super::Cluster;
use crate::children::Children;
use crate::error::Result;

/// Kinds of which every object is rendered, and none holds what could not be rendered again.
const PRUNED: [Kind; 7] = [
    Kind::ResourceQuota,
    Kind::LimitRange,
    Kind::NetworkPolicy,
    Kind::RoleBinding,
    Kind::ServiceAccount,
    Kind::ConfigMap,
    Kind::Service,
];

impl Cluster {
    /// Deletes what an earlier spec, or another version of ours, left in `namespace`: what is not
    /// among `objects`, which are all that belong there now.
    pub(crate) async fn prune(
        &self,
        children: &Children,
        namespace: &str,
        objects: &[Object],
    ) -> Result<()> {
        for kind in PRUNED {
            for found in children.in_namespace(kind, namespace) {
                let name = found.name_any();
                if is_left_over(kind, &found, objects) && !is_named(&name, children, namespace) {
                    self.delete(kind, Some(namespace), &name).await?;
                }
            }
        }
        Ok(())
    }
}

/// Whether pods are made with what is called so. They may be as an older version rendered them.
fn is_named(name: &str, children: &Children, namespace: &str) -> bool {
    let kinds = [Kind::Deployment, Kind::StatefulSet].into_iter();
    let mut workloads = kinds.flat_map(|kind| children.in_namespace(kind, namespace));
    workloads.any(|workload| says(&workload.data["spec"]["template"], name))
}

/// Whether a manifest has this text as a value.
fn says(manifest: &Value, text: &str) -> bool {
    match manifest {
        Value::String(value) => value == text,
        Value::Array(values) => values.iter().any(|value| says(value, text)),
        Value::Object(fields) => fields.values().any(|value| says(value, text)),
        _ => false,
    }
}

/// Whether we rendered it earlier and do not now. What Jobs of templates need goes with them.
fn is_left_over(kind: Kind, found: &DynamicObject, objects: &[Object]) -> bool {
    let is_rendered = found.annotations().contains_key(labels::RENDERED);
    let of_template = found.labels().contains_key(labels::TEMPLATE);
    let name = found.name_any();
    let mut wanted = objects.iter().filter(|object| object.kind == kind);
    is_rendered && !of_template && wanted.all(|object| object.name != name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tenantry_render::partner;

    fn policy(name: &str, annotation: &str, label: &str) -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {
                "name": name, "annotations": {annotation: "0"}, "labels": {label: "0"},
            },
        }))
        .unwrap()
    }

    #[test]
    fn what_a_pod_is_made_with_is_found_wherever_it_is_named() {
        let pod = json!({"spec": {
            "serviceAccountName": "odoo",
            "volumes": [{"name": "v", "configMap": {"name": "odoo-config"}}],
        }});
        assert!(says(&pod, "odoo-config") && says(&pod, "odoo"));
        assert!(!says(&pod, "odoo-con") && !says(&pod, "configMap"));
    }

    #[test]
    fn what_we_rendered_and_render_no_more_is_left_over_and_nothing_else() {
        let rendered = partner::contents(&"acme".parse().unwrap(), &[]);
        let is_left = |found| is_left_over(Kind::NetworkPolicy, &found, &rendered);
        assert!(is_left(policy("of-old", labels::RENDERED, "any")));
        assert!(!is_left(policy("default-deny", labels::RENDERED, "any")));
        assert!(!is_left(policy("of-somebody", "theirs", "any")));
        assert!(!is_left(policy(
            "of-a-template",
            labels::RENDERED,
            labels::TEMPLATE
        )));
    }
}
