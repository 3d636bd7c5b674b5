//! How far a change of a tenant's run state is, by what was observed of the tenant.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use tenantry_crd::Tenant;
use tenantry_domain::{Change, ConditionType, RunState};
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::v1alpha1::ChangeTenantMetadata;
use tonic::Code;

use super::{any, received, refused, summary, trace_id};
use crate::convert;
use crate::lifecycle::method;
use crate::refusal::Refusal;

/// How the change ended, once it has.
pub(super) fn outcome(tenant: &Tenant, change: Change) -> Result<Option<Outcome>, Refusal> {
    // With a time that is shorter than stopping takes, it is never seen at rest.
    if change == Change::Delete && tenant.metadata.deletion_timestamp.is_some() {
        return done(tenant);
    }
    if tenant.run_state() != change.target() {
        let message = format!(
            "the tenant's run state was changed to {:?} by somebody else",
            tenant.run_state()
        );
        let overruled = Refusal::new(Code::Aborted, "OVERRULED", message);
        return Ok(Some(Outcome::Error(overruled.into_operation_error())));
    }
    let refusal = observed(tenant, ConditionType::Accepted).filter(|found| found.status == "False");
    match refusal {
        // What cannot be built can be deleted all the same.
        Some(_) if change == Change::Delete => done(tenant),
        Some(refusal) => Ok(Some(refused(refusal))),
        None if is_made(tenant) => done(tenant),
        None => Ok(None),
    }
}

/// The end of a change that is made.
pub(super) fn done(tenant: &Tenant) -> Result<Option<Outcome>, Refusal> {
    Ok(Some(Outcome::Response(any(&convert::message(tenant)?))))
}

/// Whether the tenant has come to the run state that its spec says.
pub(super) fn is_made(tenant: &Tenant) -> bool {
    observed(tenant, ConditionType::Ready).is_some_and(|ready| match tenant.run_state() {
        RunState::Running => ready.status == "True",
        RunState::Suspended => ready.reason == "Suspended",
        RunState::Deleted => ready.reason == "Deleted",
    })
}

/// The condition, when it is about the spec as it is now.
fn observed(tenant: &Tenant, kind: ConditionType) -> Option<&Condition> {
    let conditions = &tenant.status.as_ref()?.conditions;
    conditions.iter().find(|condition| {
        condition.type_ == kind.as_str()
            && condition.observed_generation == tenant.metadata.generation
    })
}

/// What is told of the change.
pub(super) fn metadata(tenant: &Tenant, change: Change) -> Result<ChangeTenantMetadata, Refusal> {
    let key = tenant
        .key()
        .map_err(|violation| Refusal::bug("a tenant has an impossible name", &violation))?;
    Ok(ChangeTenantMetadata {
        tenant: key.to_string(),
        create_time: received(tenant),
        method: method(change).to_owned(),
        message: tenant.status.as_ref().and_then(summary).unwrap_or_default(),
        trace_id: trace_id(tenant).unwrap_or_default(),
    })
}
