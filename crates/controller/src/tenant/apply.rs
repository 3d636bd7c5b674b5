//! Does what was planned. There are no choices left here.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tenantry_database::{
    Administrator, BUILD_SCRIPT, Clone as CloneRequest, Identity, Server, TemplateDatabase,
    TenantDatabase,
};
use tenantry_domain::{TenantId, ValidTenant};
use tenantry_render::template::Template;
use tenantry_render::tenant as render;
use tenantry_render::{Kind, Object, names};

use super::observe::{DatabaseState, Observed};
use super::plan::{self, Destination, Outcome, Plan, Span, Waiting};
use super::{release, stop, volume};
use crate::context::Context;
use crate::error::Result;
use crate::password;
use crate::servers::Unusable;

/// Scheduled actions of clones begin spread over this time, or all would run in the same minute.
const CRON_SPREAD_SECONDS: u64 = 3600;

/// Carries out `plan`.
pub(super) async fn apply(
    plan: Plan,
    tenant: &ValidTenant,
    id: &TenantId,
    observed: &Observed,
    context: &Context,
) -> Result<Outcome> {
    match plan {
        Plan::Wait(waiting) => return Ok(Outcome::Waiting(waiting)),
        Plan::BeginChange(change) => return Ok(Outcome::Changing(change)),
        Plan::ContinueChange(change) => {
            let change = release::carry_out(change, tenant, id, observed, context).await?;
            return Ok(Outcome::Changing(change));
        }
        Plan::Build | Plan::Maintain => {}
    }
    let Some(reached) = observed.database.reached() else {
        let said = Unusable::Starting("it was not asked".to_owned());
        return Ok(Outcome::Waiting(Waiting::DatabaseServer(said)));
    };
    let input = render::Input {
        tenant,
        id,
        database: &reached.endpoint,
        settings: &context.settings,
    };
    let children = &context.world.children;
    let cluster = &context.cluster;
    let start = Timestamp::now();
    cluster
        .ensure(children, &[render::namespace(&input)])
        .await?;
    let secret = render::database_secret(&input, &password::generate());
    let database_password = cluster.keep_password(children, &secret).await?;
    let support = support(&input, context);
    let (objects, database) = tokio::try_join!(
        async {
            cluster.ensure(children, &support).await?;
            Ok(Span {
                start,
                end: Timestamp::now(),
            })
        },
        async {
            match &observed.database {
                DatabaseState::Unfinished(reached) => {
                    let server = &reached.connection;
                    // Made with the database alone: the password in a later one would log nobody in.
                    let secret = render::administrator_secret(&input, &password::generate());
                    let administrator = cluster.keep_password(children, &secret).await?;
                    clone(&input, server, &database_password, administrator)
                        .await
                        .map(Some)
                }
                DatabaseState::PasswordRejected(reached) => {
                    reset_password(id, &reached.connection, &database_password).await?;
                    Ok(None)
                }
                DatabaseState::Ready { connections, .. } => {
                    limit_connections(&input, &reached.connection, *connections).await?;
                    Ok(None)
                }
                _ => Ok(None),
            }
        },
    )?;
    cluster
        .ensure(children, &[render::workload(&input)])
        .await?;
    let namespace = input.tenant.key.namespace();
    cluster.prune(children, &namespace, &support).await?;
    publish(&input, observed, context).await?;
    let volume_refused = volume::grow(tenant, context).await?;
    Ok(Outcome::Applied {
        database,
        objects,
        workload_ready: observed.workload_ready,
        published: observed.edge.published,
        password_reset: matches!(observed.database, DatabaseState::PasswordRejected(_)),
        volume_refused,
    })
}

/// What the workload needs. A pod that is yet to be made begins with what is rendered now.
pub(super) fn support(input: &render::Input<'_>, context: &Context) -> Vec<Object> {
    let namespace = input.tenant.key.namespace();
    let children = &context.world.children;
    let exists = children.get(Kind::Deployment, Some(&namespace), names::ODOO);
    let support = render::support(input);
    match exists {
        Some(_) => support,
        None => support.into_iter().map(Object::anew).collect(),
    }
}

/// Gives the tenant's role back the password of its Secret. The data stays as it is.
async fn reset_password(id: &TenantId, server: &Server, password: &SecretString) -> Result<()> {
    let database = TenantDatabase::new(id.as_str())?;
    server.reset_password(&database, password).await?;
    tracing::warn!(
        database = database.name(),
        "a changed password was set back"
    );
    Ok(())
}

/// Leads the hostnames where they should lead. The new Ingress comes before the old one goes.
pub(super) async fn publish(
    input: &render::Input<'_>,
    observed: &Observed,
    context: &Context,
) -> Result<()> {
    let cluster = &context.cluster;
    let children = &context.world.children;
    if plan::destination(observed) == Destination::Parking {
        let parked = render::parked_ingress(input.tenant, input.id, input.settings);
        return cluster.ensure(children, &[parked]).await;
    }
    cluster.ensure(children, &[render::ingress(input)]).await?;
    if observed.edge.parked {
        stop::unpark(input.id, context).await?;
    }
    Ok(())
}

/// Clones the template and gives the clone its identity.
async fn clone(
    input: &render::Input<'_>,
    server: &Server,
    database_password: &SecretString,
    administrator_password: SecretString,
) -> Result<Span> {
    let start = Timestamp::now();
    let tenant = input.tenant;
    let identity = Identity {
        base_url: input.settings.ingress.url(tenant.hostname.as_str()),
        own_url: render::own_url(),
        company: tenant.display_name.clone(),
        administrator: Administrator {
            login: tenant.administrator.login.clone(),
            email: tenant.administrator.email.clone(),
            password: administrator_password,
        },
        language: tenant.language.clone(),
        timezone: Some(tenant.timezone.clone()),
        cron_offset: cron_offset(input.id),
    };
    let outcome = server
        .provision(&CloneRequest {
            tenant: &TenantDatabase::new(input.id.as_str())?,
            template: &TemplateDatabase::new(&Template::of(tenant).key(BUILD_SCRIPT))?,
            password: database_password,
            connections: tenant.size.connections(),
            identity: &identity,
        })
        .await?;
    tracing::info!(tenant = %tenant.key, ?outcome, "database was provisioned");
    Ok(Span {
        start,
        end: Timestamp::now(),
    })
}

/// Lets the tenant's role have as many connections as its size needs, when it is another number.
async fn limit_connections(
    input: &render::Input<'_>,
    server: &Server,
    limit: Option<u16>,
) -> Result<()> {
    let needed = input.tenant.size.connections();
    if limit == Some(needed) {
        return Ok(());
    }
    let database = TenantDatabase::new(input.id.as_str())?;
    Ok(server.limit_connections(&database, needed).await?)
}

/// The same for a tenant whenever it is asked, and spread over all tenants.
fn cron_offset(id: &TenantId) -> Duration {
    let sum = id.as_str().bytes().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    Duration::from_secs(sum % CRON_SPREAD_SECONDS)
}
