//! The end of a tenant: its object goes once everything it owned is gone, or is kept on purpose.

use kube::ResourceExt as _;
use kube::runtime::controller::Action;
use serde_json::json;
use tenantry_crd::{Tenant, labels};
use tenantry_database::TenantDatabase;
use tenantry_domain::{ResourceName, TenantId};
use tenantry_render::{Kind, names};

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
    let id = tenant
        .status
        .as_ref()
        .and_then(|status| status.tenant_id.as_deref());
    if let Some(id) = id.and_then(|id| id.parse::<TenantId>().ok())
        && owns(context, &namespace, &id)
    {
        if !tenant.deletes_data() {
            withdraw(context, &namespace).await?;
        } else if !erase(tenant, context, &namespace, &id).await? {
            // The namespace's last change brings us back.
            return Ok(Action::await_change());
        }
    } else if let Some(id) = id.and_then(|id| id.parse::<TenantId>().ok())
        && tenant.deletes_data()
    {
        drop_database(tenant, context, &id).await?;
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

/// Whether the tenant's namespace is there and is its own.
fn owns(context: &Context, namespace: &str, id: &TenantId) -> bool {
    context
        .world
        .children
        .get(Kind::Namespace, None, namespace)
        .is_some_and(|found| {
            found
                .labels()
                .get(labels::TENANT_ID)
                .is_some_and(|label| label == id.as_str())
        })
}

/// Removes the workload and its routes; namespace, volume, Secrets and database stay.
async fn withdraw(context: &Context, namespace: &str) -> Result<()> {
    for kind in [Kind::Ingress, Kind::Service, Kind::Deployment] {
        if context
            .world
            .children
            .get(kind, Some(namespace), names::ODOO)
            .is_some()
        {
            context
                .cluster
                .delete(kind, Some(namespace), names::ODOO)
                .await?;
        }
    }
    Ok(())
}

/// Removes everything. Returns whether the namespace is gone already.
async fn erase(tenant: &Tenant, context: &Context, namespace: &str, id: &TenantId) -> Result<bool> {
    drop_database(tenant, context, id).await?;
    let found = context.world.children.get(Kind::Namespace, None, namespace);
    match found {
        None => Ok(true),
        Some(found) if found.metadata.deletion_timestamp.is_some() => Ok(false),
        Some(_) => {
            context
                .cluster
                .delete(Kind::Namespace, None, namespace)
                .await?;
            Ok(false)
        }
    }
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
