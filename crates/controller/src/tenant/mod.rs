//! A dedicated tenant, from its spec to its login page.
//!
//! Each reconcile looks at everything and does what is missing; nothing is remembered between
//! two of them but what is in the cluster and in the database.

mod apply;
mod events;
mod findings;
mod hostnames;
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
use hostnames::Claimed;
use plan::Outcome;

pub(crate) use hostnames::sweep;
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
        Err(violations) => return report::refuse(&tenant, None, &context, &violations).await,
    };
    let holding = hostnames::observe(&valid, &tenant, &context).await?;
    if let Some(taken) = holding.refusal() {
        return report::refuse(&tenant, None, &context, taken).await;
    }
    let identity = identify::ensure(&tenant, &valid, &context, first_seen).await?;
    let admitted = match holding.claim(valid, &identity.id, &context).await? {
        Claimed::Admitted(admitted) => admitted,
        Claimed::Refused(taken) => {
            return report::refuse(&tenant, Some(&identity), &context, &taken).await;
        }
    };
    let standing = standing::of(&admitted.tenant, &identity.status, &context);
    let outcome = build(&admitted.tenant, &identity, &standing, &context).await;
    report::report(
        &tenant,
        &admitted,
        &identity,
        &standing,
        outcome.as_ref(),
        &context,
    )
    .await?;
    let outcome = outcome?;
    // What is published goes once the Ingress was written without it.
    let written = matches!(outcome, Outcome::Applied { .. });
    if written || !hostnames::has_ingress(&admitted.tenant.key, &context) {
        admitted.release_surplus(&context).await?;
    }
    context.backoff.reset(&admitted.tenant.key.to_string());
    Ok(Action::requeue(match outcome {
        // Nothing wakes us when a database comes back.
        Outcome::Waiting(plan::Waiting::Lost(_)) => LOOK_FOR_LOST,
        _ => LOOK_AGAIN,
    }))
}

async fn build(
    tenant: &ValidTenant,
    identity: &identify::Identity,
    standing: &standing::Standing,
    context: &Context,
) -> Result<Outcome> {
    let observed =
        observe::observe(tenant, &identity.id, &identity.status, standing, context).await?;
    let plan = plan::plan(&observed);
    apply::apply(plan, tenant, &identity.id, &observed, context).await
}
