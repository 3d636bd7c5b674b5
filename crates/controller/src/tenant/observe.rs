//! What there is of a tenant. An API or database error is an error, never "absent".

use kube::runtime::reflector::ObjectRef;
use secrecy::SecretString;
use tenantry_crd::{DatabaseServer, TemplateStatus, Tenant, TenantStatus, holds};
use tenantry_database::{BUILD_SCRIPT, Database, Phase, TenantDatabase};
use tenantry_domain::{
    ConditionType, PartnerFacts, Reason, Step, ValidTenant, Violation, validate as validate_request,
};
use tenantry_probe::Health;
use tenantry_render::names;
use tenantry_render::template::Template;

use super::identify::Identity;
use super::standing::{Route, Standing};
use super::{hostnames, timeline};
use crate::context::Context;
use crate::error::Result;
use crate::servers::{Reached, Unusable};

/// What there is of a tenant.
pub(super) struct Observed {
    /// Its database.
    pub(super) database: DatabaseState,
    /// Whether the workload's pod passed its readiness probe.
    pub(super) workload_ready: bool,
    /// Where its hostnames lead.
    pub(super) edge: Edge,
    /// Whether its volume is not there although it had one.
    pub(super) volume_is_gone: bool,
}

/// Where a tenant's hostnames lead; for a moment to both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// To its workload.
    pub(super) published: bool,
    /// To the parking page.
    pub(super) parked: bool,
}

/// How far the tenant's database came.
pub(super) enum DatabaseState {
    /// Its server cannot be used.
    ServerMissing(Unusable),
    /// There is no template to clone it from yet; with what is said of it.
    TemplateMissing(String),
    /// It was handed to the tenant once, and the tenant cannot have it any more. Nothing makes it
    /// anew: an empty database in place of a lost one would hide the loss.
    Lost(Loss),
    /// It is there, and the server does not take the password that its role should have.
    PasswordRejected(Box<Reached>),
    /// It is to be cloned, or the clone is to be finished.
    Unfinished(Box<Reached>),
    /// Its release is being changed.
    Changing,
    /// It has its identity and its role may connect.
    Ready {
        /// Where it is.
        reached: Box<Reached>,
        /// How many connections its role may have.
        connections: Option<u16>,
    },
}

impl DatabaseState {
    /// The server that it is on, or is going to be.
    pub(super) fn reached(&self) -> Option<&Reached> {
        match self {
            Self::PasswordRejected(reached)
            | Self::Unfinished(reached)
            | Self::Ready { reached, .. } => Some(reached),
            Self::ServerMissing(_) | Self::TemplateMissing(_) | Self::Lost(_) | Self::Changing => {
                None
            }
        }
    }
}

/// What a tenant had and has no more, until somebody restores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// Its database.
    Database,
    /// The role that its database belonged to.
    Role,
    /// That role's right to log in or to connect.
    Access,
    /// Its volume.
    Volume,
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

/// Looks at everything that a tenant consists of.
pub(super) async fn observe(
    tenant: &Tenant,
    valid: &ValidTenant,
    identity: &Identity,
    standing: &Standing,
    context: &Context,
) -> Result<Observed> {
    Ok(Observed {
        database: database(tenant, valid, identity, standing, context).await?,
        workload_ready: standing.is_ready(),
        volume_is_gone: standing.volume_is_gone,
        edge: Edge {
            published: standing.route != Route::Absent,
            parked: hostnames::parked_ingress(&identity.id, context).is_some(),
        },
    })
}

async fn database(
    tenant: &Tenant,
    valid: &ValidTenant,
    identity: &Identity,
    standing: &Standing,
    context: &Context,
) -> Result<DatabaseState> {
    let server = match context.usable_server(&valid.database_server) {
        Ok(server) => server,
        Err(unusable) => return Ok(DatabaseState::ServerMissing(unusable)),
    };
    let Some(reached) = context.reach(&server).await?.map(Box::new) else {
        let said = Unusable::Starting("its login is not there yet".to_owned());
        return Ok(DatabaseState::ServerMissing(said));
    };
    let status = &identity.status;
    let name = TenantDatabase::new(identity.id.as_str())?;
    match reached.connection.database(&name).await? {
        Database::Present(found) if found.phase == Phase::Ready => {
            if let Some(loss) = loss(&found) {
                return Ok(DatabaseState::Lost(loss));
            }
            let suspect = is_suspect(tenant, valid, standing, context);
            return Ok(match password(valid, context).filter(|_| suspect) {
                Some(password) if !reached.connection.accepts(&name, &password).await? => {
                    DatabaseState::PasswordRejected(reached)
                }
                _ => DatabaseState::Ready {
                    reached,
                    connections: found.connections,
                },
            });
        }
        Database::Absent if had_database(tenant, status) => {
            return Ok(DatabaseState::Lost(Loss::Database));
        }
        Database::Present(found) if found.phase.changes_release() => {
            return Ok(DatabaseState::Changing);
        }
        _ => {}
    }
    Ok(template(valid, &server, reached))
}

/// What the role of a database that was handed over lacks.
fn loss(found: &tenantry_database::Tenant) -> Option<Loss> {
    match (found.has_role, found.admitted) {
        (false, _) => Some(Loss::Role),
        (true, false) => Some(Loss::Access),
        (true, true) => None,
    }
}

/// Whether the tenant's database was ever handed over. One that is adopted was.
fn had_database(tenant: &Tenant, status: &TenantStatus) -> bool {
    tenant.spec.adopt.is_some()
        || holds(&status.conditions, ConditionType::DatabaseReady)
        || status.provisioned_in.is_some()
        || timeline::ended(&status.provisioning, Step::Database).is_some()
}

/// Whether a tenant that was built is in trouble, so that it is worth a login to see whether its
/// password is the cause.
fn is_suspect(
    tenant: &Tenant,
    valid: &ValidTenant,
    standing: &Standing,
    context: &Context,
) -> bool {
    let verdict = context.prober.verdict(&valid.key);
    let down = verdict.is_some_and(|verdict| verdict.health == Health::Down);
    was_built(tenant) && (down || !standing.is_ready())
}

/// Whether everything that a tenant has was made once, by us or by whoever left it to be adopted.
pub(super) fn was_built(tenant: &Tenant) -> bool {
    let status = tenant.status.as_ref();
    let provisioned = status.is_some_and(|status| status.provisioned_in.is_some());
    provisioned || tenant.spec.adopt.is_some()
}

fn password(tenant: &ValidTenant, context: &Context) -> Option<SecretString> {
    let children = &context.world.children;
    children.password(&tenant.key.namespace(), names::DATABASE_SECRET)
}

/// Whether there is a template to clone the tenant's database from.
fn template(tenant: &ValidTenant, server: &DatabaseServer, reached: Box<Reached>) -> DatabaseState {
    let key = Template::of(tenant).key(BUILD_SCRIPT);
    let status = server.status.as_ref();
    let templates = status.map(|status| &status.templates[..]);
    let found = templates
        .unwrap_or_default()
        .iter()
        .find(|template| template.name == key);
    match found {
        Some(TemplateStatus { sealed: true, .. }) => DatabaseState::Unfinished(reached),
        Some(template) => {
            DatabaseState::TemplateMissing(template.message.clone().unwrap_or_default())
        }
        None => DatabaseState::TemplateMissing("it has not been begun".to_owned()),
    }
}
