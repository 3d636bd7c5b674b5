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
mod release;
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
    let identity = identify::ensure(&tenant, &valid, &context, first_seen).await?;
    let outcome = build(&valid, &identity, &context).await;
    report::report(&tenant, &valid, &identity, outcome.as_ref(), &context).await?;
    let outcome = outcome?;
    context.backoff.reset(&valid.key.to_string());
    Ok(Action::requeue(release::look_again(
        &outcome,
        Timestamp::now(),
    )))
}

async fn build(
    tenant: &ValidTenant,
    identity: &identify::Identity,
    context: &Context,
) -> Result<plan::Outcome> {
    let was_ready = holds(&identity.status.conditions, ConditionType::DatabaseReady)
        || identity.status.provisioned_in.is_some();
    let observed = observe::observe(tenant, &identity.id, was_ready, context).await?;
    let asked = release::decide::Asked {
        current: tenant.release.name.as_str(),
        next: tenant.next_release.as_ref().map(|next| next.name.as_str()),
        change: identity.status.release_change.as_ref(),
        now: Timestamp::now(),
    };
    let plan = plan::plan(&observed, &asked);
    apply::apply(plan, tenant, &identity.id, &observed, context).await
}
