//! What a tenant's status says. One patch for each reconcile, and none when nothing changed.

use std::sync::Arc;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use kube::{Resource as _, ResourceExt as _};
use tenantry_crd::{Tenant, TenantStatus, find};
use tenantry_domain::{ConditionType, Hostname, Violation};
use tenantry_probe::Health;

use super::findings::{self, Seen};
use super::hostnames::Admitted;
use super::identify::{self, Identity};
use super::plan::Outcome;
use super::standing::{self, Route, Standing};
use super::{events, lifecycle, observe, progress, release};
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
    let seen = seen(tenant, &status, context);
    let findings = findings::of_refused(&status, violations, seen.as_ref());
    findings::write(&mut status, tenant, findings, now);
    publish(tenant, &version, before, &status, context).await?;
    if let Ok(key) = tenant.key() {
        context.backoff.reset(&key.to_string());
    }
    Ok(Action::requeue(lifecycle::look_again(life, now)))
}

/// What is seen of a tenant while nothing is done by its spec. Nothing of one whose name is refused.
fn seen(tenant: &Tenant, status: &TenantStatus, context: &Context) -> Option<Seen> {
    let key = tenant.key().ok()?;
    let standing = standing::of(&key, observe::was_built(tenant), context);
    let is_published = standing.route != Route::Absent;
    let hostname = hostname_of(status);
    let hostname = hostname.filter(|_| is_published && status.provisioned_in.is_some());
    if let Some(hostname) = &hostname {
        context.prober.watch(&key, hostname, known_health(status));
    }
    Some(Seen {
        standing,
        asked: hostname.is_some(),
        verdict: context.prober.verdict(&key),
    })
}

/// The hostname under which the tenant was last told to be found.
fn hostname_of(status: &TenantStatus) -> Option<Hostname> {
    let (_, address) = status.url.as_deref()?.split_once("://")?;
    let (host, _) = address.split_once(':').unwrap_or((address, ""));
    host.parse().ok()
}

/// What the probe begins with. While its release is changed, nobody has seen its login page.
fn known_health(status: &TenantStatus) -> Health {
    if status.ongoing_release_change().is_some() {
        return Health::Awaited;
    }
    findings::known_health(find(&status.conditions, ConditionType::Serving))
}

/// Says what kept us from looking at the tenant at all.
pub(super) async fn fail(tenant: &Arc<Tenant>, error: &Error, context: &Context) -> Result<()> {
    if error.is_conflict() {
        return Ok(());
    }
    let before = tenant.status.as_ref();
    let mut status = before.cloned().unwrap_or_default();
    let seen = seen(tenant, &status, context);
    let findings = findings::of_failed(&status, error, seen.as_ref());
    findings::write(&mut status, tenant, findings, Timestamp::now());
    let version = tenant.resource_version().unwrap_or_default();
    match publish(tenant, &version, before, &status, context).await {
        // Its identity was written meanwhile; the next attempt knows it.
        Err(error) if error.is_conflict() => Ok(()),
        outcome => outcome,
    }
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
    if is_to_be_asked(identity, standing, outcome) {
        let known = known_health(&identity.status);
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

/// Whether the probe asks the tenant for its login page: what is published is asked, whatever else is
/// waited for. While its release is changed, whoever changes it says so.
fn is_to_be_asked(
    identity: &Identity,
    standing: &Standing,
    outcome: std::result::Result<&Outcome, &Error>,
) -> bool {
    let changes = identity.status.ongoing_release_change().is_some();
    match outcome {
        Ok(Outcome::Applied { .. }) => true,
        Ok(Outcome::Parked { .. } | Outcome::Changing(_)) => false,
        Ok(Outcome::Waiting(_)) | Err(_) => standing.route != Route::Absent && !changes,
    }
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
