//! The end of a tenant: its object goes once everything it owned is gone, or is kept on purpose.

use kube::ResourceExt as _;
use kube::api::DynamicObject;
use kube::runtime::controller::Action;
use serde_json::json;
use tenantry_crd::{Tenant, labels};
use tenantry_database::TenantDatabase;
use tenantry_domain::{ResourceName, TenantId};
use tenantry_render::{Kind, names};

use super::identify;
use crate::context::Context;
use crate::error::{Error, Result};

/// Removes what the deletion policy says, then lets the object go.
pub(super) async fn remove(tenant: &Tenant, context: &Context) -> Result<Action> {
    if !tenant
        .finalizers()
        .iter()
        .any(|finalizer| finalizer == labels::FINALIZER)
    {
        return Ok(Action::await_change());
    }
    let key = tenant
        .key()
        .map_err(|violation| Error::Invalid(violation.to_string()))?;
    context.prober.forget(&key);
    let namespace = key.namespace();
    // A tenant that never had an identity owns nothing.
    if let Some(id) = identify::known(tenant)? {
        let owned = owned(context, &namespace, &id).await?;
        match (tenant.deletes_data(), owned) {
            (true, Some(found)) => {
                delete_namespace(context, &found).await?;
                // The namespace's last change brings us back.
                return Ok(Action::await_change());
            }
            // No Odoo is left that would miss it.
            (true, None) => drop_database(tenant, context, &id).await?,
            (false, Some(_)) => withdraw(context, &namespace).await?,
            (false, None) => {}
        }
    }
    let kept: Vec<&str> = tenant
        .finalizers()
        .iter()
        .map(String::as_str)
        .filter(|finalizer| *finalizer != labels::FINALIZER)
        .collect();
    let version = tenant.resource_version().unwrap_or_default();
    match context
        .cluster
        .mark(tenant, &version, json!({}), &kept)
        .await
    {
        Err(Error::Kubernetes {
            source: kube::Error::Api(status),
            ..
        }) if status.is_not_found() => {}
        outcome => drop(outcome?),
    }
    context.cluster.forget(tenant);
    context.backoff.reset(&key.to_string());
    Ok(Action::await_change())
}

/// The tenant's namespace, when it is there and is its own. The API server is asked: a namespace
/// that a cache does not know yet would be left behind.
async fn owned(context: &Context, namespace: &str, id: &TenantId) -> Result<Option<DynamicObject>> {
    let found = context
        .cluster
        .find(Kind::Namespace, None, namespace)
        .await?;
    Ok(found.filter(|found| {
        let label = found.labels().get(labels::TENANT_ID);
        label.is_some_and(|label| label == id.as_str())
    }))
}

/// Removes the workload and its routes; namespace, volume, Secrets and database stay.
async fn withdraw(context: &Context, namespace: &str) -> Result<()> {
    for kind in [Kind::Ingress, Kind::Service, Kind::Deployment] {
        context
            .cluster
            .delete(kind, Some(namespace), names::ODOO)
            .await?;
    }
    Ok(())
}

async fn delete_namespace(context: &Context, namespace: &DynamicObject) -> Result<()> {
    if namespace.metadata.deletion_timestamp.is_some() {
        return Ok(());
    }
    let name = namespace.name_any();
    context.cluster.delete(Kind::Namespace, None, &name).await
}

/// Drops the tenant's database. A server that cannot be asked is an error: what is unknown is not
/// taken for gone.
async fn drop_database(tenant: &Tenant, context: &Context, id: &TenantId) -> Result<()> {
    let placement = tenant
        .status
        .as_ref()
        .and_then(|status| status.placement.as_ref());
    // A tenant that was placed nowhere has no database.
    let Some(placement) = placement else {
        return Ok(());
    };
    let server: ResourceName = placement
        .database_server
        .parse()
        .map_err(|error: tenantry_domain::NameError| Error::Invalid(error.to_string()))?;
    let connection = context
        .servers
        .get(&context.world.children, &server)
        .ok_or_else(|| Error::ServerUnknown {
            server: server.to_string(),
        })?;
    let database =
        TenantDatabase::new(id.as_str()).map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(connection.drop_tenant(&database).await?)
}
