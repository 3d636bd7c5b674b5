//! What the platform decides for all tenants.

use std::collections::BTreeMap;

use tenantry_domain::ImageReference;

/// What the platform decides for all tenants.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The control plane's own namespace.
    pub namespace: String,
    /// The PostgreSQL image of managed database servers.
    pub postgresql_image: ImageReference,
    /// Class of every volume; the cluster's default when absent.
    pub storage_class_name: Option<String>,
    /// How tenants' hostnames reach their workloads.
    pub ingress: Ingress,
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
