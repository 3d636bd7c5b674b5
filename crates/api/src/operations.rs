//! `google.longrunning.Operations`: how far the creation and the latest change of a tenant are.
//!
//! There is no store yet: an operation is what the tenant that carries its id says.

use std::time::Duration;

use futures::{StreamExt as _, pin_mut};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::ResourceExt as _;
use kube::runtime::watcher::watch_object;
use prost::{Message, Name};
use tenantry_crd::{StepStatus, Tenant, TenantStatus, labels};
use tenantry_domain::{Change, ConditionType, Fault, Violation};
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::longrunning::operations_server::Operations as OperationsService;
use tenantry_proto::longrunning::{
    CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest,
    ListOperationsResponse, Operation, WaitOperationRequest,
};
use tenantry_proto::v1alpha1::CreateTenantMetadata;
use tenantry_telemetry::trace;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Response, Status};

use crate::cluster::Cluster;
use crate::lifecycle::changed_by;
use crate::page::Page;
use crate::refusal::{Refusal, upper_snake};
use crate::tenants::not_found;
use crate::{convert, telemetry};

mod change;

const COLLECTION: &str = "operations";
/// How long a call waits that does not say it.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);
/// How long a call waits at most.
const MAX_WAIT: Duration = Duration::from_mins(10);

/// The operations of this API.
pub(crate) struct Operations {
    cluster: Cluster,
    ended: CancellationToken,
}

impl Operations {
    /// Waiting calls answer when `ended` is cancelled.
    pub(crate) fn new(cluster: Cluster, ended: CancellationToken) -> Self {
        Self { cluster, ended }
    }

    /// The tenant that remembers the operation, and the operation.
    async fn find(&self, name: &str) -> Result<(Tenant, Operation), Refusal> {
        telemetry::about_operation(&name);
        let id = parse_id(name)?;
        let tenant = self.cluster.tenant_of_operation(id).await?;
        let tenant = tenant.ok_or_else(|| gone(name))?;
        let operation = remembered(&tenant, id)?.ok_or_else(|| gone(name))?;
        Ok((tenant, operation))
    }

    /// Waits on a watch of the one tenant until its operation is done, the caller's patience ends
    /// or the server does.
    async fn wait(&self, request: &WaitOperationRequest) -> Result<Operation, Refusal> {
        let deadline = Instant::now() + patience(request)?;
        let id = parse_id(&request.name)?;
        let (mut tenant, mut latest) = self.find(&request.name).await?;
        let key = tenant
            .key()
            .map_err(|violation| Refusal::bug("a tenant has an impossible name", &violation))?;
        telemetry::about_tenant(&key);
        let watch = watch_object(self.cluster.tenants(&key.partner), key.name.as_str())
            .take_until(self.ended.cancelled());
        pin_mut!(watch);
        while !latest.done {
            // The watch repairs itself after errors; until then the latest state stands.
            match timeout_at(deadline, watch.next()).await {
                Err(_) | Ok(None) => break,
                Ok(Some(Err(error))) => tracing::debug!(%error, "the watch was interrupted"),
                Ok(Some(Ok(seen))) => {
                    let followed = followed(id, &tenant, seen.as_ref())?;
                    latest = followed.ok_or_else(|| gone(&request.name))?;
                    tenant = seen.unwrap_or(tenant);
                }
            }
        }
        Ok(latest)
    }

    async fn list(
        &self,
        request: &ListOperationsRequest,
    ) -> Result<ListOperationsResponse, Refusal> {
        if !request.name.is_empty() && request.name != COLLECTION {
            return Err(gone(&request.name));
        }
        if !request.filter.is_empty() {
            return Err(Refusal::field(
                "filter",
                "FILTER_UNSUPPORTED",
                "must be empty",
            ));
        }
        let page = Page::new(
            COLLECTION.to_owned(),
            request.page_size,
            &request.page_token,
        )?;
        let parameters = page.parameters().labels(labels::OPERATION);
        let list = self.cluster.list(None, &parameters).await?;
        let operations = list.items.iter().map(operation).collect::<Result<_, _>>()?;
        Ok(ListOperationsResponse {
            operations,
            next_page_token: page.next_token(list.metadata.continue_),
            unreachable: Vec::new(),
        })
    }
}

