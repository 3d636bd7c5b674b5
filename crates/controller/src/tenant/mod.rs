//! A dedicated tenant, from its spec to its login page.
//!
//! Each reconcile looks at everything and does what is missing; nothing is remembered between
//! two of them but what is in the cluster and in the database.

mod apply;
mod events;
mod findings;
mod identify;
mod observe;
mod plan;
mod progress;
mod remove;
mod report;
mod standing;
mod timeline;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use tenantry_crd::Tenant;
use tenantry_domain::ValidTenant;

use crate::context::Context;
use crate::error::Result;
use crate::run::LOOK_AGAIN;

pub(crate) use observe::validate;

/// When it is looked whether somebody restored what a tenant lost.
const LOOK_FOR_LOST: Duration = Duration::from_mins(1);

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
    let identity = identify::ensure(&tenant, &valid, &context, first_seen).await?;
    let standing = standing::of(&valid, &identity.status, &context);
    let outcome = build(&valid, &identity, &standing, &context).await;
    report::report(
        &tenant,
        &valid,
        &identity,
        &standing,
        outcome.as_ref(),
        &context,
    )
    .await?;
    let outcome = outcome?;
    context.backoff.reset(&valid.key.to_string());
    Ok(Action::requeue(match outcome {
        // Nothing wakes us when a database comes back.
        plan::Outcome::Waiting(plan::Waiting::Lost(_)) => LOOK_FOR_LOST,
        _ => LOOK_AGAIN,
    }))
}

async fn build(
    tenant: &ValidTenant,
    identity: &identify::Identity,
    standing: &standing::Standing,
    context: &Context,
) -> Result<plan::Outcome> {
    let observed =
        observe::observe(tenant, &identity.id, &identity.status, standing, context).await?;
    let plan = plan::plan(&observed);
    apply::apply(plan, tenant, &identity.id, &observed, context).await
}
