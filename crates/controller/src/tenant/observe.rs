//! What there is of a tenant. An API or database error is an error, never "absent".

use kube::runtime::reflector::ObjectRef;
use tenantry_crd::{TemplateStatus, Tenant, holds};
use tenantry_database::{BUILD_SCRIPT, Database, Phase, Server, TenantDatabase};
use tenantry_domain::{
    ConditionType, PartnerFacts, Reason, TenantId, ValidTenant, Violation,
    validate as validate_request,
};
use tenantry_render::template::Template;
use tenantry_render::{Kind, names};

use crate::context::Context;
use crate::error::{Error, Result};

/// What there is of a tenant.
pub(super) struct Observed {
    /// Its database.
    pub(super) database: DatabaseState,
    /// Whether the workload's pod passed its readiness probe.
    pub(super) workload_ready: bool,
    /// Whether the Ingress is there.
    pub(super) published: bool,
}

/// How far the tenant's database came.
pub(super) enum DatabaseState {
    /// Its server cannot be used yet.
    ServerMissing,
    /// There is no template to clone it from yet; with what is said of it.
    TemplateMissing(String),
    /// It was handed to the tenant once and is not there any more. Nothing makes it anew: an
    /// empty database in place of a lost one would hide the loss.
    Lost,
    /// It is to be cloned, or the clone is to be finished.
    Unfinished(Box<Server>),
    /// Its release is being changed.
    Changing,
    /// It has its identity and its role may connect.
    Ready,
}

/// What the spec means, or all that is wrong with it.
pub(crate) fn validate(
    context: &Context,
    tenant: &Tenant,
) -> std::result::Result<ValidTenant, Vec<Violation>> {
    let request = tenant.request().map_err(|violation| vec![violation])?;
    let pinned = tenant.pinned().map_err(|violation| vec![violation])?;
    let world = &context.world;
    let partner = world
        .partners
        .get(&ObjectRef::new(request.key.partner.as_str()))
        .ok_or_else(|| {
            missing(
                "metadata.namespace",
                "PartnerNotFound",
                "Partner",
                request.key.partner.as_str(),
            )
        })?;
    let blueprint = world
        .blueprints
        .get(&ObjectRef::new(&tenant.spec.blueprint))
        .ok_or_else(|| {
            missing(
                "spec.blueprint",
                "BlueprintNotFound",
                "Blueprint",
                &tenant.spec.blueprint,
            )
        })?
        .facts()
        .map_err(|violation| vec![violation])?;
    validate_request(
        &request,
        &PartnerFacts::from(&partner.spec),
        &blueprint,
        &pinned,
        |name| context.release(name),
    )
}

fn missing(field: &str, reason: &'static str, kind: &str, name: &str) -> Vec<Violation> {
    vec![Violation {
        field: field.to_owned(),
        reason: Reason::new(reason),
        message: format!("there is no {kind} {name}; create it, or name another"),
    }]
}

/// Looks at everything that a tenant consists of. `was_ready` says whether its database was ever
/// seen ready.
pub(super) async fn observe(
    tenant: &ValidTenant,
    id: &TenantId,
    was_ready: bool,
    context: &Context,
) -> Result<Observed> {
    let children = &context.world.children;
    let namespace = tenant.key.namespace();
    let get = |kind| children.get(kind, Some(&namespace), names::ODOO);
    let workload_ready = get(Kind::Deployment).is_some_and(|deployment| {
        let status = &deployment.data["status"];
        status["observedGeneration"].as_i64() == deployment.metadata.generation
            && status["readyReplicas"].as_i64() == Some(1)
            && status["updatedReplicas"].as_i64() == Some(1)
    });
    Ok(Observed {
        database: database(tenant, id, was_ready, context).await?,
        workload_ready,
        published: get(Kind::Ingress).is_some(),
    })
}

async fn database(
    tenant: &ValidTenant,
    id: &TenantId,
    was_ready: bool,
    context: &Context,
) -> Result<DatabaseState> {
    let world = &context.world;
    let server = world
        .servers
        .get(&ObjectRef::new(tenant.database_server.as_str()))
        .filter(|server| {
            let status = server.status.as_ref();
            status.is_some_and(|status| holds(&status.conditions, ConditionType::Ready))
        });
    let connection = context
        .servers
        .get(&world.children, &tenant.database_server);
    let (Some(server), Some(connection)) = (server, connection) else {
        return Ok(DatabaseState::ServerMissing);
    };
    let name =
        TenantDatabase::new(id.as_str()).map_err(|error| Error::Invalid(error.to_string()))?;
    match connection.database(&name).await? {
        Database::Present(found) if found.phase == Phase::Ready && found.admitted => {
            return Ok(DatabaseState::Ready);
        }
        Database::Present(found) if found.phase.changes_release() => {
            return Ok(DatabaseState::Changing);
        }
        Database::Absent if was_ready => return Ok(DatabaseState::Lost),
        _ => {}
    }
    let key = Template::of(tenant).key(BUILD_SCRIPT);
    let templates = server
        .status
        .as_ref()
        .map(|status| &status.templates[..])
        .unwrap_or_default();
    Ok(
        match templates.iter().find(|template| template.name == key) {
            Some(TemplateStatus { sealed: true, .. }) => {
                DatabaseState::Unfinished(Box::new(connection))
            }
            Some(template) => {
                DatabaseState::TemplateMissing(template.message.clone().unwrap_or_default())
            }
            None => DatabaseState::TemplateMissing("it has not been begun".to_owned()),
        },
    )
}