#[tonic::async_trait]
impl OperationsService for Operations {
    async fn list_operations(
        &self,
        request: Request<ListOperationsRequest>,
    ) -> Result<Response<ListOperationsResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref()).await?))
    }

    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        let (_, operation) = self.find(&request.get_ref().name).await?;
        Ok(Response::new(operation))
    }

    async fn wait_operation(
        &self,
        request: Request<WaitOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        Ok(Response::new(self.wait(request.get_ref()).await?))
    }

    async fn delete_operation(
        &self,
        _: Request<DeleteOperationRequest>,
    ) -> Result<Response<pbjson_types::Empty>, Status> {
        Err(unsupported("deleted").into())
    }

    async fn cancel_operation(
        &self,
        _: Request<CancelOperationRequest>,
    ) -> Result<Response<pbjson_types::Empty>, Status> {
        Err(unsupported("cancelled").into())
    }
}

fn parse_id(name: &str) -> Result<&str, Refusal> {
    name.strip_prefix("operations/")
        .filter(|id| id.parse::<uuid::Uuid>().is_ok())
        .ok_or_else(|| gone(name))
}

fn unsupported(what: &str) -> Refusal {
    Refusal::new(
        Code::Unimplemented,
        "UNSUPPORTED",
        format!("operations cannot be {what}"),
    )
}

fn gone(name: &str) -> Refusal {
    not_found("OPERATION_NOT_FOUND", "operation", name)
}

fn patience(request: &WaitOperationRequest) -> Result<Duration, Refusal> {
    let Some(timeout) = request.timeout else {
        return Ok(DEFAULT_WAIT);
    };
    match (u64::try_from(timeout.seconds), u32::try_from(timeout.nanos)) {
        (Ok(seconds), Ok(nanos)) => Ok(Duration::new(seconds.min(600), nanos).min(MAX_WAIT)),
        _ => Err(Refusal::field(
            "timeout",
            "TIMEOUT_INVALID",
            "must not be negative",
        )),
    }
}

/// The id of the latest operation of `tenant`: its creation, or a change.
pub(crate) fn id(tenant: &Tenant) -> Option<&str> {
    tenant.labels().get(labels::OPERATION).map(String::as_str)
}

/// The latest operation of `tenant`.
pub(crate) fn operation(tenant: &Tenant) -> Result<Operation, Refusal> {
    let id = id(tenant).unwrap_or_default();
    match changed_by(tenant) {
        None => creation(tenant, id),
        Some(by) => Ok(named(
            id,
            any(&change::metadata(tenant, by)?),
            change::outcome(tenant, by)?,
        )),
    }
}

/// The operation of `tenant` with this id, its latest or its creation; nothing when it remembers none
/// such.
pub(crate) fn remembered(tenant: &Tenant, id: &str) -> Result<Option<Operation>, Refusal> {
    if self::id(tenant) == Some(id) {
        return operation(tenant).map(Some);
    }
    let made_it = tenant.labels().get(labels::CREATION);
    let is_creation = made_it.is_some_and(|made_it| made_it == id);
    is_creation.then(|| creation(tenant, id)).transpose()
}

fn creation(tenant: &Tenant, id: &str) -> Result<Operation, Refusal> {
    Ok(named(id, any(&metadata(tenant)?), outcome(tenant)?))
}

fn named(id: &str, metadata: pbjson_types::Any, result: Option<Outcome>) -> Operation {
    Operation {
        name: format!("{COLLECTION}/{id}"),
        metadata: Some(metadata),
        done: result.is_some(),
        result,
    }
}

/// The operation `id` of `before`, by what is seen of that tenant now; nothing when it is forgotten.
fn followed(
    id: &str,
    before: &Tenant,
    seen: Option<&Tenant>,
) -> Result<Option<Operation>, Refusal> {
    match seen.filter(|seen| seen.uid() == before.uid()) {
        Some(seen) => remembered(seen, id),
        None => of_purged(id, before),
    }
}

/// The operation `id` of a tenant that is gone since it was `last` seen: its deletion is done, and of
/// anything else nothing is left to tell.
fn of_purged(id: &str, last: &Tenant) -> Result<Option<Operation>, Refusal> {
    if self::id(last) != Some(id) || changed_by(last) != Some(Change::Delete) {
        return Ok(None);
    }
    Ok(Some(Operation {
        done: true,
        result: change::done(last)?,
        ..operation(last)?
    }))
}

