//! What the platform decides, read from one YAML file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use tenantry_render::{Ingress, Settings};

use crate::network::NetworkConfig;

/// The file's content. The chart writes it from its values.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Config {
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
}

impl Config {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        serde_yaml::from_str(&text)
            .with_context(|| format!("the configuration {} is not valid", path.display()))
    }

    /// Where the probe connects to.
    pub(crate) fn ingress_address(&self) -> &str {
        &self.ingress.address
    }

    /// What rendering needs of it.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        Ok(Settings {
            postgresql_image: self.postgresql_image.parse().context("postgresqlImage")?,
            storage_class_name: self.storage_class_name.filter(|name| !name.is_empty()),
            ingress: Ingress {
                class_name: self.ingress.class_name,
                annotations: self.ingress.annotations,
                scheme: self.ingress.scheme,
                public_port: self.ingress.public_port,
            },
            network: self.network.network().context("network")?,
        })
    }
}
