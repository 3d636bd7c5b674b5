//! Who may reach whom: every namespace of ours is closed, but for the openings listed here.
//!
//! NetworkPolicies add up. One closes the namespace, each other one opens one thing and is called
//! after it. docs/baseline.md has the same as a table, and a test compares both.
//! What a policy is not asked about: the kubelet always reaches the pods of its node.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_domain::{Cidr, Egress, ResourceName, ValidTenant};

use crate::endpoint::Endpoint;
use crate::names;
use crate::settings::{Network, Peer, Settings, Tls};
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
    ports: Vec<(&'static str, u16)>,
}

#[derive(Clone, Copy)]
enum Direction {
    From,
    To,
}

const ODOO: &[(&str, u16)] = &[("TCP", HTTP_PORT), ("TCP", WEBSOCKET_PORT)];
const POSTGRESQL: &[(&str, u16)] = &[("TCP", names::POSTGRESQL_PORT)];
const DNS: &[(&str, u16)] = &[("UDP", 53), ("TCP", 53)];
/// Where the pods listen by which cert-manager proves that a hostname is ours: its
/// `acmeSolverListenPort`.
const SOLVER: &[(&str, u16)] = &[("TCP", 8089)];

/// A namespace in which nothing runs.
pub(crate) fn of_partner() -> Vec<Policy> {
    vec![closed()]
}

/// A dedicated tenant's namespace. What runs beside Odoo, such as a Job, may reach what Odoo may.
pub(crate) fn of_tenant(
    tenant: &ValidTenant,
    database: &Endpoint,
    settings: &Settings,
) -> Vec<Policy> {
    let network = &settings.network;
    let internet = match tenant.egress {
        Egress::Internet => internet(&network.private_ranges),
        Egress::None => Vec::new(),
    };
    let mut openings = vec![
        from_ingress_controller("from-ingress-controller", app(names::ODOO), ODOO, network),
        to_dns(network),
        to_database(json!({}), &tenant.database_server, database),
        // Mail servers, payment providers, and whatever an integration talks to.
        Opening {
            name: "to-internet",
            pods: json!({}),
            direction: Direction::To,
            peers: internet,
            ports: Vec::new(),
        },
    ];
    if let Tls::ClusterIssuer(_) = settings.ingress.tls {
        let solvers = json!({"matchLabels": {"acme.cert-manager.io/http01-solver": "true"}});
        let name = "from-ingress-controller-to-solvers";
        openings.push(from_ingress_controller(name, solvers, SOLVER, network));
    }
    policies(openings)
}

fn from_ingress_controller(
    name: &'static str,
    pods: Value,
    ports: &[(&'static str, u16)],
    network: &Network,
) -> Opening {
    Opening {
        name,
        pods,
        direction: Direction::From,
        peers: network.ingress_controller.iter().map(peer).collect(),
        ports: ports.to_vec(),
    }
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
            ports: POSTGRESQL.to_vec(),
        },
        Opening {
            name: "from-control-plane",
            pods: app(names::POSTGRESQL),
            direction: Direction::From,
            peers: vec![peer(&network.control_plane)],
            ports: POSTGRESQL.to_vec(),
        },
        Opening {
            name: "from-templates",
            pods: app(names::POSTGRESQL),
            direction: Direction::From,
            peers: vec![json!({"podSelector": has(labels::TEMPLATE)})],
            ports: POSTGRESQL.to_vec(),
        },
        Opening {
            name: "to-database",
            pods: has(labels::TEMPLATE),
            direction: Direction::To,
            peers: vec![json!({"podSelector": app(names::POSTGRESQL)})],
            ports: POSTGRESQL.to_vec(),
        },
        to_dns(network),
    ])
}

/// An external database server's namespace, where nothing runs but the Jobs that make templates.
pub(crate) fn of_external_database_server(
    server: &ResourceName,
    database: &Endpoint,
    network: &Network,
) -> Vec<Policy> {
    policies([
        to_database(has(labels::TEMPLATE), server, database),
        to_dns(network),
    ])
}

/// Where a database of `server` is reached from another namespace than a managed server's own.
fn to_database(pods: Value, server: &ResourceName, database: &Endpoint) -> Opening {
    let peers = if database.is_managed() {
        vec![json!({
            "namespaceSelector": namespace(&names::database_namespace(server)),
            "podSelector": app(names::POSTGRESQL),
        })]
    } else {
        addresses(&database.host)
    };
    Opening {
        name: "to-database",
        pods,
        direction: Direction::To,
        peers,
        ports: vec![("TCP", database.port)],
    }
}

/// Whoever a host name may stand for. Policies know no names, and a name's addresses change: what
/// is opened is one port, everywhere but on the machine itself and where clouds tell credentials.
fn addresses(host: &str) -> Vec<Value> {
    match host.parse::<Ipv4Addr>() {
        Ok(address) => vec![json!({"ipBlock": {"cidr": format!("{address}/32")}})],
        Err(_) => vec![
            json!({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["127.0.0.0/8", "169.254.0.0/16"]}}),
            json!({"ipBlock": {"cidr": "::/0", "except": ["::1/128", "fe80::/10"]}}),
        ],
    }
}

fn to_dns(network: &Network) -> Opening {
    Opening {
        name: "to-dns",
        pods: json!({}),
        direction: Direction::To,
        peers: network.dns.iter().map(peer).collect(),
        ports: DNS.to_vec(),
    }
}

fn policies(openings: impl IntoIterator<Item = Opening>) -> Vec<Policy> {
    let opened = openings
        .into_iter()
        .map(|opening| (opening.name, opening.policy()));
    std::iter::once(closed()).chain(opened).collect()
}

/// Selects all pods for both directions, and allows nothing. It says so, too, or what somebody
/// allowed by hand would stay.
fn closed() -> Policy {
    let body = json!({"spec": {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [],
    }});
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
            rule["ports"] = self.ports.into_iter().map(port).collect();
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
    json!({"matchLabels": {(labels::APP): name}})
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
const PRIVATE: [&str; 11] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    // A public address by which Azure does the same.
    "168.63.129.16/32",
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
