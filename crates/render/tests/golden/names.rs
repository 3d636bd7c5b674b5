//! Names and labels stay within Kubernetes' limits, whatever partners call their tenants.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;
use tenantry_domain::TenantKey;
use tenantry_render::Object;

use crate::world;

const NAME_MAX_LENGTH: usize = 63;

fn is_dns_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=NAME_MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
        && text.bytes().next().is_some_and(plain)
        && text.bytes().last().is_some_and(plain)
}

fn is_label_value(text: &str) -> bool {
    text.len() <= NAME_MAX_LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn within_limits(object: &Object) -> TestCaseResult {
    prop_assert!(is_dns_label(&object.name), "{object}");
    if let Some(namespace) = &object.namespace {
        prop_assert!(is_dns_label(namespace), "{object}");
    }
    for selected in selected_namespaces(object) {
        prop_assert!(is_dns_label(&selected), "{object} selects {selected:?}");
    }
    let labels = object.manifest()["metadata"]["labels"].as_object();
    for (label, value) in labels.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        prop_assert!(is_label_value(value), "{object} has {label}={value:?}");
    }
    let pod = object
        .manifest()
        .pointer("/spec/template/metadata/labels")
        .and_then(Value::as_object);
    for (label, value) in pod.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        prop_assert!(
            is_label_value(value),
            "a pod of {object} has {label}={value:?}"
        );
    }
    Ok(())
}

/// The namespaces that the rules of a NetworkPolicy name.
fn selected_namespaces(object: &Object) -> Vec<String> {
    let path = "/namespaceSelector/matchLabels/kubernetes.io~1metadata.name";
    world::rules(object)
        .iter()
        .flat_map(world::peers)
        .filter_map(|peer| Some(peer.pointer(path)?.as_str()?.to_owned()))
        .collect()
}

fn tenant_named(partner: &str, name: &str) -> Vec<Object> {
    let mut request = world::request(world::SMALL);
    let mut tenant = world::valid(&request);
    request.key = TenantKey {
        partner: partner.parse().unwrap(),
        name: name.parse().unwrap(),
    };
    tenant.key = request.key;
    world::tenant_objects(&tenant, &world::settings())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_partner_and_tenant_are_called(
        partner in "[a-z]([a-z0-9]|-[a-z0-9]){0,9}[a-z0-9]",
        name in "[a-z](-[a-z0-9]|[a-z0-9]){0,14}",
    ) {
        for object in tenant_named(&partner, &name) {
            within_limits(&object)?;
        }
    }

    #[test]
    fn whatever_database_servers_are_called(server in "[a-z](-[a-z0-9]|[a-z0-9]){0,19}") {
        let mut tenant = world::valid(&world::request(world::FULL));
        tenant.database_server = server.parse().unwrap();
        for object in world::tenant_objects(&tenant, &world::settings())
            .into_iter()
            .chain(world::template_objects(&tenant))
        {
            within_limits(&object)?;
        }
    }

    #[test]
    fn two_tenants_never_share_a_namespace(
        one in ("[a-z](-?[a-z]){0,3}", "[a-z](-?[a-z]){0,3}"),
        other in ("[a-z](-?[a-z]){0,3}", "[a-z](-?[a-z]){0,3}"),
    ) {
        let namespace = |(partner, name): &(String, String)| tenant_named(partner, name)[0].name.clone();
        prop_assert_eq!(namespace(&one) == namespace(&other), one == other);
    }
}

#[test]
fn the_longest_names_fit() {
    let partner = "p".repeat(tenantry_domain::PartnerName::MAX_LENGTH);
    let name = "t".repeat(tenantry_domain::TenantName::MAX_LENGTH);
    let server = "s".repeat(tenantry_domain::ResourceName::MAX_LENGTH);
    let mut tenant = world::valid(&world::request(world::FULL));
    tenant.database_server = server.parse().unwrap();
    let objects = tenant_named(&partner, &name)
        .into_iter()
        .chain(world::template_objects(&tenant))
        .chain(world::everything());
    for object in objects {
        within_limits(&object).unwrap();
    }
}
