//! A database server: PostgreSQL where it is managed, our login on it, and its template databases.

mod templates;
pub(crate) mod wake;

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use kube::{Resource as _, ResourceExt as _};
use tenantry_crd::{
    DatabaseServer, DatabaseServerStatus, ManagedDatabase, labels, merge_condition, new_condition,
};
use tenantry_database::{BUILDER_CONNECTIONS, Limits, Prepared};
use tenantry_domain::{Allocation, Capacity, ConditionType, Reason, ResourceName};
use tenantry_render::{Endpoint, Kind, Object, database_server as render, names};

use crate::context::Context;
use crate::diagnosis::{self, Diagnosis};
use crate::error::{Error, Result};
use crate::password;
use crate::placement;
use crate::run::LOOK_AGAIN;
use crate::servers::address;
use templates::Templates;

/// Why a server is not ready that comes by itself.
pub(crate) const STARTING: &str = "PostgreSQLStarting";

/// How far a server came.
enum Progress {
    /// Its pod is not ready, for this reason if there is one.
    Starting(Option<Diagnosis>),
    /// It was prepared for tenants.
    Prepared {
        endpoint: Endpoint,
        capacity: Capacity,
        templates: Templates,
    },
}

/// Makes a database server be prepared, with every template that is wanted on it.
pub(crate) async fn reconcile(
    server: Arc<DatabaseServer>,
    context: Arc<Context>,
) -> Result<Action> {
    if server.metadata.deletion_timestamp.is_some() || context.cluster.is_stale(&*server) {
        return Ok(Action::await_change());
    }
    let name: ResourceName = server.name_any().parse()?;
    let now = Timestamp::now();
    let outcome = ensure(&server, &name, &context, now).await;
    let allocation = placement::allocation(&context.world, &name);
    let status = status(&server, &name, outcome.as_ref(), allocation, now);
    if server.status.as_ref() != Some(&status) {
        let version = server.resource_version().unwrap_or_default();
        context.cluster.report(&*server, &version, &status).await?;
    }
    if let Progress::Prepared { templates, .. } = outcome? {
        for note in templates.lost {
            let about = server.object_ref(&());
            let kind = EventType::Warning;
            context
                .cluster
                .tell(&about, kind, "TemplateLost", &note)
                .await;
        }
        if let Some(failure) = templates.failure {
            return Err(failure);
        }
    }
    context.backoff.reset(name.as_str());
    Ok(Action::requeue(LOOK_AGAIN))
}

async fn ensure(
    server: &DatabaseServer,
    name: &ResourceName,
    context: &Context,
    now: Timestamp,
) -> Result<Progress> {
    let children = &context.world.children;
    let cluster = &context.cluster;
    cluster.ensure(children, &[render::namespace(name)]).await?;
    if let Some(managed) = &server.spec.managed {
        run(managed, name, context).await?;
        if !is_running(context, name) {
            return Ok(Progress::Starting(trouble(context, name)));
        }
    }
    let Some(reached) = context.look_up(server).await? else {
        return Ok(Progress::Starting(None));
    };
    if server.spec.managed.is_none() {
        let objects = render::external(name, &reached.endpoint, &context.settings);
        cluster.ensure(children, &objects).await?;
        let namespace = names::database_namespace(name);
        cluster.prune(children, &namespace, &objects).await?;
    }
    let found = reached.connection.prepare().await?;
    tracing::debug!(server = %name, version = found.version, "database server is prepared");
    let templates = templates::ensure(context, server, name, &reached, now).await?;
    Ok(Progress::Prepared {
        capacity: capacity(server, &found),
        templates,
        endpoint: reached.endpoint,
    })
}

/// Makes a PostgreSQL of our own run.
async fn run(managed: &ManagedDatabase, name: &ResourceName, context: &Context) -> Result<()> {
    let children = &context.world.children;
    let cluster = &context.cluster;
    cluster
        .keep_password(children, &render::login_secret(name, &password::generate()))
        .await?;
    let mut objects = render::server(name, managed, &context.settings);
    let namespace = names::database_namespace(name);
    let exists = children.get(Kind::StatefulSet, Some(&namespace), names::POSTGRESQL);
    if exists.is_none() {
        // A pod that is yet to be made begins with what is rendered now.
        objects = objects.into_iter().map(Object::anew).collect();
    }
    cluster.ensure(children, &objects).await?;
    cluster.prune(children, &namespace, &objects).await
}

/// The connections that the server has for us and for tenants.
fn capacity(server: &DatabaseServer, found: &Prepared) -> Capacity {
    let external = server.spec.external.as_ref();
    let allowed = external.and_then(|external| external.max_connections);
    let allowed = allowed.and_then(|allowed| u32::try_from(allowed).ok());
    let own = Limits::default().at_most() + usize::from(BUILDER_CONNECTIONS);
    Capacity::new(
        found.connections.min(allowed.unwrap_or(u32::MAX)),
        found.withheld,
        u32::try_from(own).unwrap_or(u32::MAX),
    )
}

/// What keeps a managed server's pod.
fn trouble(context: &Context, name: &ResourceName) -> Option<Diagnosis> {
    let namespace = names::database_namespace(name);
    let sights = &context.world.sights;
    diagnosis::of_pods(&sights.pods(&namespace, labels::APP, names::POSTGRESQL))
}

fn is_running(context: &Context, name: &ResourceName) -> bool {
    let namespace = names::database_namespace(name);
    context
        .world
        .children
        .get(Kind::StatefulSet, Some(&namespace), names::POSTGRESQL)
        .is_some_and(|set| set.data["status"]["readyReplicas"].as_i64() == Some(1))
}

fn status(
    server: &DatabaseServer,
    name: &ResourceName,
    outcome: std::result::Result<&Progress, &Error>,
    allocation: Allocation,
    now: Timestamp,
) -> DatabaseServerStatus {
    let mut status = server.status.clone().unwrap_or_default();
    status.endpoint = Some(address(server, name));
    let capacity = match outcome {
        Ok(Progress::Prepared { capacity, .. }) => Some(*capacity),
        _ => placement::capacity(server),
    };
    status.connections =
        capacity.map(|capacity| placement::connections_status(capacity, allocation));
    let (ready, reason, message) = match outcome {
        Ok(Progress::Prepared {
            endpoint,
            templates,
            ..
        }) => {
            let templates = &templates.statuses;
            let sealed = templates.iter().filter(|template| template.sealed).count();
            let message = format!("{sealed} of {} templates can be cloned", templates.len());
            status.templates.clone_from(templates);
            status.authorities = endpoint.authorities_hash();
            (true, "Prepared", message)
        }
        Ok(Progress::Starting(Some(trouble))) => (false, trouble.reason, trouble.message()),
        Ok(Progress::Starting(None)) => (false, STARTING, "its pod is not ready yet".to_owned()),
        Err(error) => (false, error.category(), error.message()),
    };
    let ready = new_condition(
        ConditionType::Ready,
        ready,
        &Reason::new(reason),
        message,
        server.metadata.generation,
        Time(now),
    );
    merge_condition(&mut status.conditions, ready);
    status
}
