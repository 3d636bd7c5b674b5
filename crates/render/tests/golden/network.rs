//! Every namespace is closed, and what is open is what the documentation says.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry_crd::Blueprint;
use tenantry_domain::Egress;
use tenantry_render::{Kind, Object, Tls};

use crate::options::{everything, worlds};
use crate::world::{self, peers, rules};

const PAGE: &str = include_str!("../../../../docs/baseline.md");

fn policies(objects: Vec<Object>) -> Vec<Object> {
    let mut objects = objects;
    objects.retain(|object| object.kind == Kind::NetworkPolicy);
    objects
}

#[test]
fn every_namespace_is_closed_in_both_directions() {
    let closed = json!({
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        // Said, so that what is allowed by hand differs from it.
        "ingress": [],
        "egress": [],
    });
    for world in worlds() {
        let closed: BTreeSet<_> = world
            .objects
            .iter()
            .filter(|object| {
                object.kind == Kind::NetworkPolicy && object.manifest()["spec"] == closed
            })
            .filter_map(|policy| policy.namespace.as_deref())
            .collect();
        for object in &world.objects {
            let is_open = object.kind == Kind::Namespace && !closed.contains(object.name.as_str());
            assert!(!is_open, "{}: {object} is open", world.what);
        }
    }
}

