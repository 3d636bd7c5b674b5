//! Names and labels stay within Kubernetes' limits, whatever partners call their tenants.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;
use tenantry_domain::{Hostname, PartnerName, ResourceName, TenantKey, TenantName, ValidTenant};
use tenantry_render::{Kind, Object};

use crate::options::{self, everything};
use crate::world;

const NAME_MAX_LENGTH: usize = 63;
const SUBDOMAIN_MAX_LENGTH: usize = 253;
const PORT_MAX_LENGTH: usize = 15;
/// Of all annotations of an object together.
const ANNOTATIONS_MAX_LENGTH: usize = 256 << 10;

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

/// A name of several labels, such as a hostname's.
fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= SUBDOMAIN_MAX_LENGTH && text.split('.').all(is_dns_label)
}

/// The key of a label or an annotation: a name, which may have a domain before it.
fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => is_dns_subdomain(domain) && is_label_value(name),
        None => is_label_value(text),
    }
}

/// Every map at one of `paths`, key by key.
fn entries<'a>(
    object: &'a Object,
    paths: &'a [&str],
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let maps = paths.iter().filter_map(|path| {
        let found = object.manifest().pointer(path)?;
        found.as_object()
    });
    maps.flatten()
}

fn within_limits(object: &Object) -> TestCaseResult {
    prop_assert!(is_dns_label(&object.name), "{object}");
    if let Some(namespace) = &object.namespace {
        prop_assert!(is_dns_label(namespace), "{object}");
    }
    for selected in selected_namespaces(object) {
        prop_assert!(is_dns_label(&selected), "{object} selects {selected:?}");
    }
    let labels = [
        "/metadata/labels",
        "/spec/template/metadata/labels",
        "/spec/selector/matchLabels",
    ];
    for (label, value) in entries(object, &labels) {
        let value = value.as_str().unwrap_or_default();
        let is_valid = is_key(label) && is_label_value(value);
        prop_assert!(is_valid, "{object} has {label}={value:?}");
    }
    let annotations = [
        "/metadata/annotations",
        "/spec/template/metadata/annotations",
    ];
    let mut length = 0;
    for (annotation, value) in entries(object, &annotations) {
        prop_assert!(is_key(annotation), "{object} has {annotation}");
        length += annotation.len() + value.as_str().unwrap_or_default().len();
    }
    prop_assert!(length <= ANNOTATIONS_MAX_LENGTH, "{object}: {length}");
    for (key, _) in entries(object, &["/data", "/stringData"]) {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        prop_assert!(key.bytes().all(plain), "{object} holds {key:?}");
    }
    published_within_limits(object)?;
    pod_within_limits(object)
}

/// What an Ingress publishes, and whose certificates it asks for.
fn published_within_limits(object: &Object) -> TestCaseResult {
    if object.kind != Kind::Ingress {
        return Ok(());
    }
    let spec = &object.manifest()["spec"];
    let items = |list: &'static str| spec[list].as_array().into_iter().flatten();
    for rule in items("rules") {
        let host = rule["host"].as_str().unwrap_or_default();
        prop_assert!(is_dns_subdomain(host), "{object} publishes {host:?}");
    }
    for entry in items("tls") {
        let hosts = entry["hosts"].as_array().into_iter().flatten();
        for host in hosts.filter_map(Value::as_str) {
            prop_assert!(is_dns_subdomain(host), "{object} certifies {host:?}");
        }
        if let Some(secret) = entry["secretName"].as_str() {
            prop_assert!(is_dns_subdomain(secret), "{object} reads {secret:?}");
        }
    }
    Ok(())
}

/// What has a name inside a pod.
fn pod_within_limits(object: &Object) -> TestCaseResult {
    let pod = &object.manifest()["spec"]["template"]["spec"];
    let of_items = |list: &Value| -> Vec<String> {
        let items = list.as_array().into_iter().flatten();
        items
            .map(|item| item["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let mut names = [of_items(&pod["volumes"]), of_items(&pod["containers"])].concat();
    for container in pod["containers"].as_array().into_iter().flatten() {
        let ports = of_items(&container["ports"]);
        let too_long = ports.iter().find(|port| port.len() > PORT_MAX_LENGTH);
        prop_assert!(too_long.is_none(), "{object} has the port {too_long:?}");
        names.extend(ports);
    }
    for name in names {
        prop_assert!(is_dns_label(&name), "a pod of {object} has {name:?}");
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

/// What has the longest names that there can be.
fn longest() -> ValidTenant {
    let mut tenant = world::valid(&world::request(world::FULL));
    let name = |letter: &str| letter.repeat(ResourceName::MAX_LENGTH).parse().unwrap();
    tenant.key = TenantKey {
        partner: "p".repeat(PartnerName::MAX_LENGTH).parse().unwrap(),
        name: "t".repeat(TenantName::MAX_LENGTH).parse().unwrap(),
    };
    tenant.database_server = name("s");
    tenant.blueprint = name("b");
    tenant.release.name = name("r");
    let label = "l".repeat(NAME_MAX_LENGTH);
    let hostnames = ["a", "b"].map(|first| {
        let rest = "l".repeat(60);
        format!("{first}{rest}.{label}.{label}.{label}")
            .parse()
            .unwrap()
    });
    for hostname in &hostnames {
        let hostname: &Hostname = hostname;
        assert_eq!(hostname.as_str().len(), SUBDOMAIN_MAX_LENGTH);
    }
    tenant.reached_at(&hostnames).unwrap()
}

#[test]
fn the_longest_names_fit() {
    let tenant = longest();
    for object in options::of(&tenant) {
        within_limits(&object).unwrap();
    }
    for object in everything() {
        within_limits(object).unwrap();
    }
}

/// The Jobs of changes of release are named by when those began.
#[test]
fn an_update_has_a_name_that_fits_whenever_it_begins() {
    for millisecond in [0, 1_900_000_000_000, i64::MAX] {
        let name = format!("update-{millisecond}");
        assert!(is_dns_label(&name), "{name}");
    }
}

fn hostname() -> impl Strategy<Value = Hostname> {
    let label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    proptest::collection::vec(label, 2..8)
        .prop_map(|labels| labels.join("."))
        .prop_filter_map("no hostname", |text| text.parse().ok())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_hostnames_a_tenant_has(
        hostnames in proptest::collection::vec(hostname(), 1..20),
    ) {
        let tenant = world::valid(&world::request(world::SMALL));
        let tenant = tenant.reached_at(&hostnames).unwrap();
        for object in options::of(&tenant) {
            within_limits(&object)?;
        }
    }

    #[test]
    fn every_hostname_has_a_certificate_of_its_own(one in hostname(), other in hostname()) {
        let secret = tenantry_render::names::tls_secret;
        prop_assert_eq!(secret(&one) == secret(&other), one == other);
    }

    #[test]
    fn whatever_blueprints_and_releases_are_called(
        blueprint in "[a-z](-[a-z0-9]|[a-z0-9]){0,19}",
        release in "[a-z](-[a-z0-9]|[a-z0-9]){0,19}",
    ) {
        let mut tenant = world::valid(&world::request(world::FULL));
        tenant.blueprint = blueprint.parse().unwrap();
        tenant.release.name = release.parse().unwrap();
        for object in options::of(&tenant) {
            within_limits(&object)?;
        }
    }
}
