//! A dedicated tenant, from its spec to its login page.
//!
//! Each reconcile looks at everything and does what is missing; nothing is remembered between
//! two of them but what is in the cluster and in the database.

mod adopt;
mod apply;
mod events;
mod findings;
mod hostnames;
mod identify;
mod lifecycle;
mod observe;
mod plan;
mod progress;
mod release;
mod remove;
mod report;
mod standing;
mod stop;
mod timeline;
mod volume;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use tenantry_crd::Tenant;
use tenantry_domain::{Life, ValidTenant, Violation};

use crate::context::Context;
use crate::error::Result;
use crate::placement::Placement;
use hostnames::{Admitted, Claimed};
use identify::Identity;
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
    let life = tenant.life(first_seen);
    if life == Life::Expired {
        return lifecycle::purge(&tenant, &context).await;
    }
    let valid = match validate(&context, &tenant).and_then(|valid| volume::judge(valid, &context)) {
        Ok(valid) => valid,
        Err(violations) => {
            let withdrawn = lifecycle::withdraw_refused(&tenant, &context).await;
            let told = report::refuse(&tenant, None, &context, &violations).await;
            return withdrawn.and(told);
        }
    };
    match admit(&tenant, valid, first_seen, &context).await {
        Ok(Admission::Refused(identity, violations)) => {
            report::refuse(&tenant, identity.as_deref(), &context, &violations).await
        }
        Ok(Admission::Granted(granted)) => {
            keep(&tenant, *granted, life, first_seen, &context).await
        }
        Err(error) => {
            report::fail(&tenant, &error, &context).await?;
            Err(error)
        }
    }
}

/// What comes of a valid spec in the state of the world.
enum Admission {
    /// The tenant is, or stays, what its status said; with its identity if it has one by now.
    Refused(Option<Box<Identity>>, Vec<Violation>),
    Granted(Box<Granted>),
}

/// A tenant that has its identity and its hostnames.
struct Granted {
    identity: Identity,
    placement: Placement,
    admitted: Box<Admitted>,
}

/// Decides who the tenant is, and whether and where it may be.
async fn admit(
    tenant: &Tenant,
    valid: ValidTenant,
    first_seen: Timestamp,
    context: &Context,
) -> Result<Admission> {
    let adopted = match adopt::judge(tenant, &valid, context).await? {
        Ok(adopted) => adopted,
        Err(violation) => return Ok(Admission::Refused(None, vec![violation])),
    };
    let holding = hostnames::observe(&valid, tenant, context).await?;
    if let Some(taken) = holding.refusal() {
        return Ok(Admission::Refused(None, taken.to_vec()));
    }
    let placement = context.place(tenant, &valid);
    let identity =
        identify::ensure(tenant, &valid, &placement, context, first_seen, adopted).await?;
    let valid = identify::as_placed(valid, &placement, tenant);
    Ok(match holding.claim(valid, &identity.id, context).await? {
        Claimed::Refused(taken) => Admission::Refused(Some(Box::new(identity)), taken),
        Claimed::Admitted(admitted) => Admission::Granted(Box::new(Granted {
            identity,
            placement,
            admitted,
        })),
    })
}

/// Makes an admitted tenant be what its spec says.
async fn keep(
    tenant: &Arc<Tenant>,
    granted: Granted,
    life: Life,
    first_seen: Timestamp,
    context: &Context,
) -> Result<Action> {
    let Granted {
        identity,
        placement,
        admitted,
    } = granted;
    let valid = &admitted.tenant;
    let standing = standing::of(&valid.key, observe::was_built(tenant), context);
    let is_placed = identity.status.placement.is_some();
    let outcome = match (life, plan::obstacle(&placement, is_placed)) {
        (Life::Running, None) => build(tenant, valid, &identity, &standing, context).await,
        (Life::Running, Some(waiting)) => Ok(Outcome::Waiting(waiting)),
        _ => lifecycle::park(valid, &identity.id, context).await,
    };
    report::report(
        tenant,
        &admitted,
        &placement,
        &identity,
        &standing,
        outcome.as_ref(),
        context,
    )
    .await?;
    let outcome = outcome?;
    // What is published goes once the Ingress was written without it.
    let written = matches!(outcome, Outcome::Applied { .. } | Outcome::Parked { .. });
    if written || !hostnames::has_any_ingress(&valid.key, &identity.id, context) {
        admitted.release_surplus(context).await?;
    }
    context.backoff.reset(&valid.key.to_string());
    let left = match &outcome {
        // Nothing wakes us when a database comes back.
        Outcome::Waiting(plan::Waiting::Lost(_)) => LOOK_FOR_LOST,
        Outcome::Changing(change) => release::look_again(change, Timestamp::now()),
        _ => lifecycle::look_again(life, first_seen),
    };
    Ok(Action::requeue(left))
}

async fn build(
    tenant: &Tenant,
    valid: &ValidTenant,
    identity: &Identity,
    standing: &standing::Standing,
    context: &Context,
) -> Result<Outcome> {
    let _turn = match identity.status.provisioned_in {
        Some(_) => None,
        None => context.builds.turn(&valid.database_server).await,
    };
    let observed = observe::observe(tenant, valid, identity, standing, context).await?;
    let asked = release::decide::Asked {
        current: valid.release.name.as_str(),
        next: valid.next_release.as_ref().map(|next| next.name.as_str()),
        change: identity.status.release_change.as_ref(),
        now: Timestamp::now(),
    };
    let plan = plan::plan(&observed, &asked);
    apply::apply(plan, valid, &identity.id, &observed, context).await
}
