//! The template databases of a server: which are wanted, and how each comes to be.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tenantry_crd::{Blueprint, DatabaseServer, TemplateStatus, Tenant};
use tenantry_database::{BUILD_SCRIPT, Template as Found, TemplateDatabase};
use tenantry_domain::{Fault, ReleaseFacts, ResourceName, Retry};
use tenantry_render::template::{self, Template};
use tenantry_render::{Kind, names};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::job::{self, Job};
use crate::password;
use crate::servers::Reached;
use crate::tenant;

/// How long a template stays that nothing asks for: somebody may ask for it again.
const UNUSED_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What came of one template.
#[derive(Default)]
struct Step {
    /// What is said of it; nothing once it is gone.
    status: Option<TemplateStatus>,
    /// What kept it from going further.
    failure: Option<Error>,
    /// What people are to be told if it was lost.
    lost: Option<String>,
}

/// What came of all templates of a server.
#[derive(Default)]
pub(super) struct Templates {
    pub(super) statuses: Vec<TemplateStatus>,
    /// What kept one of them, and is worth another attempt.
    pub(super) failure: Option<Error>,
    /// What people are to be told of those that were lost, once it is written that they are.
    pub(super) lost: Vec<String>,
}

/// Brings every wanted template one step further, and drops those that nothing asked for in a week.
/// One that was sealed and is not on the server any more is made again: there is no tenant's data
/// in it. What keeps one of them from its next step is told of it: the server serves all others
/// meanwhile.
pub(super) async fn ensure(
    context: &Context,
    server: &DatabaseServer,
    name: &ResourceName,
    reached: &Reached,
    now: Timestamp,
) -> Result<Templates> {
    let mut all = Templates::default();
    let wanted = wanted(context, name);
    let unwanted = known(server).iter();
    for status in unwanted.filter(|status| !wanted.contains_key(&status.name)) {
        all.take(leave(context, name, reached, status, now).await)?;
    }
    for (key, template) in &wanted {
        let database = TemplateDatabase::new(key)?;
        all.take(further(context, server, name, reached, &database, template).await)?;
    }
    Ok(all)
}

impl Templates {
    /// Takes in what came of one of them, unless the server itself cannot be asked just now.
    fn take(&mut self, step: Step) -> Result<()> {
        match step.failure {
            Some(error) if is_of_server(&error) => return Err(error),
            Some(error) => self.failure = self.failure.take().or(worth_retrying(error)),
            None => {}
        }
        self.statuses.extend(step.status);
        self.lost.extend(step.lost);
        Ok(())
    }
}

fn known(server: &DatabaseServer) -> &[TemplateStatus] {
    let status = server.status.as_ref();
    status
        .map(|status| &status.templates[..])
        .unwrap_or_default()
}

/// One that nothing asks for.
async fn leave(
    context: &Context,
    server: &ResourceName,
    reached: &Reached,
    status: &TemplateStatus,
    now: Timestamp,
) -> Step {
    if let Some(unused) = unused(status, now) {
        return Step {
            status: Some(unused),
            ..Step::default()
        };
    }
    let failure = drop_unused(context, server, reached, &status.name)
        .await
        .err();
    // Its end may have begun, and is no loss to anybody who asks for it from now on.
    let left = |error: &Error| TemplateStatus {
        sealed: false,
        message: Some(error.message()),
        ..status.clone()
    };
    Step {
        status: failure.as_ref().map(left),
        failure,
        lost: None,
    }
}

/// One that is wanted.
async fn further(
    context: &Context,
    server: &DatabaseServer,
    name: &ResourceName,
    reached: &Reached,
    database: &TemplateDatabase,
    template: &Template,
) -> Step {
    let key = database.template();
    let was_sealed = known(server)
        .iter()
        .any(|status| status.name == key && status.sealed);
    let found = reached.connection.template(database).await;
    let stands = stands(&found, was_sealed);
    let lost = (was_sealed && !stands).then(|| lost(key, &found));
    let step = match found {
        Ok(found) => advance(context, name, reached, database, template, found).await,
        Err(error) => Err(error.into()),
    };
    let (message, failure) = match step {
        Ok(message) => (message, None),
        Err(error) => (Some(error.message()), Some(error)),
    };
    let status = TemplateStatus {
        name: key.to_owned(),
        release: template.release.name.to_string(),
        modules: template.modules.iter().cloned().collect(),
        sealed: stands || message.is_none(),
        message,
        unused_since: None,
    };
    Step {
        status: Some(status),
        failure,
        lost,
    }
}

