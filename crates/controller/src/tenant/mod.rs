//! A dedicated tenant, from its spec to its login page.
//!
//! Each reconcile looks at everything and does what is missing; nothing is remembered between
//! two of them but what is in the cluster and in the database.

mod apply;
mod findings;
mod identify;
mod observe;
mod plan;
mod progress;
mod remove;
mod report;
mod timeline;

use std::sync::Arc;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use tenantry_crd::{Tenant, holds};
use tenantry_domain::{ConditionType, ValidTenant};

use crate::context::Context;
use crate::error::Result;
use crate::run::LOOK_AGAIN;

pub(crate) use observe::validate;

/// Makes a tenant be what its spec says, and its status say what it is.
pub(crate) async fn reconcile(tenant: Arc<Tenant>, context: Arc<Context>) -> Result<Action> {
    let first_seen = Timestamp::now();
    if context.cluster.is_stale(&*tenant) {
        return Ok(Action::await_change());
    }
    if tenant.metadata.deletion_timestamp.is_some() {
        return remove::remove(&tenant, &context).await;
    }
    let valid = match validate(&context, &tenant) {
        Ok(valid) => valid,
        Err(violations) => return report::refuse(&tenant, &context, &violations).await,
    };
    let placement = context.place(&tenant, &valid);
    let identity = identify::ensure(&tenant, &valid, &placement, &context, first_seen).await?;
    let outcome = match plan::obstacle(&placement) {
        Some(waiting) => Ok(plan::Outcome::Waiting(waiting)),
        None => build(&valid, &identity, &context).await,
    };
    report::report(
        &tenant,
        &valid,
        &placement,
        &identity,
        outcome.as_ref(),
        &context,
    )
    .await?;
    outcome?;
    context.backoff.reset(&valid.key.to_string());
    Ok(Action::requeue(LOOK_AGAIN))
}

async fn build(
    tenant: &ValidTenant,
    identity: &identify::Identity,
    context: &Context,
) -> Result<plan::Outcome> {
    let was_ready = holds(&identity.status.conditions, ConditionType::DatabaseReady)
        || identity.status.provisioned_in.is_some();
    let observed = observe::observe(tenant, &identity.id, was_ready, context).await?;
    let plan = plan::plan(&observed);
    apply::apply(plan, tenant, &identity.id, &observed, context).await
}
