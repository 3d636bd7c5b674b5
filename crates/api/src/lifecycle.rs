//! Calls that change whether a tenant runs. Each writes the run state and the operation's id into
//! the Tenant, and nothing else.

use jiff::Timestamp;
use kube::ResourceExt as _;
use serde_json::{Value, json};
use tenantry_crd::{Tenant, labels};
use tenantry_domain::{Change, ChangeError, Life, RunState, TenantKey};
use tenantry_proto::longrunning::Operation;
use tenantry_telemetry::trace;
use tonic::Code;
use tracing::Span;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::refusal::Refusal;
use crate::tenants::{name_refusal, not_found, operation_id};
use crate::{convert, operations, telemetry};

/// How often the write is tried when somebody else, such as the controller, writes in between.
const ATTEMPTS: u32 = 10;

/// What a call asks for, whichever it is.
pub(crate) struct Asked<'a> {
    pub(crate) change: Change,
    pub(crate) name: &'a str,
    pub(crate) etag: &'a str,
    pub(crate) request_id: &'a str,
}

/// The call's name.
pub(crate) fn method(change: Change) -> &'static str {
    match change {
        Change::Suspend => "SuspendTenant",
        Change::Resume => "ResumeTenant",
        Change::Delete => "DeleteTenant",
        Change::Undelete => "UndeleteTenant",
    }
}

/// Makes the change, and returns its operation.
pub(crate) async fn change(cluster: &Cluster, asked: Asked<'_>) -> Result<Operation, Refusal> {
    let received = Timestamp::now();
    let key: TenantKey = asked
        .name
        .parse()
        .map_err(|error| name_refusal("name", &error))?;
    telemetry::about_tenant(&key);
    let id = operation_id(&format!("{key}:{}", method(asked.change)), asked.request_id)?;
    telemetry::about_operation(&id);
    for _ in 0..ATTEMPTS {
        let tenant = cluster
            .tenant(&key)
            .await?
            .ok_or_else(|| not_found("TENANT_NOT_FOUND", "tenant", &key.to_string()))?;
        if operations::id(&tenant) == Some(id.to_string().as_str()) {
            return operations::operation(&tenant);
        }
        judge(&asked, &key, &tenant, received)?;
        let patch = patch(asked.change, &tenant, &id, received);
        if let Some(changed) = cluster.change(&key, &tenant, patch).await? {
            tracing::info!(change = ?asked.change, "tenant changed");
            return operations::operation(&changed);
        }
    }
    Err(Refusal::new(
        Code::Aborted,
        "TENANT_BUSY",
        format!("{key} changes faster than it can be written; try again"),
    ))
}

fn judge(
    asked: &Asked<'_>,
    key: &TenantKey,
    tenant: &Tenant,
    now: Timestamp,
) -> Result<(), Refusal> {
    let etag = convert::etag(tenant);
    if !asked.etag.is_empty() && asked.etag != etag {
        let message = format!(
            "{key} has the etag {etag}, not {}; read it again",
            asked.etag
        );
        return Err(Refusal::new(Code::Aborted, "ETAG_MISMATCH", message).with("etag", etag));
    }
    let refused = |reason, message: String| {
        Refusal::new(Code::FailedPrecondition, reason, message).with("tenant", key.to_string())
    };
    if tenant.metadata.deletion_timestamp.is_some() || tenant.life(now) == Life::Expired {
        return Err(refused("TENANT_PURGED", format!("{key} is being removed")));
    }
    asked
        .change
        .judge(tenant.run_state(), tenant.is_protected())
        .map_err(|error| refused(reason(error), format!("{key}: {error}")))
}

fn reason(error: ChangeError) -> &'static str {
    match error {
        ChangeError::Deleted => "TENANT_DELETED",
        ChangeError::NotDeleted => "TENANT_NOT_DELETED",
        ChangeError::Protected => "TENANT_PROTECTED",
    }
}

fn patch(change: Change, tenant: &Tenant, id: &Uuid, received: Timestamp) -> Value {
    let mut patch = json!({"metadata": {
        "labels": {labels::OPERATION: id.to_string()},
        "annotations": {
            labels::OPERATION: id.to_string(),
            labels::OPERATION_METHOD: method(change),
            labels::RECEIVED_AT: format!("{received:.6}"),
            // That of another call is not this one's.
            labels::TRACEPARENT: trace::traceparent(&Span::current()),
        },
    }});
    // What is so already is not said again: its etag stays.
    if tenant.run_state() != change.target() {
        patch["spec"]["runState"] = match change.target() {
            // Left out, it is that.
            RunState::Running => Value::Null,
            RunState::Suspended => json!("Suspended"),
            RunState::Deleted => json!("Deleted"),
        };
    }
    patch
}

/// The change that the tenant's operation is about; nothing when that is its creation.
pub(crate) fn changed_by(tenant: &Tenant) -> Option<Change> {
    let noted = tenant.annotations().get(labels::OPERATION_METHOD)?;
    Change::ALL
        .into_iter()
        .find(|change| method(*change) == noted.as_str())
}

#[cfg(test)]
mod tests;