/// Whether a template is there to clone, before anything is done for it. What cannot be looked at
/// is as it was.
fn stands(found: &tenantry_database::Result<Found>, was_sealed: bool) -> bool {
    match found {
        Ok(found) => matches!(found, Found::Sealed(_)),
        Err(tenantry_database::Error::Foreign { .. }) => false,
        Err(_) => was_sealed,
    }
}

fn worth_retrying(error: Error) -> Option<Error> {
    (error.retry() != Retry::OnChange).then_some(error)
}

/// Whether the server itself cannot be asked just now.
fn is_of_server(error: &Error) -> bool {
    matches!(error, Error::Database(error) if error.is_of_server())
}

/// What is said of a template that nothing asks for; nothing once it may go.
fn unused(status: &TemplateStatus, now: Timestamp) -> Option<TemplateStatus> {
    let since = status.unused_since.as_ref().map_or(now, |since| since.0);
    (now.duration_since(since) < UNUSED_MAX).then(|| TemplateStatus {
        unused_since: Some(Time(since)),
        ..status.clone()
    })
}

async fn drop_unused(
    context: &Context,
    server: &ResourceName,
    reached: &Reached,
    key: &str,
) -> Result<()> {
    tracing::info!(%server, template = key, "template is not used any more and goes");
    clear(context, server, key).await?;
    let database = TemplateDatabase::new(key)?;
    Ok(reached.connection.drop_template(&database).await?)
}

/// What is told of a template that was sealed, and is not what was found.
fn lost(key: &str, found: &tenantry_database::Result<Found>) -> String {
    match found {
        Ok(_) => format!("template {key} is not on the server any more and is made again"),
        Err(error) => format!("template {key} is not on the server any more: {error}"),
    }
}

/// The templates that blueprints and tenants of this server ask for, by their keys.
fn wanted(context: &Context, server: &ResourceName) -> BTreeMap<String, Template> {
    let world = &context.world;
    let blueprints = world
        .blueprints
        .state_filter(|blueprint| blueprint.spec.database_server == server.as_str());
    let of_blueprints = blueprints
        .iter()
        .flat_map(|blueprint| ahead(context, blueprint));
    let of_tenants = world
        .tenants
        .state()
        .into_iter()
        .filter(|tenant| !is_provisioned(tenant))
        .filter_map(|tenant| tenant::validate(context, &tenant).ok())
        .filter(|tenant| tenant.database_server == *server)
        .map(|tenant| Template::of(&tenant));
    of_blueprints
        .chain(of_tenants)
        .map(|template| (template.key(BUILD_SCRIPT), template))
        .collect()
}

/// Whether it has its database, and needs no template any more.
fn is_provisioned(tenant: &Tenant) -> bool {
    let status = tenant.status.as_ref();
    status.is_some_and(|status| status.provisioned_in.is_some())
}

/// What tenants of a blueprint that choose nothing of their own are cloned from.
fn ahead(context: &Context, blueprint: &Blueprint) -> Vec<Template> {
    let Ok(facts) = blueprint.facts() else {
        return Vec::new();
    };
    let releases = facts
        .channels
        .values()
        .filter_map(|name| context.release(name));
    releases
        .map(|release: ReleaseFacts| Template {
            release,
            modules: facts.modules.clone(),
            language: facts.language.clone(),
            country: facts.country.clone(),
        })
        .collect()
}

/// One step: begin, seal, or say what is waited for. Nothing is left to say of a sealed one.
async fn advance(
    context: &Context,
    server: &ResourceName,
    reached: &Reached,
    database: &TemplateDatabase,
    template: &Template,
    found: Found,
) -> Result<Option<String>> {
    let connection = &reached.connection;
    let key = database.template();
    let job = job(context, server, key);
    match (found, job) {
        (Found::Sealed(_), job) => {
            if !matches!(job, Job::Absent) {
                clear(context, server, key).await?;
            }
            Ok(None)
        }
        (Found::Absent | Found::Building, Job::Absent) => {
            begin(context, server, reached, database, template).await?;
            Ok(Some("its Job is being started".to_owned()))
        }
        (Found::Building, Job::Succeeded) => {
            let modules: Vec<String> = template.installed().into_iter().collect();
            let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
            let seal = connection.seal_template(database, &modules).await?;
            tracing::info!(%server, template = key, ?seal, "template was sealed");
            clear(context, server, key).await?;
            Ok(None)
        }
        (Found::Building, Job::Running) => Ok(Some(running(context, server, key))),
        (Found::Absent | Found::Building, _) => Ok(Some(failed(context, server, key))),
        (Found::Dropping, _) => {
            connection.drop_template(database).await?;
            Ok(Some("an abandoned one was dropped".to_owned()))
        }
    }
}

