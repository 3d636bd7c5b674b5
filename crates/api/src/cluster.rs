//! Our objects in the API server, and what its errors mean to a caller.

use k8s_openapi::NamespaceResourceScope;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::core::ObjectList;
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tenantry_crd::{Blueprint, HostnameClaim, Partner, Release, Tenant, claim_name, labels};
use tenantry_domain::{Hostname, PartnerName, ResourceName, TenantKey};
use tonic::Code;

use crate::refusal::Refusal;

/// Whose fields these are, for the API server.
const FIELD_MANAGER: &str = "tenantry-api";

/// Our objects in the API server.
#[derive(Clone)]
pub(crate) struct Cluster {
    client: Client,
}

/// How an attempt to create a tenant ended, when it did not fail.
pub(crate) enum Creation {
    /// The object is new.
    Created(Box<Tenant>),
    /// There was one of this name.
    Exists,
}

impl Cluster {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The tenants of one partner.
    pub(crate) fn tenants(&self, partner: &PartnerName) -> Api<Tenant> {
        self.namespaced(&partner.namespace())
    }

    fn namespaced<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    pub(crate) async fn partner(&self, name: &PartnerName) -> Result<Option<Partner>, Refusal> {
        get(&Api::all(self.client.clone()), name.as_str()).await
    }

    pub(crate) async fn blueprint(&self, name: &str) -> Result<Option<Blueprint>, Refusal> {
        get(&Api::all(self.client.clone()), name).await
    }

    pub(crate) async fn release(&self, name: &ResourceName) -> Result<Option<Release>, Refusal> {
        get(&Api::all(self.client.clone()), name.as_str()).await
    }

    pub(crate) async fn tenant(&self, key: &TenantKey) -> Result<Option<Tenant>, Refusal> {
        get(&self.tenants(&key.partner), key.name.as_str()).await
    }

    /// The tenant that has `hostname`. A claim whose tenant is gone counts for nothing.
    pub(crate) async fn holder(&self, hostname: &Hostname) -> Result<Option<TenantKey>, Refusal> {
        let claims: Api<HostnameClaim> = Api::all(self.client.clone());
        let Some(claim) = get(&claims, &claim_name(hostname)).await? else {
            return Ok(None);
        };
        let holder = claim
            .holder()
            .map_err(|violation| Refusal::bug("a claim names an impossible tenant", &violation))?;
        let tenant = self.tenant(&holder).await?;
        let id = tenant
            .and_then(|tenant| tenant.status)
            .and_then(|status| status.tenant_id);
        Ok((id == Some(claim.spec.tenant_id)).then_some(holder))
    }

    /// A page of the tenants of one partner, or of all.
    pub(crate) async fn list(
        &self,
        partner: Option<&PartnerName>,
        parameters: &ListParams,
    ) -> Result<ObjectList<Tenant>, Refusal> {
        let api = match partner {
            Some(partner) => self.tenants(partner),
            None => Api::all(self.client.clone()),
        };
        api.list(parameters).await.map_err(refusal)
    }

    /// The tenant whose latest operation, or whose creation, is the one with this id.
    pub(crate) async fn tenant_of_operation(&self, id: &str) -> Result<Option<Tenant>, Refusal> {
        for label in [labels::OPERATION, labels::CREATION] {
            let parameters = ListParams::default()
                .labels(&format!("{label}={id}"))
                .limit(1);
            let page = self.list(None, &parameters).await?;
            if let Some(tenant) = page.items.into_iter().next() {
                return Ok(Some(tenant));
            }
        }
        Ok(None)
    }

    pub(crate) async fn create(
        &self,
        key: &TenantKey,
        tenant: &Tenant,
        dry_run: bool,
    ) -> Result<Creation, Refusal> {
        let parameters = PostParams {
            dry_run,
            field_manager: Some(FIELD_MANAGER.to_owned()),
        };
        match self.tenants(&key.partner).create(&parameters, tenant).await {
            Ok(tenant) => Ok(Creation::Created(Box::new(tenant))),
            Err(kube::Error::Api(status)) if status.is_already_exists() => Ok(Creation::Exists),
            Err(kube::Error::Api(status)) if status.is_not_found() => Err(Refusal::new(
                Code::FailedPrecondition,
                "PARTNER_NOT_READY",
                format!(
                    "the namespace {} of Partner {} is not there yet; try again once the Partner \
                     is ready",
                    key.partner.namespace(),
                    key.partner
                ),
            )
            .with("partner", key.partner.as_str())),
            Err(error) => Err(refusal(error)),
        }
    }
}

impl Cluster {
    /// Writes what `patch` says into `tenant`, unless that changed since it was read; then there
    /// is nothing to return.
    pub(crate) async fn change(
        &self,
        key: &TenantKey,
        tenant: &Tenant,
        mut patch: Value,
    ) -> Result<Option<Tenant>, Refusal> {
        patch["metadata"]["uid"] = json!(tenant.uid());
        patch["metadata"]["resourceVersion"] = json!(tenant.resource_version());
        let parameters = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let tenants = self.tenants(&key.partner);
        let patch = Patch::Merge(patch);
        match tenants.patch(key.name.as_str(), &parameters, &patch).await {
            Ok(tenant) => Ok(Some(tenant)),
            Err(kube::Error::Api(status)) if status.is_conflict() || status.is_not_found() => {
                Ok(None)
            }
            Err(error) => Err(refusal(error)),
        }
    }
}

async fn get<K>(api: &Api<K>, name: &str) -> Result<Option<K>, Refusal>
where
    K: Resource + Clone + DeserializeOwned + std::fmt::Debug,
{
    api.get_opt(name).await.map_err(refusal)
}

/// What the API server's error means to the caller. Its text is shown only when it is about the
/// caller's object.
pub(crate) fn refusal(error: kube::Error) -> Refusal {
    match error {
        kube::Error::Api(status) if status.is_invalid() => invalid(&status),
        kube::Error::Api(status) if status.code == 410 => Refusal::field(
            "page_token",
            "PAGE_TOKEN_EXPIRED",
            "is too old; begin with the first page again",
        ),
        kube::Error::Api(status) if status.is_forbidden() => {
            tracing::error!(error = %status, "the API server refused");
            Refusal::new(
                Code::FailedPrecondition,
                "REFUSED_BY_CLUSTER",
                format!("the cluster refused: {}", status.message),
            )
        }
        error => unavailable(&error),
    }
}

fn invalid(status: &kube::core::Status) -> Refusal {
    let refusal = Refusal::new(
        Code::InvalidArgument,
        "FIELD_INVALID",
        format!("the cluster refused the tenant: {}", status.message),
    );
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.fold(refusal, |refusal, cause| {
        refusal.with_field(
            format!("tenant.{}", cause.field),
            "FIELD_INVALID",
            &cause.message,
        )
    })
}

/// The API server did not answer, or is not well.
fn unavailable(error: &kube::Error) -> Refusal {
    tracing::warn!(%error, "the API server did not answer");
    Refusal::new(
        Code::Unavailable,
        "CLUSTER_UNAVAILABLE",
        "the cluster does not answer; try again",
    )
}
