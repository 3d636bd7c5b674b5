//! Where the cluster under test is.

use anyhow::{Context as _, Result};

/// Where the cluster under test is, as `cargo xtask env` says.
#[derive(Clone)]
pub struct Environment {
    /// A client with every right.
    pub kube: kube::Client,
    /// URL of the gRPC door.
    pub endpoint: String,
    /// What opens it.
    pub token: String,
    /// Where the ingress listens, `host:port`.
    pub http: String,
}

impl Environment {
    /// Reads the variables.
    ///
    /// # Errors
    /// One is missing, or the cluster cannot be spoken to.
    pub async fn load() -> Result<Self> {
        variable("KUBECONFIG")?;
        Ok(Self {
            kube: kube::Client::try_default()
                .await
                .context("the cluster of KUBECONFIG cannot be used")?,
            endpoint: variable("TENANTRY_ENDPOINT")?,
            token: variable("TENANTRY_TOKEN")?,
            http: variable("TENANTRY_HTTP")?,
        })
    }
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| {
        format!("{name} is not set: run this by `cargo xtask test`, or after eval \"$(cargo xtask env)\"")
    })
}
