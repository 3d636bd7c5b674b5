//! What the platform decides, read from one YAML file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use tenantry_probe::Door;
use tenantry_render::{Ingress, Settings, Tls};

use crate::network::NetworkConfig;

/// The file's content. The chart writes it from its values.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Config {
    /// The namespace that this runs in, with the parking page and what people write for it.
    namespace: String,
    /// Image of managed database servers, by digest.
    postgresql_image: String,
    /// Class of every volume; the cluster's default when absent.
    #[serde(default)]
    storage_class_name: Option<String>,
    ingress: IngressConfig,
    network: NetworkConfig,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct IngressConfig {
    /// Class of every Ingress.
    class_name: String,
    /// Annotations of every Ingress.
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    /// Where the probe connects to, `host:port`.
    address: String,
    /// `http` or `https`, as users see it.
    scheme: String,
    /// Port that users see, where it is not the scheme's own.
    #[serde(default)]
    public_port: Option<u16>,
    /// Where the certificates of hostnames come from; one member at most says something.
    #[serde(default)]
    tls: TlsConfig,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct TlsConfig {
    /// By domain, the Secret with its wildcard certificate.
    wildcard_secrets: BTreeMap<String, String>,
    /// The ClusterIssuer of cert-manager.
    cluster_issuer: String,
    /// Certificates in PEM: who may sign those of hostnames, beside the public authorities.
    authorities: String,
}

impl TlsConfig {
    fn settings(self) -> anyhow::Result<Tls> {
        match (self.wildcard_secrets.is_empty(), self.cluster_issuer) {
            (true, issuer) if issuer.is_empty() => Ok(Tls::Elsewhere),
            (true, issuer) => Ok(Tls::ClusterIssuer(issuer)),
            (false, issuer) if issuer.is_empty() => Ok(Tls::WildcardSecrets(self.wildcard_secrets)),
            (false, _) => anyhow::bail!("give wildcardSecrets or clusterIssuer, not both"),
        }
    }
}

impl IngressConfig {
    fn settings(self) -> anyhow::Result<Ingress> {
        let tls = self.tls.settings().context("ingress.tls")?;
        anyhow::ensure!(
            tls == Tls::Elsewhere || self.scheme == "https",
            "ingress.tls gives hostnames certificates, so ingress.scheme must be https, not {}",
            self.scheme
        );
        Ok(Ingress {
            class_name: self.class_name,
            annotations: self.annotations,
            scheme: self.scheme,
            public_port: self.public_port,
            tls,
        })
    }
}

impl Config {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        serde_yaml::from_str(&text)
            .with_context(|| format!("the configuration {} is not valid", path.display()))
    }

    /// Where the probe asks for login pages: with TLS where the ingress has the certificates.
    pub(crate) fn door(&self) -> anyhow::Result<Door> {
        let ingress = &self.ingress;
        if ingress.tls == TlsConfig::default() {
            return Ok(Door::plain(&ingress.address));
        }
        Door::encrypted(&ingress.address, &ingress.tls.authorities)
            .context("ingress.tls.authorities")
    }

    /// What rendering needs of it.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            namespace: self.namespace,
            postgresql_image: self.postgresql_image.parse().context("postgresqlImage")?,
            storage_class_name: self.storage_class_name.filter(|name| !name.is_empty()),
            ingress: self.ingress.settings()?,
            network: self.network.network().context("network")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(scheme: &str, tls: &str) -> anyhow::Result<Tls> {
        let text = format!("{{className: c, address: 'a:80', scheme: {scheme}, tls: {tls}}}");
        let config: IngressConfig = serde_yaml::from_str(&text)?;
        Ok(config.settings()?.tls)
    }

    #[test]
    fn certificates_come_from_one_place_at_most() {
        assert_eq!(tls("http", "{}").unwrap(), Tls::Elsewhere);
        let unset = "{wildcardSecrets: {}, clusterIssuer: ''}";
        assert_eq!(tls("https", unset).unwrap(), Tls::Elsewhere);
        let issuer = tls("https", "{clusterIssuer: letsencrypt}").unwrap();
        assert_eq!(issuer, Tls::ClusterIssuer("letsencrypt".to_owned()));
        let secrets = "{wildcardSecrets: {acme.example: wildcard-acme}}";
        let expected = [("acme.example".to_owned(), "wildcard-acme".to_owned())];
        assert_eq!(
            tls("https", secrets).unwrap(),
            Tls::WildcardSecrets(expected.into())
        );
        let both = "{wildcardSecrets: {acme.example: w}, clusterIssuer: letsencrypt}";
        assert!(tls("https", both).is_err());
    }

    #[test]
    fn hostnames_with_certificates_are_reached_by_https() {
        assert!(tls("http", "{clusterIssuer: letsencrypt}").is_err());
    }
}