/// The answer to a call that only validates: done, without a name, nothing created.
pub(crate) fn validated(tenant: &Tenant) -> Result<Operation, Refusal> {
    Ok(Operation {
        name: String::new(),
        metadata: Some(any(&metadata(tenant)?)),
        done: true,
        result: Some(Outcome::Response(any(&convert::message(tenant)?))),
    })
}

/// How the creation ended, once it has. A tenant that has served stays created, whatever happens
/// to it later; one that is not to run yet is created without having served.
fn outcome(tenant: &Tenant) -> Result<Option<Outcome>, Refusal> {
    let Some(status) = &tenant.status else {
        return Ok(None);
    };
    if status.provisioned_in.is_some() || change::is_made(tenant) {
        return Ok(Some(Outcome::Response(any(&convert::message(tenant)?))));
    }
    let accepted = ConditionType::Accepted.as_str();
    let refusal = status
        .conditions
        .iter()
        .find(|condition| condition.type_ == accepted && condition.status == "False");
    Ok(refusal.map(refused))
}

/// The end of an operation whose tenant's spec is refused.
fn refused(condition: &Condition) -> Outcome {
    let reason = upper_snake(&condition.reason);
    let refusal = Refusal::new(Code::FailedPrecondition, reason, &condition.message);
    let refusal = match fault(condition) {
        Some(fault) => refusal.with("fault", fault.to_string()),
        None => refusal,
    };
    Outcome::Error(refusal.into_operation_error())
}

/// Who has to act for the spec to be accepted. A condition says it with the last words of its message
/// and nowhere else.
fn fault(condition: &Condition) -> Option<Fault> {
    let ends = |fault: &Fault| format!("({fault}; {})", Violation::RETRY);
    let mut faults = [Fault::Caller, Fault::Platform].into_iter();
    faults.find(|fault| condition.message.ends_with(&ends(fault)))
}

/// What is told of the creation. When it was received, and its trace, are forgotten with a later call.
fn metadata(tenant: &Tenant) -> Result<CreateTenantMetadata, Refusal> {
    let is_latest = changed_by(tenant).is_none();
    let key = tenant
        .key()
        .map_err(|violation| Refusal::bug("a tenant has an impossible name", &violation))?;
    let mut steps: Vec<&StepStatus> = tenant
        .status
        .iter()
        .flat_map(|status| &status.provisioning)
        .collect();
    steps.sort_by_key(|step| step.start_time.0);
    Ok(CreateTenantMetadata {
        tenant: key.to_string(),
        create_time: if is_latest {
            received(tenant)
        } else {
            created(tenant)
        },
        steps: steps
            .into_iter()
            .map(convert::through_json)
            .collect::<Result<_, _>>()?,
        message: tenant.status.as_ref().and_then(summary).unwrap_or_default(),
        provisioned_in: tenant
            .status
            .as_ref()
            .and_then(|status| status.provisioned_in.clone())
            .unwrap_or_default(),
        trace_id: trace_id(tenant).filter(|_| is_latest).unwrap_or_default(),
    })
}

/// The trace of the latest call.
fn trace_id(tenant: &Tenant) -> Option<String> {
    trace::trace_id(tenant.annotations().get(labels::TRACEPARENT)?)
}

/// When the latest call was received.
fn received(tenant: &Tenant) -> Option<tenantry_proto::Timestamp> {
    let noted = tenant
        .annotations()
        .get(labels::RECEIVED_AT)
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    match noted {
        Some(time) => Some(time.into()),
        None => created(tenant),
    }
}

/// When the object was created.
fn created(tenant: &Tenant) -> Option<tenantry_proto::Timestamp> {
    let time = tenant.metadata.creation_timestamp.as_ref();
    time.map(convert::timestamp)
}

fn summary(status: &TenantStatus) -> Option<String> {
    let ready = ConditionType::Ready.as_str();
    status
        .conditions
        .iter()
        .find(|condition| condition.type_ == ready)
        .map(|condition| condition.message.clone())
}

fn any<M: Message + Name>(message: &M) -> pbjson_types::Any {
    pbjson_types::Any {
        type_url: M::type_url(),
        value: message.encode_to_vec().into(),
    }
}

#[cfg(test)]
mod tests;
