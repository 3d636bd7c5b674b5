//! Who may reach whom: every namespace of ours is closed, but for the openings listed here.
//!
//! NetworkPolicies add up. One closes the namespace, each other one opens one thing and is called
//! after it. docs/baseline.md has the same as a table, and a test compares both.
//! What a policy is not asked about: the kubelet always reaches the pods of its node.

use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_domain::{Cidr, Egress, ResourceName};

use crate::names;
use crate::settings::{Network, Peer};
use crate::tenant::{HTTP_PORT, WEBSOCKET_PORT};

/// Name and content of a NetworkPolicy.
pub(crate) type Policy = (&'static str, Value);

/// One thing that is possible although the namespace is closed.
struct Opening {
    /// What it is for.
    name: &'static str,
    /// Selects the pods of the namespace that it is for.
    pods: Value,
    direction: Direction,
    /// Who may reach those pods, or whom they may reach. Nobody when it is empty.
    peers: Vec<Value>,
    /// Of whoever is reached. Every port when it is empty.
    ports: &'static [(&'static str, u16)],
}

#[derive(Clone, Copy)]
enum Direction {
    From,
    To,
}

const ODOO: &[(&str, u16)] = &[("TCP", HTTP_PORT), ("TCP", WEBSOCKET_PORT)];
const POSTGRESQL: &[(&str, u16)] = &[("TCP", names::POSTGRESQL_PORT)];
const DNS: &[(&str, u16)] = &[("UDP", 53), ("TCP", 53)];

/// A namespace in which nothing runs.
pub(crate) fn of_partner() -> Vec<Policy> {
    vec![closed()]
}

/// A dedicated tenant's namespace. What runs beside Odoo, such as a Job, may reach what Odoo may.
pub(crate) fn of_tenant(server: &ResourceName, egress: Egress, network: &Network) -> Vec<Policy> {
    let internet = match egress {
        Egress::Internet => internet(&network.private_ranges),
        Egress::None => Vec::new(),
    };
    policies([
        Opening {
            name: "from-ingress-controller",
            pods: app(names::ODOO),
            direction: Direction::From,
            peers: network.ingress_controller.iter().map(peer).collect(),
            ports: ODOO,
        },
        to_dns(network),
        Opening {
            name: "to-database",
            pods: json!({}),
            direction: Direction::To,
            peers: vec![json!({
                "namespaceSelector": namespace(&names::database_namespace(server)),
                "podSelector": app(names::POSTGRESQL),
            })],
            ports: POSTGRESQL,
        },
        // Mail servers, payment providers, and whatever an integration talks to.
        Opening {
            name: "to-internet",
            pods: json!({}),
            direction: Direction::To,
            peers: internet,
            ports: &[],
        },
    ])
}

/// A managed database server's namespace, where the Jobs that make templates run, too. Tenants are
/// kept apart by PostgreSQL.
pub(crate) fn of_database_server(network: &Network) -> Vec<Policy> {
    policies([
        Opening {
            name: "from-tenants",
            pods: app(names::POSTGRESQL),
            direction: Direction::From,
            peers: vec![json!({"namespaceSelector": has(labels::TENANT_ID)})],
            ports: POSTGRESQL,
        },
        Opening {
            name: "from-control-plane",
            pods: app(names::POSTGRESQL),
            direction: Direction::From,
            peers: vec![peer(&network.control_plane)],
            ports: POSTGRESQL,
        },
        Opening {
            name: "from-templates",
            pods: app(names::POSTGRESQL),
            direction: Direction::From,
            peers: vec![json!({"podSelector": has(labels::TEMPLATE)})],
            ports: POSTGRESQL,
        },
        Opening {
            name: "to-database",
            pods: has(labels::TEMPLATE),
            direction: Direction::To,
            peers: vec![json!({"podSelector": app(names::POSTGRESQL)})],
            ports: POSTGRESQL,
        },
        to_dns(network),
    ])
}

fn to_dns(network: &Network) -> Opening {
    Opening {
        name: "to-dns",
        pods: json!({}),
        direction: Direction::To,
        peers: network.dns.iter().map(peer).collect(),
        ports: DNS,
    }
}

fn policies<const N: usize>(openings: [Opening; N]) -> Vec<Policy> {
    std::iter::once(closed())
        .chain(openings.map(|opening| (opening.name, opening.policy())))
        .collect()
}

/// Selects all pods for both directions, and allows nothing.
fn closed() -> Policy {
    let body = json!({"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}});
    ("default-deny", body)
}

impl Opening {
    fn policy(self) -> Value {
        let (kind, rules, peers) = match self.direction {
            Direction::From => ("Ingress", "ingress", "from"),
            Direction::To => ("Egress", "egress", "to"),
        };
        let mut rule = json!({peers: self.peers});
        if !self.ports.is_empty() {
            let port = |(protocol, port)| json!({"protocol": protocol, "port": port});
            rule["ports"] = self.ports.iter().copied().map(port).collect();
        }
        // Without peers a rule would mean everybody. No rule means nobody.
        let allowed = if self.peers.is_empty() {
            json!([])
        } else {
            json!([rule])
        };
        json!({"spec": {
            "podSelector": self.pods,
            "policyTypes": [kind],
            rules: allowed,
        }})
    }
}

fn app(name: &str) -> Value {
    json!({"matchLabels": {(names::APP_LABEL): name}})
}

fn has(label: &str) -> Value {
    json!({"matchExpressions": [{"key": label, "operator": "Exists"}]})
}

/// The label is Kubernetes' own and cannot be given to another namespace.
fn namespace(name: &str) -> Value {
    json!({"matchLabels": {"kubernetes.io/metadata.name": name}})
}

fn peer(peer: &Peer) -> Value {
    match peer {
        Peer::Pods {
            namespace: name,
            labels,
        } => json!({
            "namespaceSelector": namespace(name),
            "podSelector": {"matchLabels": labels},
        }),
        Peer::Addresses(range) => json!({"ipBlock": {"cidr": range.to_string()}}),
    }
}

/// Ranges that are never the Internet: the machine itself, private networks, a provider's own
/// network, and link-local addresses, where clouds tell every machine its credentials.
const PRIVATE: [&str; 10] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
];

fn internet(private: &[Cidr]) -> Vec<Value> {
    let ranges: Vec<String> = PRIVATE
        .into_iter()
        .map(str::to_owned)
        .chain(private.iter().map(Cidr::to_string))
        .collect();
    let (ipv6, ipv4): (Vec<_>, Vec<_>) = ranges.iter().partition(|range| range.contains(':'));
    vec![
        json!({"ipBlock": {"cidr": "0.0.0.0/0", "except": ipv4}}),
        json!({"ipBlock": {"cidr": "::/0", "except": ipv6}}),
    ]
}
