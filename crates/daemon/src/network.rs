//! Who is who in the cluster's network, as the configuration says it.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use tenantry_render::{Network, Peer};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NetworkConfig {
    /// The ingress controller: where users' requests come from.
    ingress_controller: Vec<PeerConfig>,
    /// The cluster's DNS.
    dns: Vec<PeerConfig>,
    /// The pods of tenantryd.
    control_plane: PeerConfig,
    /// Ranges that are not the Internet, beside those that never are.
    #[serde(default)]
    private_ranges: Vec<String>,
}

/// Either pods of a namespace, or addresses.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct PeerConfig {
    namespace: Option<String>,
    pod_labels: BTreeMap<String, String>,
    cidr: Option<String>,
}

impl NetworkConfig {
    /// What rendering needs of it.
    pub(crate) fn network(self) -> anyhow::Result<Network> {
        Ok(Network {
            ingress_controller: peers(self.ingress_controller).context("ingressController")?,
            dns: peers(self.dns).context("dns")?,
            control_plane: self.control_plane.peer().context("controlPlane")?,
            private_ranges: self
                .private_ranges
                .iter()
                .map(|range| {
                    ensure!(
                        !range.ends_with("/0"),
                        "{range} leaves no Internet; for that, blueprints have network.egress"
                    );
                    Ok(range.parse()?)
                })
                .collect::<anyhow::Result<_>>()
                .context("privateRanges")?,
        })
    }
}

fn peers(peers: Vec<PeerConfig>) -> anyhow::Result<Vec<Peer>> {
    ensure!(!peers.is_empty(), "it is needed: nobody is named");
    peers.into_iter().map(PeerConfig::peer).collect()
}

impl PeerConfig {
    fn peer(self) -> anyhow::Result<Peer> {
        match (self.namespace, self.cidr) {
            (Some(namespace), None) => Ok(Peer::Pods {
                namespace,
                labels: self.pod_labels,
            }),
            (None, Some(cidr)) if self.pod_labels.is_empty() => Ok(Peer::Addresses(cidr.parse()?)),
            _ => anyhow::bail!("say either `namespace`, with `podLabels` if need be, or `cidr`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Network> {
        serde_yaml::from_str::<NetworkConfig>(text)?.network()
    }

    const GOOD: &str = r#"
        ingressController: [{namespace: projectcontour, podLabels: {app: envoy}}]
        dns: [{cidr: "10.88.0.1/32"}]
        controlPlane: {namespace: tenantry-system}
        privateRanges: ["203.0.113.0/24", "2001:db8::/32"]
    "#;

    #[test]
    fn pods_and_addresses_are_told_apart() {
        let network = read(GOOD).unwrap();
        assert!(matches!(
            &network.ingress_controller[..],
            [Peer::Pods { namespace, labels }]
                if namespace == "projectcontour" && labels["app"] == "envoy"
        ));
        assert!(matches!(&network.dns[..], [Peer::Addresses(_)]));
        assert_eq!(network.private_ranges.len(), 2);
    }

    #[test]
    fn what_would_open_or_close_more_than_is_meant_is_refused() {
        for (good, bad) in [
            // A misspelt word would leave the whole namespace.
            ("podLabels", "podLabel"),
            ("{namespace: tenantry-system}", "{}"),
            (
                "{namespace: tenantry-system}",
                r#"{namespace: a, cidr: "10.0.0.1/32"}"#,
            ),
            (
                "{namespace: tenantry-system}",
                r#"{cidr: "10.0.0.1/32", podLabels: {a: b}}"#,
            ),
            ("10.88.0.1/32", "10.88.0.1/16"),
            (r#"[{cidr: "10.88.0.1/32"}]"#, "[]"),
            ("203.0.113.0/24", "0.0.0.0/0"),
        ] {
            let text = GOOD.replace(good, bad);
            assert_ne!(text, GOOD);
            assert!(read(&text).is_err(), "accepted: {text}");
        }
    }
}
