//! A dedicated tenant, from its spec to its login page.
//!
//! Each reconcile looks at everything and does what is missing; nothing is remembered between
//! two of them but what is in the cluster and in the database.

mod apply;
mod findings;
mod hostnames;
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
use hostnames::Claimed;
use plan::Outcome;

pub(crate) use hostnames::sweep;
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
        Err(violations) => return report::refuse(&tenant, None, &context, &violations).await,
    };
    let standing = hostnames::observe(&valid, &tenant, &context).await?;
    if let Some(taken) = standing.refusal() {
        return report::refuse(&tenant, None, &context, taken).await;
    }
    let identity = identify::ensure(&tenant, &valid, &context, first_seen).await?;
    let admitted = match standing.claim(valid, &identity.id, &context).await? {
        Claimed::Admitted(admitted) => admitted,
        Claimed::Refused(taken) => {
            return report::refuse(&tenant, Some(&identity), &context, &taken).await;
        }
    };
    let outcome = build(&admitted.tenant, &identity, &context).await;
    report::report(&tenant, &admitted, &identity, outcome.as_ref(), &context).await?;
    if let Outcome::Applied { .. } = outcome? {
        admitted.release_surplus(&context).await?;
    }
    context.backoff.reset(&admitted.tenant.key.to_string());
    Ok(Action::requeue(LOOK_AGAIN))
}

async fn build(
    tenant: &ValidTenant,
    identity: &identify::Identity,
    context: &Context,
) -> Result<Outcome> {
    let was_ready = holds(&identity.status.conditions, ConditionType::DatabaseReady)
        || identity.status.provisioned_in.is_some();
    let observed = observe::observe(tenant, &identity.id, was_ready, context).await?;
    let plan = plan::plan(&observed);
    apply::apply(plan, tenant, &identity.id, &observed, context).await
}
