//! A dedicated tenant, from its spec to its login page.
//!
//! Each reconcile looks at everything and does what is missing; nothing is remembered between
//! two of them but what is in the cluster and in the database.

mod adopt;
mod apply;
mod findings;
mod identify;
mod lifecycle;
mod observe;
mod plan;
mod progress;
mod remove;
mod report;
mod timeline;
mod volume;

use std::sync::Arc;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use tenantry_crd::{Tenant, holds};
use tenantry_domain::{ConditionType, Life, ValidTenant};

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
    let life = tenant.life(first_seen);
    if life == Life::Expired {
        return lifecycle::purge(&tenant, &context).await;
    }
    let valid = match validate(&context, &tenant).and_then(|valid| volume::judge(valid, &context)) {
        Ok(valid) => valid,
        Err(violations) => {
            lifecycle::withdraw_deleted(&tenant, &context).await?;
            return report::refuse(&tenant, &context, &violations).await;
        }
    };
    let adopted = match adopt::judge(&tenant, &valid, &context).await? {
        Ok(adopted) => adopted,
        Err(violation) => return report::refuse(&tenant, &context, &[violation]).await,
    };
    let identity = identify::ensure(&tenant, &valid, &context, first_seen, adopted).await?;
    let outcome = if life == Life::Running {
        build(&tenant, &valid, &identity, &context).await
    } else {
        lifecycle::park(&valid, &identity.id, life, &context).await
    };
    report::report(&tenant, &valid, &identity, outcome.as_ref(), &context).await?;
    outcome?;
    if life == Life::Running {
        volume::grow(&tenant, &valid, &context).await?;
    }
    context.backoff.reset(&valid.key.to_string());
    Ok(lifecycle::look_again(life, first_seen))
}

async fn build(
    tenant: &Tenant,
    valid: &ValidTenant,
    identity: &identify::Identity,
    context: &Context,
) -> Result<plan::Outcome> {
    let was_ready = holds(&identity.status.conditions, ConditionType::DatabaseReady)
        || identity.status.provisioned_in.is_some()
        || tenant.spec.adopt.is_some();
    let observed = observe::observe(valid, &identity.id, was_ready, context).await?;
    let plan = plan::plan(&observed);
    apply::apply(plan, valid, &identity.id, &observed, context).await
}
