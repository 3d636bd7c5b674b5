//! Schema, Rust and descriptors say the same: every field of spec and status, walked.

use kube::CustomResourceExt as _;
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use tenantry_crd::{TenantSpec, TenantStatus};

use super::*;

fn schema(part: &str) -> Value {
    let crd = serde_json::to_value(Tenant::crd()).unwrap();
    crd.pointer("/spec/versions/0/schema/openAPIV3Schema/properties")
        .unwrap()[part]
        .clone()
}

/// A value with every field of `schema`.
fn sample(schema: &Value, name: &str) -> Value {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().find(|word| !word.is_null()).unwrap().clone();
    }
    match schema["type"].as_str().unwrap() {
        "object" => {
            let properties = schema["properties"].as_object().unwrap();
            let members = properties.iter();
            members
                .map(|(name, member)| (name.clone(), sample(member, name)))
                .collect::<Map<_, _>>()
                .into()
        }
        "array" => json!([sample(&schema["items"], name)]),
        "integer" => json!(7),
        "boolean" => json!(true),
        "string"
            if schema["format"] == "date-time"
                && ["lastTransitionTime", "deleteTime", "purgeTime"].contains(&name) =>
        {
            json!("2026-11-22T19:40:05Z")
        }
        "string" if schema["format"] == "date-time" => json!("2026-11-22T19:40:05.123456Z"),
        "string" => json!(format!("some {name}")),
        other => panic!("no sample of type {other}"),
    }
}

#[test]
fn every_field_of_the_spec_survives_the_way_there_and_back() {
    let value = sample(&schema("spec"), "spec");
    let object: TenantSpec = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&object).unwrap(), value);
    let message: proto::TenantSpec = through_json(&object).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), value);
    assert_eq!(through_json::<TenantSpec>(&message).unwrap(), object);
}

#[test]
fn every_field_of_the_status_survives_the_way_there_and_back() {
    let value = sample(&schema("status"), "status");
    let object: TenantStatus = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&object).unwrap(), value);
    let message: proto::TenantStatus = through_json(&object).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), value);
    assert_eq!(through_json::<TenantStatus>(&message).unwrap(), object);
}

/// Where schema and message differ in their fields or in the fields' types.
fn differences(schema: &Value, message: &MessageDescriptor, path: &str) -> Vec<String> {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let mut differences: Vec<_> = message
        .fields()
        .filter(|field| !properties.contains_key(field.json_name()))
        .map(|field| format!("{path}.{} is only in the message", field.json_name()))
        .collect();
    for (name, member) in properties {
        let path = format!("{path}.{name}");
        let Some(field) = message.get_field_by_json_name(name) else {
            differences.push(format!("{path} is only in the schema"));
            continue;
        };
        let is_list = member["type"] == "array";
        let value = if is_list { &member["items"] } else { member };
        let expected = match (value["type"].as_str(), value["format"].as_str()) {
            (Some("string"), Some("date-time")) => "google.protobuf.Timestamp".to_owned(),
            (Some("integer"), _) => "int32".to_owned(),
            (Some("boolean"), _) => "bool".to_owned(),
            (Some("object"), _) => match field.kind() {
                Kind::Message(message) => message.full_name().to_owned(),
                _ => "a message".to_owned(),
            },
            (kind, _) => kind.unwrap_or_default().to_owned(),
        };
        let found = match field.kind() {
            Kind::Message(message) => message.full_name().to_owned(),
            kind => format!("{kind:?}").to_ascii_lowercase(),
        };
        if expected != found || is_list != field.is_list() {
            differences.push(format!("{path} should be {expected} and is {found}"));
        }
        if !is_list && !field.supports_presence() {
            differences.push(format!("{path} cannot be told from an absent one"));
        }
        if let (Some("object"), Kind::Message(message)) = (value["type"].as_str(), field.kind()) {
            differences.extend(self::differences(value, &message, &path));
        }
    }
    differences
}

#[test]
fn schema_and_descriptors_have_the_same_fields() {
    let pool = DescriptorPool::decode(tenantry_proto::DESCRIPTORS).unwrap();
    for (part, name) in [("spec", "TenantSpec"), ("status", "TenantStatus")] {
        let message = pool
            .get_message_by_name(&format!("tenantry.v1alpha1.{name}"))
            .unwrap();
        assert_eq!(
            differences(&schema(part), &message, part),
            Vec::<String>::new()
        );
    }
}

fn tenant() -> Tenant {
    serde_json::from_value(json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "Tenant",
        "metadata": {
            "name": "shop42", "namespace": "partner-acme", "uid": "u", "generation": 3,
            "creationTimestamp": "2026-11-22T19:00:00Z",
            "labels": {"tier": "gold", "tenantry.dev/managed-by": "API"},
            "managedFields": [{"manager": "x", "time": "2026-11-22T20:00:00Z"}],
        },
        "spec": sample(&schema("spec"), "spec"),
        "status": {"tenantId": "0123456789abcdef"},
    }))
    .unwrap()
}

#[test]
fn a_message_says_what_the_object_says() {
    let message = message(&tenant()).unwrap();
    let json = serde_json::to_value(&message).unwrap();
    assert_eq!(json["name"], "partners/acme/tenants/shop42");
    assert_eq!(json["uid"], "u");
    assert_eq!(json["etag"], "W/\"0123456789abcdef.3\"");
    assert_eq!(json["createTime"], "2026-11-22T19:00:00Z");
    assert_eq!(json["updateTime"], "2026-11-22T20:00:00Z");
    assert_eq!(json["labels"], json!({"tier": "gold"}));
}

#[test]
fn a_tenant_without_identity_has_no_etag() {
    let mut tenant = tenant();
    tenant.status = None;
    assert_eq!(message(&tenant).unwrap().etag, "");
}

#[test]
fn labels_of_ours_and_of_kubernetes_are_reserved() {
    for label in [
        "tenantry.dev/operation",
        "app.kubernetes.io/name",
        "x.k8s.io/a",
    ] {
        assert!(is_reserved(label), "{label}");
    }
    for label in ["tier", "example.com/tier", "nottenantry.dev/x"] {
        assert!(!is_reserved(label), "{label}");
    }
}
