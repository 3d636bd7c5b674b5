//! How a tenant is stopped. There is one way, whatever the reason.

use kube::ResourceExt as _;
use tenantry_domain::{TenantId, TenantKey, ValidTenant};
use tenantry_render::{Kind, names, tenant as render};

use crate::context::Context;
use crate::error::Result;

/// Ends the workload. Whether it is over: nothing of the tenant runs once its Deployment is gone,
/// because its pods go before it. A Deployment without a pod would prove less: a pod that is ending
/// is not counted. The Deployment's last change brings us back.
pub(super) async fn stop(tenant: &TenantKey, context: &Context) -> Result<bool> {
    all_gone(tenant, &[Kind::Deployment], context).await
}

/// Ends the Jobs. Whether they are over: even the pod of one that ended holds the volume.
pub(super) async fn end_jobs(tenant: &TenantKey, context: &Context) -> Result<bool> {
    let namespace = tenant.namespace();
    let mut gone = true;
    for job in context.world.children.in_namespace(Kind::Job, &namespace) {
        let name = job.name_any();
        let cluster = &context.cluster;
        gone &= cluster.is_gone(Kind::Job, Some(&namespace), &name).await?;
    }
    Ok(gone)
}

/// Ends the workload, and leads the hostnames to the parking page meanwhile.
pub(super) async fn park(tenant: &ValidTenant, id: &TenantId, context: &Context) -> Result<bool> {
    let parked = render::parked_ingress(tenant, id, &context.settings);
    let children = &context.world.children;
    context.cluster.ensure(children, &[parked]).await?;
    // Only now: a hostname without any Ingress would be answered by whatever takes all hostnames.
    let stopped = withdraw(&tenant.key, context).await?;
    context.prober.forget(&tenant.key);
    Ok(stopped)
}

/// Takes away what leads the hostnames to the parking page.
pub(super) async fn unpark(id: &TenantId, context: &Context) -> Result<()> {
    let namespace = Some(context.settings.namespace.as_str());
    let parked = names::parked_ingress(id);
    let cluster = &context.cluster;
    cluster.delete(Kind::Ingress, namespace, &parked).await
}

/// Ends the workload, and the route to it.
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
