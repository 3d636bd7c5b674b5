//! Whatever people call a customer, a product or an administrator reaches what it is for, as it was
//! written, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::string::string_regex;
use serde_json::{Value, json};
use tenantry_domain::{Administrator, Brand, ValidTenant};
use tenantry_render::Object;

use crate::world;

/// Texts that mean something to YAML, JSON, configuration files, shells, templates or terminals.
const HOSTILE: [&str; 14] = [
    "Shop\nadmin_passwd = mine\ndb_name = other",
    "Shop\r\n[options]\r\nlist_db = True",
    "\"}, \"spec\": {\"replicas\": 0}, \"x\": {\"",
    "---\nkind: Secret\n",
    "- a: &b [*b]\n!!python/object:os.system",
    "${PGPASSWORD} $(id) `id` %(db_name)s {{ .Values.token }}",
    "'; DROP TABLE res_users; --",
    "<script>alert(1)</script>&amp;",
    "null",
    "on",
    "\u{202e}txet \u{1b}[31m \u{feff}",
    "  leading, trailing and \t between  ",
    "\\u0000 \\n \\",
    "Söhne & 株式会社 🏪",
];

fn any_text() -> impl Strategy<Value = String> {
    let hostile = proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned);
    prop_oneof![hostile, "(?s).{1,100}"]
}

/// Every object by its kind and name.
fn rendered(tenant: &ValidTenant) -> BTreeMap<String, Object> {
    world::tenant_objects(tenant, &world::settings())
        .into_iter()
        .map(|object| (format!("{} {}", object.kind, object.name), object))
        .collect()
}

fn small() -> ValidTenant {
    world::valid(&world::request(world::SMALL))
}

/// What differs between the small tenant and `other`, by the names of the objects.
fn changed(other: &ValidTenant) -> (BTreeSet<String>, BTreeMap<String, Object>) {
    let before = rendered(&small());
    let after = rendered(other);
    let names = after
        .iter()
        .filter(|(name, object)| object.manifest() != before[*name].manifest())
        .map(|(name, _)| name.clone())
        .collect();
    (names, after)
}

/// A manifest is the same when it was written as YAML or JSON and is read again.
fn reads_back(object: &Object) {
    let manifest = object.manifest();
    let yaml = serde_yaml::to_string(manifest).unwrap();
    let read: Value = serde_yaml::from_str(&yaml).unwrap();
    assert_eq!(&read, manifest);
    let read: Value = serde_json::from_str(&manifest.to_string()).unwrap();
    assert_eq!(&read, manifest);
}

proptest! {
    #[test]
    fn a_name_or_a_brand_is_in_its_config_map_and_nowhere_else(
        customer in any_text(), product in any_text(), page in any_text(), mail in any_text(),
    ) {
        let mut tenant = small();
        tenant.display_name.clone_from(&customer);
        tenant.brand = Brand {
            product_name: Some(product.clone()),
            support_url: Some(page.clone()),
            support_email: Some(mail.clone()),
            ..Brand::default()
        };
        let (names, objects) = changed(&tenant);
        prop_assert_eq!(names, BTreeSet::from(["ConfigMap branding".to_owned()]));
        let branding = &objects["ConfigMap branding"];
        let data = json!({
            "displayName": customer, "productName": product,
            "supportUrl": page, "supportEmail": mail,
        });
        prop_assert_eq!(&branding.manifest()["data"], &data);
        reads_back(branding);
    }

    #[test]
    fn an_administrator_is_in_its_secret_and_nowhere_else(
        login in any_text(), email in any_text(),
    ) {
        let mut tenant = small();
        tenant.administrator = Administrator { login: login.clone(), email };
        let (names, objects) = changed(&tenant);
        let secret = "Secret odoo-administrator";
        prop_assert!(names.iter().all(|name| name == secret), "{:?}", names);
        let said = &objects[secret].manifest()["stringData"]["login"];
        prop_assert_eq!(said, &json!(login));
        reads_back(&objects[secret]);
    }
}

/// Odoo's configuration, line by line: what is set, and to what.
fn configuration(tenant: &ValidTenant) -> Vec<(String, String)> {
    let objects = rendered(tenant);
    let map = objects["ConfigMap odoo-configuration"].manifest();
    let file = map["data"]["odoo.conf"].as_str().unwrap();
    let mut lines = file.lines();
    assert_eq!(lines.next(), Some("[options]"));
    let lines = lines.map(|line| {
        let (option, value) = line.split_once(" = ").unwrap();
        (option.to_owned(), value.to_owned())
    });
    lines.collect()
}

/// The pattern of the field of a kind of ours at `path`, without the anchors that it needs.
fn pattern(kind: &str, path: &str) -> String {
    let kinds = tenantry_crd::all();
    let found = kinds.iter().find(|found| found.spec.names.kind == kind);
    let found = serde_json::to_value(found.unwrap()).unwrap();
    let schema = &found["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let pattern = schema.pointer(path).unwrap()["pattern"].as_str().unwrap();
    let whole = pattern.strip_prefix('^').and_then(|p| p.strip_suffix('$'));
    let whole = whole.unwrap_or_else(|| panic!("{pattern} lets in more than it says"));
    whole.to_owned()
}

proptest! {
    /// It is the only text of somebody's in the file.
    #[test]
    fn a_data_directory_sets_nothing_else_in_odoos_configuration(
        directory in string_regex(&pattern(
            "Release",
            "/properties/spec/properties/contract/properties/dataDirectory",
        )).unwrap(),
    ) {
        let mut tenant = small();
        tenant.release.data_directory.clone_from(&directory);
        let mut expected = configuration(&small());
        for (option, value) in &mut expected {
            if option == "data_dir" {
                value.clone_from(&directory);
            }
        }
        prop_assert_eq!(configuration(&tenant), expected);
    }
}
