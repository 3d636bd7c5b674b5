//! What a change of a tenant's spec reaches: every field either never changes, or stands in the
//! table here with the objects that are written for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tenantry_crd::{Blueprint, Partner, Release, Tenant};
use tenantry_domain::{PartnerFacts, Pinned, ReleaseFacts, ValidTenant, validate};
use tenantry_render::Object;

use crate::world::{self, read};

/// What comes of a change while the tenant runs.
enum Effect {
    /// These objects are written, and its pod stays.
    Written(&'static [&'static str]),
    /// These objects are written, and there is another pod.
    Restarted(&'static [&'static str]),
    /// Every object that it has is as before. Which of them it has is the controller's matter.
    Decided,
}

/// The release that a changed spec may name.
const NEXT: &str = "odoo-19-next";

/// Every field that may change, with a value that the small tenant does not have.
fn table() -> Vec<(&'static str, Value, Effect)> {
    vec![
        (
            "displayName",
            json!("Another name"),
            Effect::Written(&["ConfigMap branding"]),
        ),
        (
            "brand",
            json!({"productName": "Another"}),
            Effect::Written(&["ConfigMap branding"]),
        ),
        ("environment", json!("Staging"), Effect::Written(&[])),
        (
            "hostnames",
            json!(["shop42.acme.example", "alias.acme.example"]),
            Effect::Written(&["Ingress odoo"]),
        ),
        (
            "isolation",
            json!({"dedicated": {"size": "large"}}),
            Effect::Restarted(&[
                "ConfigMap odoo-configuration",
                "Deployment odoo",
                "PersistentVolumeClaim odoo-data",
                "ResourceQuota baseline",
            ]),
        ),
        // Once it was decided what a tenant runs, a channel decides nothing.
        ("channel", json!("another"), Effect::Written(&[])),
        (
            "release",
            json!(NEXT),
            Effect::Restarted(&["ConfigMap odoo-configuration", "Deployment odoo"]),
        ),
        ("runState", json!("Suspended"), Effect::Decided),
        (
            "deletion",
            json!({"protection": "Enabled"}),
            Effect::Decided,
        ),
    ]
}

/// The spec of the small tenant.
fn spec() -> Value {
    let tenant: Value = serde_yaml::from_str(world::SMALL).unwrap();
    tenant["spec"].clone()
}

fn changed(field: &str, to: &Value) -> Value {
    let mut spec = spec();
    spec[field] = to.clone();
    spec
}

/// What a tenant with this spec means, that runs the fixtures' release since it came to be. A
/// release that its spec names in place of that is what it runs once that was changed.
fn valid(spec: Value) -> ValidTenant {
    let mut manifest: Value = serde_yaml::from_str(world::SMALL).unwrap();
    manifest["spec"] = spec;
    let tenant: Tenant = serde_json::from_value(manifest).unwrap();
    let current = read::<Release>("Release").facts().unwrap();
    let next = ReleaseFacts {
        name: NEXT.parse().unwrap(),
        image: format!("other@sha256:{}", "3".repeat(64)).parse().unwrap(),
        ..current.clone()
    };
    let pinned = Pinned {
        release: Some(current.name.clone()),
        ..Pinned::default()
    };
    let partner = PartnerFacts::from(&read::<Partner>("Partner").spec);
    let blueprint = read::<Blueprint>("Blueprint").facts().unwrap();
    let releases = [current, next];
    let mut tenant = validate(
        &tenant.request().unwrap(),
        &partner,
        &blueprint,
        &pinned,
        |name| {
            releases
                .iter()
                .find(|release| release.name == *name)
                .cloned()
        },
    )
    .unwrap();
    if let Some(next) = tenant.next_release.take() {
        tenant.release = next;
    }
    tenant
}

/// Every object by its kind and name.
fn rendered(spec: Value) -> BTreeMap<String, Object> {
    let tenant = valid(spec);
    world::tenant_objects(&tenant, &world::settings())
        .into_iter()
        .map(|object| (format!("{} {}", object.kind, object.name), object))
        .collect()
}

#[test]
fn a_change_of_a_field_reaches_the_objects_in_the_table_and_no_others() {
    let before = rendered(spec());
    for (field, to, effect) in table() {
        let after = rendered(changed(field, &to));
        let names = |objects: &BTreeMap<String, Object>| -> Vec<String> {
            objects.keys().cloned().collect()
        };
        assert_eq!(names(&before), names(&after), "{field}");
        let written: Vec<&str> = after
            .iter()
            .filter(|(name, object)| object.manifest() != before[*name].manifest())
            .map(|(name, _)| name.as_str())
            .collect();
        let pod = |objects: &BTreeMap<String, Object>| {
            objects["Deployment odoo"].manifest()["spec"]["template"].clone()
        };
        let (expected, restarts) = match effect {
            Effect::Written(objects) => (objects, false),
            Effect::Restarted(objects) => (objects, true),
            Effect::Decided => (&[][..], false),
        };
        assert_eq!(written, expected, "{field}");
        assert_eq!(pod(&before) != pod(&after), restarts, "{field}");
    }
}

/// The schema of a tenant's spec.
fn schema() -> Value {
    let kinds = tenantry_crd::all();
    let tenant = kinds.iter().find(|kind| kind.spec.names.kind == "Tenant");
    let tenant = serde_json::to_value(tenant.unwrap()).unwrap();
    tenant["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].clone()
}

fn rules(schema: &Value) -> Vec<&str> {
    let rules = schema["x-kubernetes-validations"].as_array();
    let rules = rules.into_iter().flatten();
    rules.filter_map(|rule| rule["rule"].as_str()).collect()
}

/// Whether `rule` names the path `path`, and not one that begins or ends alike.
fn names(rule: &str, path: &str) -> bool {
    let part = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
    rule.split(|letter| !part(letter)).any(|word| word == path)
}

/// Whether a rule of the kind holds the field to what it was.
fn never_changes(schema: &Value, field: &str) -> bool {
    let whole = rules(schema).into_iter().any(|rule| {
        names(rule, &format!("self.{field}"))
            && names(rule, &format!("oldSelf.{field}"))
            && rule.contains("==")
    });
    whole || rules(&schema["properties"][field]).contains(&"self == oldSelf")
}

#[test]
fn every_field_of_a_tenants_spec_never_changes_or_is_in_the_table() {
    let schema = schema();
    let fields: &Map<String, Value> = schema["properties"].as_object().unwrap();
    let (fixed, mutable): (BTreeSet<&str>, BTreeSet<&str>) = fields
        .keys()
        .map(String::as_str)
        .partition(|field| never_changes(&schema, field));
    let table = table();
    let listed: BTreeSet<&str> = table.iter().map(|(field, ..)| *field).collect();
    assert_eq!(
        mutable, listed,
        "what may change, and what the table here says of it"
    );
    // Those that are known for certain, or nothing above was told from anything.
    for field in ["administrator", "blueprint", "country", "language"] {
        assert!(fixed.contains(field), "{field}");
    }
}