#[test]
fn no_opening_is_for_everybody() {
    for policy in everything() {
        for rule in rules(policy) {
            assert!(!peers(&rule).is_empty(), "{policy}: {rule}");
            for peer in peers(&rule) {
                let all =
                    peer["namespaceSelector"] == json!({}) || peer == json!({"podSelector": {}});
                assert!(!all, "{policy}: {peer}");
                // An external database server may be at a private address: one port is opened.
                let one_port = policy.name == "to-database" && ports(&rule).len() == 1;
                let never: &[&str] = match (peer["ipBlock"]["cidr"].as_str(), one_port) {
                    (Some("0.0.0.0/0"), true) => &["169.254.0.0/16"],
                    (Some("::/0"), true) => &["fe80::/10"],
                    (Some("0.0.0.0/0"), false) => {
                        &["10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"]
                    }
                    (Some("::/0"), false) => &["fc00::/7", "fe80::/10"],
                    _ => &[],
                };
                let except = peer["ipBlock"]["except"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                for range in never {
                    assert!(except.contains(&json!(range)), "{policy} opens {range}");
                }
            }
        }
    }
}

#[test]
fn what_the_platform_calls_private_is_not_the_internet() {
    let tenant = world::valid(&world::request(world::SMALL));
    let objects = world::tenant_objects(&tenant, &world::settings());
    let text = |name: &str| {
        let policy = objects.iter().find(|object| object.name == name).unwrap();
        policy.manifest().to_string()
    };
    for range in ["203.0.113.0/24", "2001:db8::/32"] {
        assert!(text("to-internet").contains(range), "{range}");
    }
}

#[test]
fn a_blueprint_can_close_the_internet() {
    let mut blueprint: Blueprint = world::read("Blueprint");
    assert_eq!(blueprint.facts().unwrap().egress, Egress::Internet);
    blueprint.spec.network = serde_json::from_value(json!({"egress": "None"})).unwrap();
    assert_eq!(blueprint.facts().unwrap().egress, Egress::None);

    let mut tenant = world::valid(&world::request(world::SMALL));
    tenant.egress = Egress::None;
    let policies = policies(world::tenant_objects(&tenant, &world::settings()));
    let internet = policies.iter().find(|policy| policy.name == "to-internet");
    // It is still written, or the rule that was there before would stay.
    assert_eq!(rules(internet.unwrap()), Vec::<Value>::new());
    assert!(policies.iter().any(|policy| !rules(policy).is_empty()));
}

#[test]
fn the_documentation_says_who_may_reach_whom() {
    let tenant = world::valid(&world::request(world::SMALL));
    let mut beside = policies(world::tenant_objects_on(
        &world::external(),
        &tenant,
        &world::settings(),
    ));
    beside.retain(|policy| policy.name == "to-database");
    let mut certified = world::settings();
    certified.ingress.tls = Tls::ClusterIssuer("letsencrypt".to_owned());
    let mut certified = policies(world::tenant_objects(&tenant, &certified));
    certified.retain(|policy| policy.name.ends_with("-to-solvers"));
    let rendered: Vec<String> = [
        policies(world::partner_objects()),
        policies(world::tenant_objects(&tenant, &world::settings())),
        certified,
        policies(world::server_objects(&world::settings())),
        beside,
        policies(world::external_server_objects()),
    ]
    .concat()
    .iter()
    .map(row)
    .collect();
    let documented: Vec<&str> = PAGE
        .lines()
        .skip_while(|line| !line.starts_with("| Namespace | NetworkPolicy"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(documented.join("\n"), rendered.join("\n"));
}

/// A policy as a row of the table.
fn row(policy: &Object) -> String {
    let spec = &policy.manifest()["spec"];
    let (prefix, _) = policy
        .namespace
        .as_deref()
        .unwrap()
        .split_once('-')
        .unwrap();
    let direction = match spec["policyTypes"].as_array().unwrap().as_slice() {
        [Value::String(one)] if one == "Ingress" => "from",
        [Value::String(one)] if one == "Egress" => "to",
        _ => "from and to",
    };
    let mut whom: Vec<String> = rules(policy)
        .iter()
        .flat_map(peers)
        .map(|p| who(&p))
        .collect();
    whom.dedup();
    let ports: Vec<String> = rules(policy).iter().flat_map(ports).collect();
    format!(
        "| `{prefix}-*` | `{}` | {} | {direction} {} | {} |",
        policy.name,
        selected(&spec["podSelector"]),
        match whom.as_slice() {
            [] => "nobody".to_owned(),
            whom => whom.join(", "),
        },
        match (ports.as_slice(), whom.is_empty()) {
            (_, true) => "none".to_owned(),
            ([], false) => "all".to_owned(),
            (ports, false) => ports.join(", "),
        }
    )
}

fn ports(rule: &Value) -> Vec<String> {
    let ports = rule["ports"].as_array().cloned().unwrap_or_default();
    let port = |port: &Value| {
        let protocol = port["protocol"].as_str().unwrap();
        match port["port"].as_i64() {
            // The external server's.
            Some(6432) => format!("{protocol}, its own"),
            _ => format!("{protocol} {}", port["port"]),
        }
    };
    ports.iter().map(port).collect()
}

/// Pods, by the selector that finds them.
fn selected(selector: &Value) -> String {
    let labels = &selector["matchLabels"];
    if labels["acme.cert-manager.io/http01-solver"] == "true" {
        return "cert-manager's solvers".to_owned();
    }
    let app = &labels["app.kubernetes.io/name"];
    let label = &selector["matchExpressions"][0]["key"];
    match (app.as_str(), label.as_str()) {
        (Some(app), _) => format!("`{app}`"),
        (None, Some("tenantry.dev/template")) => "template Jobs".to_owned(),
        (None, Some("tenantry.dev/tenant-id")) => "tenants".to_owned(),
        _ => "all".to_owned(),
    }
}

/// Somebody, by the selectors of a rule. Whom settings name is called by what it is named as.
fn who(peer: &Value) -> String {
    let namespace = &peer["namespaceSelector"];
    let name = namespace["matchLabels"]["kubernetes.io/metadata.name"].as_str();
    match (name, peer["ipBlock"]["cidr"].as_str()) {
        (Some("projectcontour"), _) | (_, Some("192.0.2.7/32")) => {
            "the ingress controller".to_owned()
        }
        (Some("kube-system"), _) => "the cluster's DNS".to_owned(),
        (Some("tenantry-system"), _) => selected(&peer["podSelector"]),
        (Some("database-main"), _) => {
            format!("{} of its database server", selected(&peer["podSelector"]))
        }
        (_, Some("0.0.0.0/0" | "::/0")) if is_internet(peer) => "the Internet".to_owned(),
        (_, Some("0.0.0.0/0" | "::/0")) => "an external database server".to_owned(),
        _ if namespace.is_object() => selected(namespace),
        _ => selected(&peer["podSelector"]),
    }
}

/// Whether private addresses are left out.
fn is_internet(peer: &Value) -> bool {
    let except = peer["ipBlock"]["except"].as_array();
    let private = [json!("10.0.0.0/8"), json!("fc00::/7")];
    except.is_some_and(|except| except.iter().any(|range| private.contains(range)))
}

#[test]
fn an_external_database_server_that_is_an_address_is_opened_alone() {
    let tenant = world::valid(&world::request(world::SMALL));
    let server = tenantry_render::Endpoint {
        host: "10.2.3.4".into(),
        ..world::external()
    };
    let objects = policies(world::tenant_objects_on(
        &server,
        &tenant,
        &world::settings(),
    ));
    let opening = objects.iter().find(|policy| policy.name == "to-database");
    let rules = rules(opening.unwrap());
    let peer = json!({"ipBlock": {"cidr": "10.2.3.4/32"}});
    assert_eq!(rules.iter().flat_map(peers).collect::<Vec<_>>(), [peer]);
}
