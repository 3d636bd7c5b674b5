//! How a tenant is known in requests and objects, and what differs in them from run to run.

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt as _};
use tenantry_crd::{claim_name, labels};
use tenantry_tests::TestPartner;

use crate::proxy::Seen;

/// The second hostname of a tenant that has one.
pub(crate) fn alias(partner: &TestPartner, tenant: &str) -> String {
    format!("alias-{tenant}.{}", partner.domain())
}

/// The tenant's identity.
pub(crate) async fn identity(partner: &TestPartner, tenant: &str) -> Result<String> {
    let id = id_of(partner, tenant).await?;
    id.with_context(|| format!("{tenant} has no identity"))
}

/// The tenant's identity, if its namespace or its status has one.
pub(crate) async fn id_of(partner: &TestPartner, tenant: &str) -> Result<Option<String>> {
    let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
    let namespace = namespaces
        .get_opt(&partner.tenant_namespace(tenant))
        .await?;
    let label = namespace.and_then(|found| found.labels().get(labels::TENANT_ID).cloned());
    if label.is_some() {
        return Ok(label);
    }
    let known = partner.tenants().get_opt(tenant).await?;
    let status = known.and_then(|known| known.status);
    Ok(status.and_then(|status| status.tenant_id))
}

/// Names that differ from run to run, each with the word that takes its place.
#[derive(Debug, Clone)]
pub(crate) struct Traces {
    /// Whatever contains one of these is about the tenant.
    own: Vec<(String, &'static str)>,
    partner: String,
}

impl Traces {
    /// Those of a tenant that has no identity yet.
    pub(crate) fn new(partner: &str, tenant: &str, [first, alias]: [String; 2]) -> Result<Self> {
        let claim = |hostname: String| anyhow::Ok(claim_name(&hostname.parse()?));
        Ok(Self {
            own: vec![
                (claim(first)?, "CLAIM"),
                (claim(alias)?, "ALIAS"),
                (tenant.to_owned(), "TENANT"),
            ],
            partner: partner.to_owned(),
        })
    }

    /// Those of a tenant as it is now.
    pub(crate) async fn of(partner: &TestPartner, tenant: &str) -> Result<Self> {
        let hostnames = [partner.hostname(tenant), alias(partner, tenant)];
        let mut traces = Self::new(&partner.name, tenant, hostnames)?;
        if let Some(id) = id_of(partner, tenant).await? {
            traces.own.insert(0, (id, "ID"));
        }
        Ok(traces)
    }

    /// The tenant's identity.
    pub(crate) fn id(&self) -> Result<&str> {
        let found = self.own.iter().find(|(_, word)| *word == "ID");
        found
            .map(|(id, _)| id.as_str())
            .context("it has no tenantId")
    }

    /// Whether the request is about the tenant.
    pub(crate) fn are_in(&self, request: &Seen) -> bool {
        self.own.iter().any(|(text, _)| request.contains(text))
    }

    /// The text as it is in every run.
    pub(crate) fn normalise(&self, text: &str) -> String {
        let own = self.own.iter().map(|(name, word)| (name.as_str(), *word));
        own.chain([(self.partner.as_str(), "PARTNER")])
            .fold(text.to_owned(), |text, (name, word)| {
                text.replace(name, word)
            })
    }
}
