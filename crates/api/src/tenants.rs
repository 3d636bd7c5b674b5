//! `TenantService`: creates and reads tenants, and says which of them run.

use jiff::Timestamp;
use kube::ResourceExt as _;
use tenantry_crd::{Tenant, labels};
use tenantry_domain::{Change, PartnerName, TenantKey, TenantName};
use tenantry_proto::longrunning::Operation;
use tenantry_proto::v1alpha1::tenant_service_server::TenantService;
use tenantry_proto::v1alpha1::{
    CreateTenantRequest, DeleteTenantRequest, GetTenantRequest, ListTenantsRequest,
    ListTenantsResponse, ResumeTenantRequest, SuspendTenantRequest, Tenant as TenantMessage,
    UndeleteTenantRequest,
};
use tenantry_telemetry::trace;
use tonic::{Code, Request, Response, Status};
use tracing::Span;
use uuid::Uuid;

use crate::cluster::{Cluster, Creation};
use crate::lifecycle::{self, Asked};
use crate::page::Page;
use crate::refusal::Refusal;
use crate::{admission, convert, operations, telemetry};

/// In place of a partner's name: all of them.
const ANY: &str = "-";

/// Creates and reads tenants.
pub(crate) struct Tenants {
    cluster: Cluster,
}

impl Tenants {
    pub(crate) fn new(cluster: Cluster) -> Self {
        Self { cluster }
    }

    async fn create(
        &self,
        request: CreateTenantRequest,
        received: Timestamp,
    ) -> Result<Operation, Refusal> {
        let key = requested_key(&request)?;
        telemetry::about_tenant(&key);
        let id = operation_id(&key.to_string(), &request.request_id)?;
        let mut tenant = requested_tenant(&key, &request)?;
        // Before anything is judged by how things are now: they may have changed since the first call.
        if let Some(operation) = self.repeated(&key, &id).await? {
            return Ok(operation);
        }
        admission::admit(&self.cluster, &tenant).await?;
        mark(&mut tenant, &id, received);
        match self
            .cluster
            .create(&key, &tenant, request.validate_only)
            .await?
        {
            Creation::Created(tenant) if request.validate_only => operations::validated(&tenant),
            Creation::Created(tenant) => {
                telemetry::about_operation(&id);
                tracing::info!("tenant created");
                operations::operation(&tenant)
            }
            // Another call was faster.
            Creation::Exists => self.repeated(&key, &id).await?.ok_or_else(|| exists(&key)),
        }
    }

    /// The operation of the first call, when this is a repetition of it; nothing when there is no
    /// such tenant.
    async fn repeated(&self, key: &TenantKey, id: &Uuid) -> Result<Option<Operation>, Refusal> {
        let Some(tenant) = self.cluster.tenant(key).await? else {
            return Ok(None);
        };
        let operation = operations::remembered(&tenant, &id.to_string())?;
        if operation.is_some() {
            telemetry::about_operation(id);
        }
        operation.ok_or_else(|| exists(key)).map(Some)
    }

    async fn get(&self, request: &GetTenantRequest) -> Result<TenantMessage, Refusal> {
        let key: TenantKey = request
            .name
            .parse()
            .map_err(|error| name_refusal("name", &error))?;
        telemetry::about_tenant(&key);
        match self.cluster.tenant(&key).await? {
            Some(tenant) => convert::message(&tenant),
            None => Err(not_found("TENANT_NOT_FOUND", "tenant", &key.to_string())),
        }
    }

    async fn list(&self, request: &ListTenantsRequest) -> Result<ListTenantsResponse, Refusal> {
        let partner = match partner_of(&request.parent)? {
            ANY => None,
            name => Some(parse_partner(name)?),
        };
        let page = Page::new(
            request.parent.clone(),
            request.page_size,
            &request.page_token,
        )?;
        let list = self
            .cluster
            .list(partner.as_ref(), &page.parameters())
            .await?;
        if let Some(partner) = &partner
            && list.items.is_empty()
            && page.is_first()
        {
            self.require_partner(partner).await?;
        }
        let mut tenants = list
            .items
            .iter()
            .filter(|tenant| tenant.key().is_ok())
            .map(convert::message)
            .collect::<Result<Vec<_>, _>>()?;
        tenants.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(ListTenantsResponse {
            tenants,
            next_page_token: page.next_token(list.metadata.continue_),
            unreachable: Vec::new(),
        })
    }

    async fn change(&self, asked: Asked<'_>) -> Result<Response<Operation>, Status> {
        Ok(Response::new(
            lifecycle::change(&self.cluster, asked).await?,
        ))
    }

    async fn require_partner(&self, name: &PartnerName) -> Result<(), Refusal> {
        match self.cluster.partner(name).await? {
            Some(_) => Ok(()),
            None => Err(partner_not_found(name)),
        }
    }
}

#[tonic::async_trait]
impl TenantService for Tenants {
    async fn create_tenant(
        &self,
        request: Request<CreateTenantRequest>,
    ) -> Result<Response<Operation>, Status> {
        let received = Timestamp::now();
        let operation = self.create(request.into_inner(), received).await?;
        Ok(Response::new(operation))
    }

    async fn get_tenant(
        &self,
        request: Request<GetTenantRequest>,
    ) -> Result<Response<TenantMessage>, Status> {
        Ok(Response::new(self.get(request.get_ref()).await?))
    }

