//! A Tenant as a document: what the API server's schema and CEL rules say of it, judged without a
//! server. Every door judges a spec by this before it asks for anything else.

use serde_json::Value;
use tenantry_crd::Tenant;

use crate::structure;

/// One rule that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct DocumentViolation {
    /// Path of the offending field, such as `spec.hostnames[0]`.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

/// The Tenant that `document` describes.
///
/// # Errors
/// Every rule of structure that it breaks; or, when there is none, every CEL rule.
pub fn judge(document: &Value) -> Result<Tenant, Vec<DocumentViolation>> {
    let mut violations = Vec::new();
    structure::check(&schema(), document, "", &mut violations);
    head(document, &mut violations);
    if !violations.is_empty() {
        return Err(violations
            .into_iter()
            .map(|(field, message)| DocumentViolation { field, message })
            .collect());
    }
    let tenant: Tenant = serde_json::from_value(document.clone()).map_err(|error| {
        vec![DocumentViolation {
            field: String::new(),
            message: error.to_string(),
        }]
    })?;
    match tenant.validate_cel() {
        Ok(()) => Ok(tenant),
        Err(errors) => Err(errors
            .into_vec()
            .into_iter()
            .map(|error| DocumentViolation {
                field: error.field_path,
                message: error.message,
            })
            .collect()),
    }
}

/// The CRD's schema, with the fields that every object has.
fn schema() -> Value {
    use kube::CustomResourceExt as _;

    let crd = Tenant::crd();
    let mut schema = crd
        .spec
        .versions
        .first()
        .and_then(|version| version.schema.as_ref())
        .and_then(|validation| serde_json::to_value(&validation.open_api_v3_schema).ok())
        .unwrap_or_default();
    for name in ["apiVersion", "kind"] {
        schema["properties"][name] = serde_json::json!({"type": "string"});
    }
    schema["properties"]["metadata"] = serde_json::json!({"type": "object"});
    schema
}

fn head(document: &Value, violations: &mut structure::Violations) {
    let expected = format!("{}/{}", tenantry_crd::GROUP, tenantry_crd::VERSION);
    for (field, expected) in [("apiVersion", expected.as_str()), ("kind", "Tenant")] {
        if document[field] != expected {
            violations.push((field.to_owned(), format!("must be {expected}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Tenant",
            "metadata": {"name": "shop42", "namespace": "partner-acme"},
            "spec": {
                "displayName": "Shop 42",
                "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "retail",
                "hostnames": ["shop42.acme.example"],
                "administrator": {"email": "ana@acme.example"}
            }
        })
    }

    fn fields(document: &Value) -> Vec<String> {
        match judge(document) {
            Ok(_) => Vec::new(),
            Err(violations) => violations.into_iter().map(|v| v.field).collect(),
        }
    }

    #[test]
    fn a_good_document_is_a_tenant() {
        assert_eq!(judge(&document()).unwrap().spec.blueprint, "retail");
    }

    #[test]
    fn structure_is_judged_by_the_crds_schema() {
        for (pointer, value, field) in [
            ("/spec/displayName", json!(""), "spec.displayName"),
            (
                "/spec/administrator/email",
                json!("ana"),
                "spec.administrator.email",
            ),
            ("/spec/hostnames", json!([]), "spec.hostnames"),
            (
                "/spec/isolation/dedicated",
                json!({"sise": "small"}),
                "spec.isolation.dedicated.size",
            ),
            ("/kind", json!("Partner"), "kind"),
        ] {
            let mut document = document();
            *document.pointer_mut(pointer).unwrap() = value;
            assert_eq!(fields(&document).first().map(String::as_str), Some(field));
        }
    }

    #[test]
    fn an_unknown_field_is_told() {
        let mut document = document();
        document["spec"]["blueprnt"] = json!("retail");
        assert_eq!(fields(&document), ["spec.blueprnt"]);
    }

    #[test]
    fn rules_in_cel_are_judged_once_the_structure_is_right() {
        let mut document = document();
        document["metadata"]["name"] = json!("shop--42");
        let violations = judge(&document).unwrap_err();
        assert!(
            violations[0].message.contains("tenant's name"),
            "{violations:?}"
        );
    }
}
