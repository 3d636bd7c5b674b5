//! Which certificates the Ingress asks for.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry_domain::{Hostname, ValidTenant};

use crate::names;
use crate::settings::{Ingress, Tls};

/// Has cert-manager watch the Ingress.
const CLUSTER_ISSUER: &str = "cert-manager.io/cluster-issuer";

/// The annotations of the platform, and what `tls` adds.
pub(super) fn annotations(ingress: &Ingress) -> BTreeMap<String, String> {
    let mut annotations = ingress.annotations.clone();
    if let Tls::ClusterIssuer(issuer) = &ingress.tls {
        annotations.insert(CLUSTER_ISSUER.to_owned(), issuer.clone());
    }
    annotations
}

/// The section `tls` of the Ingress.
pub(super) fn section(tenant: &ValidTenant, tls: &Tls) -> Vec<Value> {
    match tls {
        Tls::Elsewhere => Vec::new(),
        Tls::WildcardSecrets(secrets) => wildcards(tenant, secrets),
        // A hostname whose DNS does not lead here yet must not hold up the certificates of others.
        Tls::ClusterIssuer(_) => tenant
            .hostnames()
            .map(|hostname| entry(&[hostname], &names::tls_secret(hostname)))
            .collect(),
    }
}

fn wildcards(tenant: &ValidTenant, secrets: &BTreeMap<String, String>) -> Vec<Value> {
    let below = |domain: &str| -> Vec<&Hostname> {
        tenant
            .hostnames()
            .filter(|hostname| parent(hostname) == Some(domain))
            .collect()
    };
    secrets
        .iter()
        .map(|(domain, secret)| (below(domain), secret))
        .filter(|(hostnames, _)| !hostnames.is_empty())
        .map(|(hostnames, secret)| entry(&hostnames, secret))
        .collect()
}

/// The domain whose wildcard covers `hostname`: a wildcard stands for one label.
fn parent(hostname: &Hostname) -> Option<&str> {
    hostname.as_str().split_once('.').map(|(_, domain)| domain)
}

fn entry(hostnames: &[&Hostname], secret: &str) -> Value {
    let hosts: Vec<&str> = hostnames.iter().map(|hostname| hostname.as_str()).collect();
    let mut entry = json!({"hosts": hosts});
    if !secret.is_empty() {
        entry["secretName"] = json!(secret);
    }
    entry
}
