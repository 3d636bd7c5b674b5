//! What the platform decides for all tenants.

use std::collections::BTreeMap;

use tenantry_domain::{Cidr, ImageReference};

/// What the platform decides for all tenants.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The PostgreSQL image of managed database servers.
    pub postgresql_image: ImageReference,
    /// Class of every volume; the cluster's default when absent.
    pub storage_class_name: Option<String>,
    /// How tenants' hostnames reach their workloads.
    pub ingress: Ingress,
    /// Who is who in the cluster's network.
    pub network: Network,
}

/// Who is who in the cluster's network, as far as namespaces are opened for them.
#[derive(Debug, Clone)]
pub struct Network {
    /// The ingress controller: where users' requests come from.
    pub ingress_controller: Vec<Peer>,
    /// The cluster's DNS.
    pub dns: Vec<Peer>,
    /// The pods of tenantryd.
    pub control_plane: Peer,
    /// Ranges that are not the Internet, beside those that never are, such as pods and machines
    /// with public addresses. None is everything.
    pub private_ranges: Vec<Cidr>,
}

/// Somebody in the cluster's network.
#[derive(Debug, Clone)]
pub enum Peer {
    /// Pods of one namespace.
    Pods {
        /// The namespace.
        namespace: String,
        /// Labels that they all have; every pod of the namespace when it is empty.
        labels: BTreeMap<String, String>,
    },
    /// Whoever has these addresses, such as a program on the machines themselves.
    Addresses(Cidr),
}

/// How tenants' hostnames reach their workloads. Controllers differ in all of this.
#[derive(Debug, Clone)]
pub struct Ingress {
    /// Class of every Ingress.
    pub class_name: String,
    /// Annotations of every Ingress: websockets, timeouts, body size.
    pub annotations: BTreeMap<String, String>,
    /// `http` or `https`, as users see it.
    pub scheme: String,
    /// Port that users see; absent where it is the scheme's own.
    pub public_port: Option<u16>,
}

impl Ingress {
    /// The address of `hostname` as users type it, without a trailing slash.
    #[must_use]
    pub fn url(&self, hostname: &str) -> String {
        match self.public_port {
            Some(port) => format!("{}://{hostname}:{port}", self.scheme),
            None => format!("{}://{hostname}", self.scheme),
        }
    }
}
