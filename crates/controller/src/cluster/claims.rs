//! Claims of hostnames, as the API server has them.

use kube::api::{DeleteParams, ListParams, PostParams, Preconditions};
use kube::{Api, ResourceExt as _};
use tenantry_crd::{HostnameClaim, Tenant, labels};
use tenantry_domain::TenantId;

use super::{Cluster, FIELD_MANAGER, identify};
use crate::error::{Error, Result};

impl Cluster {
    /// Creates `claim`, and returns the one that there is then: this one, or another tenant's that
    /// was there before.
    pub(crate) async fn claim(&self, claim: &HostnameClaim) -> Result<HostnameClaim> {
        let params = PostParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        match self.claims().create(&params, claim).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => self
                .claims()
                .get(&claim.name_any())
                .await
                .map_err(failed("read", claim)),
            outcome => outcome.map_err(failed("create", claim)),
        }
    }

    /// Deletes exactly this claim. When it is gone, or another has its name by now, that is fine.
    pub(crate) async fn release(&self, claim: &HostnameClaim) -> Result<()> {
        tracing::info!(
            hostname = claim.spec.hostname,
            tenant_id = claim.spec.tenant_id,
            "releasing a hostname"
        );
        let this_one = DeleteParams::default().preconditions(Preconditions {
            uid: claim.uid(),
            resource_version: None,
        });
        match self.claims().delete(&claim.name_any(), &this_one).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => {
                Ok(())
            }
            Err(source) => Err(failed("delete", claim)(source)),
        }
    }

    /// Deletes every claim of a tenant, also those that no cache has seen yet.
    pub(crate) async fn release_all(&self, id: &TenantId) -> Result<()> {
        self.claims()
            .delete_collection(&DeleteParams::default(), &of_tenant(id.as_str()))
            .await
            .map(drop)
            .map_err(|source| Error::Kubernetes {
                verb: "delete",
                object: format!("Hostnames of the tenant {id}"),
                source,
            })
    }

    /// Whether a tenant with this identity exists. No cache is asked: one that lags behind would
    /// take a hostname away from a tenant that is new.
    pub(crate) async fn has_tenant(&self, id: &str) -> Result<bool> {
        let tenants: Api<Tenant> = Api::all(self.client.clone());
        let found = tenants.list_metadata(&of_tenant(id).limit(1)).await;
        let found = found.map_err(|source| Error::Kubernetes {
            verb: "find",
            object: format!("the tenant {id}"),
            source,
        })?;
        Ok(!found.items.is_empty())
    }

    fn claims(&self) -> Api<HostnameClaim> {
        Api::all(self.client.clone())
    }
}

fn of_tenant(id: &str) -> ListParams {
    ListParams::default().labels(&format!("{}={id}", labels::TENANT_ID))
}

fn failed(verb: &'static str, claim: &HostnameClaim) -> impl FnOnce(kube::Error) -> Error {
    let object = format!("{} of {}", identify(claim), claim.spec.hostname);
    move |source| Error::Kubernetes {
        verb,
        object,
        source,
    }
}