    async fn list_tenants(
        &self,
        request: Request<ListTenantsRequest>,
    ) -> Result<Response<ListTenantsResponse>, Status> {
        Ok(Response::new(self.list(request.get_ref()).await?))
    }

    async fn suspend_tenant(
        &self,
        request: Request<SuspendTenantRequest>,
    ) -> Result<Response<Operation>, Status> {
        let request = request.get_ref();
        let asked = Asked {
            change: Change::Suspend,
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
        };
        self.change(asked).await
    }

    async fn resume_tenant(
        &self,
        request: Request<ResumeTenantRequest>,
    ) -> Result<Response<Operation>, Status> {
        let request = request.get_ref();
        let asked = Asked {
            change: Change::Resume,
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
        };
        self.change(asked).await
    }

    async fn delete_tenant(
        &self,
        request: Request<DeleteTenantRequest>,
    ) -> Result<Response<Operation>, Status> {
        let request = request.get_ref();
        let asked = Asked {
            change: Change::Delete,
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
        };
        self.change(asked).await
    }

    async fn undelete_tenant(
        &self,
        request: Request<UndeleteTenantRequest>,
    ) -> Result<Response<Operation>, Status> {
        let request = request.get_ref();
        let asked = Asked {
            change: Change::Undelete,
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
        };
        self.change(asked).await
    }
}

fn partner_of(parent: &str) -> Result<&str, Refusal> {
    match parent.strip_prefix("partners/") {
        Some(name) if !name.is_empty() && !name.contains('/') => Ok(name),
        _ => Err(Refusal::field(
            "parent",
            "NAME_INVALID",
            format!("must be partners/{{partner}}, but is {parent:?}"),
        )),
    }
}

fn parse_partner(name: &str) -> Result<PartnerName, Refusal> {
    name.parse().map_err(|error| name_refusal("parent", &error))
}

/// A name that is none.
pub(crate) fn name_refusal(field: &str, error: &tenantry_domain::NameError) -> Refusal {
    Refusal::field(field, "NAME_INVALID", error.to_string())
}

/// Nothing has this name.
pub(crate) fn not_found(reason: &str, kind: &str, name: &str) -> Refusal {
    Refusal::new(Code::NotFound, reason, format!("there is no {kind} {name}")).with(kind, name)
}

fn exists(key: &TenantKey) -> Refusal {
    let message = format!("{key} exists already");
    Refusal::new(Code::AlreadyExists, "TENANT_EXISTS", message).with("tenant", key.to_string())
}

/// There is no such partner.
pub(crate) fn partner_not_found(name: &PartnerName) -> Refusal {
    not_found("PARTNER_NOT_FOUND", "partner", name.as_str())
}

fn requested_key(request: &CreateTenantRequest) -> Result<TenantKey, Refusal> {
    let name: Result<TenantName, _> = request.tenant_id.parse();
    Ok(TenantKey {
        partner: parse_partner(partner_of(&request.parent)?)?,
        name: name.map_err(|error| name_refusal("tenant_id", &error))?,
    })
}

/// The object that the request describes, right in itself.
fn requested_tenant(key: &TenantKey, request: &CreateTenantRequest) -> Result<Tenant, Refusal> {
    let message = request
        .tenant
        .as_ref()
        .ok_or_else(|| Refusal::field("tenant", "FIELD_REQUIRED", "is required"))?;
    if let Some(label) = message
        .labels
        .keys()
        .find(|name| convert::is_reserved(name))
    {
        let field = format!("tenant.labels[{label}]");
        return Err(Refusal::field(
            &field,
            "LABEL_RESERVED",
            "is not for callers to set",
        ));
    }
    tenantry_proto::judge(&convert::document(key, message)?).map_err(Refusal::document)
}

/// A call with a request id always has the same operation, so that its repetition is recognised
/// by the tenant alone.
pub(crate) fn operation_id(about: &str, request_id: &str) -> Result<Uuid, Refusal> {
    if request_id.is_empty() {
        return Ok(Uuid::now_v7());
    }
    let request_id: Uuid = request_id.parse().map_err(|_| {
        Refusal::field(
            "request_id",
            "REQUEST_ID_INVALID",
            format!("must be a UUID, but is {request_id:?}"),
        )
    })?;
    Ok(Uuid::new_v5(&request_id, about.as_bytes()))
}

/// Says on the object which call made it, when the call came, and where it is in which trace.
fn mark(tenant: &mut Tenant, id: &Uuid, received: Timestamp) {
    let own_labels = tenant.labels_mut();
    own_labels.insert(labels::DOOR.to_owned(), "API".to_owned());
    own_labels.insert(labels::OPERATION.to_owned(), id.to_string());
    own_labels.insert(labels::CREATION.to_owned(), id.to_string());
    let annotations = tenant.annotations_mut();
    annotations.insert(labels::OPERATION.to_owned(), id.to_string());
    annotations.insert(labels::RECEIVED_AT.to_owned(), format!("{received:.6}"));
    if let Some(traceparent) = trace::traceparent(&Span::current()) {
        annotations.insert(labels::TRACEPARENT.to_owned(), traceparent);
    }
}

#[cfg(test)]
mod tests;
