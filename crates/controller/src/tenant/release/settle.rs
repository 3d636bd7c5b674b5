//! The end of a change of release whose tenant goes while it is going on: what it leaves is the
//! database of one release, and nothing beside it.

use tenantry_crd::{ReleaseChangePhase as Phase, Tenant};
use tenantry_database::TenantDatabase;
use tenantry_domain::{TenantId, TenantKey};
use tenantry_render::Kind;

use crate::context::Context;
use crate::error::Result;

/// What is left of a change.
pub(in crate::tenant) enum Settled {
    /// Its Job is ending.
    Ending,
    /// Nothing: the data is that of this release.
    Left(String),
}

/// Ends the change that is going on, if one is. Nothing else of the tenant runs any more.
pub(in crate::tenant) async fn settle(
    tenant: &Tenant,
    key: &TenantKey,
    id: &TenantId,
    context: &Context,
) -> Result<Settled> {
    let status = tenant.status.clone().unwrap_or_default();
    let change = status.ongoing_release_change().cloned();
    let runs = status.release.unwrap_or_default();
    let (Some(change), Some(placement)) = (change, status.placement) else {
        return Ok(Settled::Left(runs));
    };
    // A cache may not know of it yet.
    let job = super::job_name(&change);
    let namespace = key.namespace();
    if !context
        .cluster
        .is_gone(Kind::Job, Some(&namespace), &job)
        .await?
    {
        return Ok(Settled::Ending);
    }
    let database = TenantDatabase::new(id.as_str())?;
    let server = context.reach_named(&placement.database_server).await?;
    if change.phase == Phase::Finishing {
        server.connection.finish_release_change(&database).await?;
        return Ok(Settled::Left(change.to));
    }
    server.connection.revert_release_change(&database).await?;
    Ok(Settled::Left(change.from))
}
