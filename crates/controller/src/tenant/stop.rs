//! How a tenant is stopped. There is one way, whatever the reason.

use tenantry_domain::TenantKey;
use tenantry_render::{Kind, names};

use crate::context::Context;
use crate::error::Result;

/// Ends the workload. Whether it is over: nothing of the tenant runs once its Deployment is gone,
/// because its pods go before it. A Deployment without a pod would prove less: a pod that is ending
/// is not counted. The Deployment's last change brings us back.
pub(super) async fn stop(tenant: &TenantKey, context: &Context) -> Result<bool> {
    all_gone(tenant, &[Kind::Deployment], context).await
}

/// The same, and the route to the workload goes with it.
pub(super) async fn withdraw(tenant: &TenantKey, context: &Context) -> Result<bool> {
    let kinds = [Kind::Ingress, Kind::Service, Kind::Deployment];
    all_gone(tenant, &kinds, context).await
}

async fn all_gone(tenant: &TenantKey, kinds: &[Kind], context: &Context) -> Result<bool> {
    let namespace = tenant.namespace();
    let mut gone = true;
    for kind in kinds {
        gone &= context
            .cluster
            .is_gone(*kind, Some(&namespace), names::ODOO)
            .await?;
    }
    Ok(gone)
}