/// What is said of a Job that runs, or would if its pod could.
fn running(context: &Context, server: &ResourceName, key: &str) -> String {
    let name = template::job_name(key);
    let namespace = names::database_namespace(server);
    match job::trouble(context, &namespace, &name) {
        Some(trouble) => format!("{}: Job {name}: {}", trouble.reason, trouble.message()),
        None => format!("Odoo initialises it in Job {name}"),
    }
}

/// What is said of a Job that failed. Kubernetes removes it after a while, and then it is made again.
fn failed(context: &Context, server: &ResourceName, key: &str) -> String {
    let name = template::job_name(key);
    let namespace = names::database_namespace(server);
    let told = job::told_by(context, &namespace, &name, &[&name]);
    let retry = Retry::After(template::KEPT);
    format!("Job {name} failed: {told} ({}; {retry})", Fault::Platform)
}

async fn begin(
    context: &Context,
    server: &ResourceName,
    reached: &Reached,
    database: &TemplateDatabase,
    template: &Template,
) -> Result<()> {
    let key = database.template();
    let connection = &reached.connection;
    let cluster = &context.cluster;
    let namespace = names::database_namespace(server);
    let name = template::job_name(key);
    // The cache may not know of one that was made a moment ago and works on this database.
    if cluster
        .find(Kind::Job, Some(&namespace), &name)
        .await?
        .is_some()
    {
        return Ok(());
    }
    // A half-made one is begun again from nothing: Odoo's initialisation cannot be resumed.
    connection.drop_template(database).await?;
    let children = &context.world.children;
    let secret = template::secret(server, key, &password::generate());
    let password = cluster.keep_password(children, &secret).await?;
    connection.begin_template(database, &password).await?;
    let input = template::Input {
        server,
        endpoint: &reached.endpoint,
        template,
        recipe: BUILD_SCRIPT,
        database: database.name(),
    };
    tracing::info!(%server, template = key, "template is being made");
    cluster.ensure(children, &template::job(&input)).await
}

fn job(context: &Context, server: &ResourceName, key: &str) -> Job {
    let namespace = names::database_namespace(server);
    Job::of(
        &context.world.children,
        &namespace,
        &template::job_name(key),
    )
}

/// Removes what a finished Job needed.
async fn clear(context: &Context, server: &ResourceName, key: &str) -> Result<()> {
    let namespace = names::database_namespace(server);
    let name = template::job_name(key);
    for kind in [Kind::Job, Kind::ConfigMap, Kind::Secret] {
        context
            .cluster
            .delete(kind, Some(&namespace), &name)
            .await?;
    }
    Ok(())
}

impl Context {
    /// The release of that name, if there is one that can be run.
    pub(crate) fn release(&self, name: &ResourceName) -> Option<ReleaseFacts> {
        let key = kube::runtime::reflector::ObjectRef::new(name.as_str());
        self.world.releases.get(&key)?.facts().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_lost_when_something_else_is_seen_and_not_when_nothing_is() {
        let foreign = tenantry_database::Error::Foreign {
            kind: "database",
            name: "tpl_a".to_owned(),
        };
        assert!(!stands(&Ok(Found::Absent), true));
        assert!(!stands(&Ok(Found::Building), true));
        assert!(!stands(&Err(foreign), true));
        let unseen = Err(tenantry_database::Error::NotPrepared { role: "tenantry" });
        assert!(stands(&unseen, true) && !stands(&unseen, false));
    }

    /// What a merge patch does not name stays.
    #[test]
    fn that_no_template_is_left_is_written() {
        let status = tenantry_crd::DatabaseServerStatus::default();
        let written = serde_json::to_value(status).unwrap();
        assert_eq!(written["templates"], serde_json::json!([]));
    }

    #[test]
    fn a_template_goes_when_nothing_asked_for_it_in_a_week() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let sealed = TemplateStatus {
            sealed: true,
            ..TemplateStatus::default()
        };
        let first = unused(&sealed, at(1)).unwrap();
        assert_eq!(first.unused_since, Some(Time(at(1))));
        assert!(first.sealed);
        assert_eq!(unused(&first, at(168)), Some(first.clone()));
        assert_eq!(unused(&first, at(169)), None);
    }
}
