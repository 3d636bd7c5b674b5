//! A managed database server: PostgreSQL, our login on it, and its template databases.

mod templates;

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use kube::runtime::controller::Action;
use tenantry_crd::{
    DatabaseServer, DatabaseServerStatus, TemplateStatus, labels, merge_condition, new_condition,
};
use tenantry_domain::{ConditionType, Reason, ResourceName};
use tenantry_render::{Kind, database_server as render, names};

use crate::context::Context;
use crate::diagnosis::{self, Diagnosis};
use crate::error::{Error, Result};
use crate::password;
use crate::run::LOOK_AGAIN;

/// How far a server came.
enum Progress {
    /// Its pod is not ready, for this reason if there is one.
    Starting(Option<Diagnosis>),
    /// It was prepared for tenants, and has these templates.
    Prepared(Vec<TemplateStatus>),
}

/// Makes a managed database server exist, prepared, with every template that is wanted on it.
pub(crate) async fn reconcile(
    server: Arc<DatabaseServer>,
    context: Arc<Context>,
) -> Result<Action> {
    if server.metadata.deletion_timestamp.is_some() || context.cluster.is_stale(&*server) {
        return Ok(Action::await_change());
    }
    let name: ResourceName = server
        .name_any()
        .parse()
        .map_err(|error: tenantry_domain::NameError| Error::Invalid(error.to_string()))?;
    let outcome = ensure(&server, &name, &context).await;
    let status = status(&server, &name, outcome.as_ref(), Timestamp::now());
    if server.status.as_ref() != Some(&status) {
        let version = server.resource_version().unwrap_or_default();
        context.cluster.report(&*server, &version, &status).await?;
    }
    outcome?;
    context.backoff.reset(name.as_str());
    Ok(Action::requeue(LOOK_AGAIN))
}

async fn ensure(
    server: &DatabaseServer,
    name: &ResourceName,
    context: &Context,
) -> Result<Progress> {
    let children = &context.world.children;
    let cluster = &context.cluster;
    cluster.ensure(children, &[render::namespace(name)]).await?;
    cluster
        .keep_password(children, &render::login_secret(name, &password::generate()))
        .await?;
    let objects = render::server(name, &server.spec.managed, &context.settings);
    cluster.ensure(children, &objects).await?;
    match context.servers.get(children, name) {
        Some(connection) if is_running(context, name) => {
            let found = connection.prepare().await?;
            tracing::debug!(server = %name, version = found.version, "database server is prepared");
            Ok(Progress::Prepared(
                templates::ensure(context, server, name, &connection).await?,
            ))
        }
        _ => {
            let namespace = names::database_namespace(name);
            let pods = context
                .world
                .sights
                .pods(&namespace, labels::APP, names::POSTGRESQL);
            Ok(Progress::Starting(diagnosis::of_pods(&pods)))
        }
    }
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
    now: Timestamp,
) -> DatabaseServerStatus {
    let mut status = server.status.clone().unwrap_or_default();
    status.endpoint = Some(format!(
        "{}:{}",
        names::database_host(name),
        names::POSTGRESQL_PORT
    ));
    let (ready, reason, message) = match outcome {
        Ok(Progress::Prepared(templates)) => {
            let sealed = templates.iter().filter(|template| template.sealed).count();
            let message = format!("{sealed} of {} templates can be cloned", templates.len());
            status.templates.clone_from(templates);
            (true, "Prepared", message)
        }
        Ok(Progress::Starting(Some(trouble))) => (false, trouble.reason, trouble.message()),
        Ok(Progress::Starting(None)) => (
            false,
            "PostgreSQLStarting",
            "its pod is not ready yet".to_owned(),
        ),
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
