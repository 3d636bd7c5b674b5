//! What a tenant's status says. One patch for each reconcile, and none when nothing changed.

use std::sync::Arc;

use jiff::Timestamp;
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use kube::{Resource as _, ResourceExt as _};
use tenantry_crd::{Tenant, TenantStatus, holds};
use tenantry_domain::{ConditionType, ValidTenant, Violation};

use super::findings::{self, Finding};
use super::identify::{self, Identity};
use super::plan::Outcome;
use super::{apply, progress, release};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::LOOK_AGAIN;

/// Says why a spec is refused. What the tenant has already is left alone.
pub(super) async fn refuse(
    tenant: &Arc<Tenant>,
    context: &Context,
    violations: &[Violation],
) -> Result<Action> {
    let reason = violations
        .first()
        .map_or("Invalid", |violation| violation.reason.as_str());
    let message = violations
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ");
    let mut findings = vec![Finding::new(
        ConditionType::Accepted,
        false,
        reason,
        message.clone(),
    )];
    let mut status = tenant.status.clone().unwrap_or_default();
    if status.provisioned_in.is_none() {
        findings.push(Finding::new(ConditionType::Ready, false, reason, message));
    }
    findings::write(&mut status, tenant, findings, Timestamp::now());
    let version = tenant.resource_version().unwrap_or_default();
    publish(tenant, &version, tenant.status.as_ref(), &status, context).await?;
    Ok(Action::requeue(LOOK_AGAIN))
}

/// Says how the tenant stands after `outcome`.
pub(super) async fn report(
    tenant: &Tenant,
    valid: &ValidTenant,
    identity: &Identity,
    outcome: std::result::Result<&Outcome, &Error>,
    context: &Context,
) -> Result<()> {
    let was_serving = holds(&identity.status.conditions, ConditionType::Serving);
    if matches!(outcome, Ok(Outcome::Applied { .. })) {
        apply::watch(context, valid, was_serving);
    }
    let verdict = context.prober.verdict(&valid.key);
    let mut status = identity.status.clone();
    identify::decided(&mut status, valid, context, &identity.id);
    release::note(&mut status, valid, outcome.ok());
    let now = Timestamp::now();
    if status.provisioned_in.is_none() {
        progress::advance(&mut status, outcome, verdict.as_ref(), now);
    }
    let findings = findings::of(&status, valid, outcome, verdict.as_ref());
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
async fn publish(
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
    let about = tenant.object_ref(&());
    if let (None, Some(time)) = (&before.provisioned_in, &status.provisioned_in) {
        let url = status.url.as_deref().unwrap_or_default();
        let note = format!("serves at {url} after {time}");
        context
            .cluster
            .tell(&about, EventType::Normal, "Provisioned", note)
            .await;
    }
    if let Some((kind, reason, note)) = release::news(&before, status) {
        context.cluster.tell(&about, kind, reason, note).await;
    }
    let refused = |status: &TenantStatus| {
        let accepted = ConditionType::Accepted.as_str();
        let refusal = status
            .conditions
            .iter()
            .find(|condition| condition.type_ == accepted);
        refusal
            .filter(|condition| condition.status == "False")
            .map(|condition| (condition.reason.clone(), condition.message.clone()))
    };
    if let Some((reason, message)) =
        refused(status).filter(|new| refused(&before).as_ref() != Some(new))
    {
        context
            .cluster
            .tell(&about, EventType::Warning, &reason, message)
            .await;
    }
    Ok(())
}
