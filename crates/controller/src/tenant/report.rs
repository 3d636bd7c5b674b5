//! What a tenant's status says. One patch for each reconcile, and none when nothing changed.

use std::sync::Arc;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use kube::{Resource as _, ResourceExt as _};
use tenantry_crd::{Tenant, TenantStatus, find};
use tenantry_domain::{ConditionType, Violation};

use super::findings;
use super::hostnames::{self, Admitted};
use super::identify::{self, Identity};
use super::plan::Outcome;
use super::standing::Standing;
use super::{events, lifecycle, progress, release};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::placement::Placement;

/// Says why a spec is refused. What the tenant has already is left alone. `identity` is what was
/// written of it in this reconcile, if anything was.
pub(super) async fn refuse(
    tenant: &Arc<Tenant>,
    identity: Option<&Identity>,
    context: &Context,
    violations: &[Violation],
) -> Result<Action> {
    let (before, version) = match identity {
        Some(identity) => (Some(&identity.status), identity.version.clone()),
        None => (
            tenant.status.as_ref(),
            tenant.resource_version().unwrap_or_default(),
        ),
    };
    let mut status = before.cloned().unwrap_or_default();
    let now = Timestamp::now();
    let life = tenant.life(now);
    lifecycle::note(&mut status, life);
    let published = tenant
        .key()
        .is_ok_and(|key| hostnames::has_ingress(&key, context));
    let findings = findings::of_refused(&status, violations, published);
    findings::write(&mut status, tenant, findings, now);
    publish(tenant, &version, before, &status, context).await?;
    Ok(Action::requeue(lifecycle::look_again(life, now)))
}

/// Says how the tenant stands after `outcome`.
pub(super) async fn report(
    tenant: &Tenant,
    admitted: &Admitted,
    placement: &Placement,
    identity: &Identity,
    standing: &Standing,
    outcome: std::result::Result<&Outcome, &Error>,
    context: &Context,
) -> Result<()> {
    let valid = &admitted.tenant;
    if let Ok(Outcome::Applied {
        password_reset: true,
        ..
    }) = outcome
    {
        tell(tenant, context, events::password_reset()).await;
    }
    if matches!(outcome, Ok(Outcome::Applied { .. })) {
        let told = find(&identity.status.conditions, ConditionType::Serving);
        let known = findings::known_health(told);
        context.prober.watch(&valid.key, &valid.hostname, known);
    }
    let verdict = context.prober.verdict(&valid.key);
    let mut status = identity.status.clone();
    identify::decided(&mut status, valid, placement, context, &identity.id);
    release::note(&mut status, valid, outcome.ok());
    let now = Timestamp::now();
    lifecycle::note(&mut status, tenant.life(now));
    if status.provisioned_in.is_none() {
        progress::advance(&mut status, outcome, verdict.as_ref(), now);
    }
    let findings = findings::of(
        &status,
        admitted,
        placement,
        standing,
        outcome,
        verdict.as_ref(),
    );
    findings::write(&mut status, tenant, findings, now);
    publish(
        tenant,
        &identity.version,
        Some(&identity.status),
        &status,
        context,
    )
    .await
}

/// Writes the status if it changed, and tells of what people want to hear of.
pub(super) async fn publish(
    tenant: &Tenant,
    version: &str,
    before: Option<&TenantStatus>,
    status: &TenantStatus,
    context: &Context,
) -> Result<()> {
    if before == Some(status) {
        return Ok(());
    }
    context.cluster.report(tenant, version, status).await?;
    let before = before.cloned().unwrap_or_default();
    if before.provisioned_in.is_none() && status.provisioned_in.is_some() {
        context.measure.provisioned(&status.provisioning);
    }
    for told in events::of(&before, status) {
        tell(tenant, context, told).await;
    }
    Ok(())
}

async fn tell(tenant: &Tenant, context: &Context, told: events::Told) {
    let about = tenant.object_ref(&());
    context
        .cluster
        .tell(&about, told.kind, &told.reason, &told.note)
        .await;
}
