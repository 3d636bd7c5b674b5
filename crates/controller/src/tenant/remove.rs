//! The end of a tenant: its object goes once everything it owned is gone, or is kept on purpose.
//! What that waits for is said in the status, and the object is never let go for being late.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use kube::Resource as _;
use kube::ResourceExt as _;
use kube::api::DynamicObject;
use kube::runtime::controller::Action;
use kube::runtime::events::EventType;
use serde_json::json;
use tenantry_crd::{PlacementStatus, Tenant, find, labels};
use tenantry_database::{TenantDatabase, copy_of};
use tenantry_domain::{ConditionType, TenantId, TenantKey};
use tenantry_render::{Kind, names, tenant as render};

use super::findings;
use super::release::settle::{Settled, settle};
use super::{hostnames, identify, report, stop};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::LOOK_AGAIN;

/// After this time people are told, because waiting has not helped.
const DEADLINE: SignedDuration = SignedDuration::from_mins(10);

/// The reason of a removal that takes the tenant's data, from before anything is taken until the
/// end. No trouble on the way has this name.
const TAKING_DATA: &str = "DeletingData";

/// How far a removal is.
enum Removal {
    /// What had to go is gone.
    Done,
    /// Its workload is ending; its last change brings us back.
    WorkloadEnding,
    /// What is in its namespace is going, and that after it; the last change brings us back.
    NamespaceGoing,
}

/// Removes what the deletion policy says, then lets the object go.
pub(super) async fn remove(tenant: &Tenant, context: &Context) -> Result<Action> {
    if !tenant
        .finalizers()
        .iter()
        .any(|finalizer| finalizer == labels::FINALIZER)
    {
        return Ok(Action::await_change());
    }
    let key = tenant
        .key()
        .map_err(|violation| Error::Invalid(violation.to_string()))?;
    context.prober.forget(&key);
    match dismantle(tenant, &key, context).await {
        Ok(Removal::Done) => release(tenant, &key, context).await,
        outcome if is_abandoned(tenant) => {
            abandoned(tenant, &key, outcome.err(), context).await;
            release(tenant, &key, context).await
        }
        Ok(Removal::WorkloadEnding) => {
            let message = "waits until its pods are gone".to_owned();
            wait(tenant, "WorkloadEnding", message, context).await
        }
        Ok(Removal::NamespaceGoing) => {
            let message = format!("waits until the namespace {} is gone", key.namespace());
            wait(tenant, TAKING_DATA, message, context).await
        }
        Err(error) => {
            let reason = if takes_data(tenant) {
                TAKING_DATA
            } else {
                error.category()
            };
            wait(tenant, reason, error.message(), context).await?;
            Err(error)
        }
    }
}

async fn dismantle(tenant: &Tenant, key: &TenantKey, context: &Context) -> Result<Removal> {
    // A tenant that never had an identity owns nothing.
    let Some(id) = identify::known(tenant)? else {
        return Ok(Removal::Done);
    };
    if hostnames::parked_ingress(&id, context).is_some() {
        stop::unpark(&id, context).await?;
    }
    let namespace = key.namespace();
    let owned = owned(context, &namespace, &id).await?;
    match (deletes_data(tenant), owned) {
        (true, Some(found)) => {
            if takes_data(tenant) {
                empty(key, &found, context).await?;
            }
            return Ok(Removal::NamespaceGoing);
        }
        // No Odoo is left that would miss it.
        (true, None) => drop_database(tenant, context, &id).await?,
        (false, Some(_)) => {
            let stopped = stop::withdraw(key, context).await?;
            if !stop::end_jobs(key, context).await? || !stopped {
                return Ok(Removal::WorkloadEnding);
            }
            match settle(tenant, key, &id, context).await? {
                Settled::Ending => return Ok(Removal::WorkloadEnding),
                Settled::Left(release) => bury(tenant, key, &id, &release, context).await?,
            }
        }
        (false, None) => {}
    }
    Ok(Removal::Done)
}

/// Whether its data goes, too. A removal that has begun to take it does not stop half way, whatever
/// the spec says meanwhile.
fn deletes_data(tenant: &Tenant) -> bool {
    takes_data(tenant) || tenant.deletes_data(Timestamp::now())
}

/// Whether the status says that its data is being taken.
fn takes_data(tenant: &Tenant) -> bool {
    let status = tenant.status.as_ref();
    let told = status.and_then(|status| find(&status.conditions, ConditionType::Deleting));
    told.is_some_and(|told| told.reason == TAKING_DATA)
}

/// Gives back the tenant's hostnames, and takes our finalizer off the object.
async fn release(tenant: &Tenant, key: &TenantKey, context: &Context) -> Result<Action> {
    if let Some(id) = identify::known(tenant)? {
        // The cache may not know of one that was made a moment ago.
        stop::unpark(&id, context).await?;
        // Nothing answers on its hostnames any more. They go under every policy: what is retained
        // has no use for them, and claims them again when it comes back.
        context.cluster.release_all(&id).await?;
    }
    let kept: Vec<&str> = tenant
        .finalizers()
        .iter()
        .map(String::as_str)
        .filter(|finalizer| *finalizer != labels::FINALIZER)
        .collect();
    let version = tenant.resource_version().unwrap_or_default();
    match context
        .cluster
        .mark(tenant, &version, json!({}), &kept)
        .await
    {
        Err(Error::Kubernetes {
            source: kube::Error::Api(status),
            ..
        }) if status.is_not_found() => {}
        outcome => drop(outcome?),
    }
    context.cluster.forget(tenant);
    context.displace(tenant);
    context.backoff.reset(&key.to_string());
    Ok(Action::await_change())
}

/// Says what the removal waits for; since when is the condition's transition. Who is late is told
/// of once.
async fn wait(
    tenant: &Tenant,
    reason: &'static str,
    message: String,
    context: &Context,
) -> Result<Action> {
    let now = Timestamp::now();
    let since = tenant.metadata.deletion_timestamp.as_ref();
    let left = since.map_or(DEADLINE, |since| DEADLINE - now.duration_since(since.0));
    let late = left <= SignedDuration::ZERO;
    let summary = if late { "DeletionOverdue" } else { "Deleting" };
    let before = tenant.status.clone().unwrap_or_default();
    let was_late = before
        .conditions
        .iter()
        .any(|condition| condition.reason == "DeletionOverdue");
    let mut status = before.clone();
    let findings = findings::of_removed(&before, reason, summary, &message);
    findings::write(&mut status, tenant, findings, now);
    let version = tenant.resource_version().unwrap_or_default();
    report::publish(tenant, &version, Some(&before), &status, context).await?;
    if late && !was_late {
        let id = before.tenant_id.unwrap_or_default();
        let note = format!(
            "it is not gone after {} minutes: {message}. To give up on what is left of it, \
             annotate it with {}={id}",
            DEADLINE.as_mins(),
            labels::ABANDON
        );
        let about = tenant.object_ref(&());
        let kind = EventType::Warning;
        context.cluster.tell(&about, kind, summary, &note).await;
    }
    let left = Duration::try_from(left).unwrap_or(LOOK_AGAIN);
    Ok(Action::requeue(left.min(LOOK_AGAIN)))
}

/// Whether somebody gave up on what is left of the tenant, and meant this one.
fn is_abandoned(tenant: &Tenant) -> bool {
    let id = tenant
        .status
        .as_ref()
        .and_then(|status| status.tenant_id.as_ref());
    id.is_some() && tenant.annotations().get(labels::ABANDON) == id
}

/// Begins what can still be begun, and tells what is left behind.
async fn abandoned(tenant: &Tenant, key: &TenantKey, error: Option<Error>, context: &Context) {
    let error = match end_namespace(tenant, key, context).await {
        Ok(()) => error,
        Err(also) => error.or(Some(also)),
    };
    let why = error.map_or_else(
        || "its removal had not come to its end".to_owned(),
        |error| error.message(),
    );
    tracing::warn!(tenant = tenant.name_any(), why, "abandoned what is left");
    let left = left(tenant, key);
    let note = format!("nobody removes any more what may be left of it: {left} ({why})");
    let about = tenant.object_ref(&());
    context
        .cluster
        .tell(&about, EventType::Warning, "Abandoned", &note)
        .await;
}

/// What an abandoned tenant may have left, for whoever looks for it.
fn left(tenant: &Tenant, key: &TenantKey) -> String {
    let namespace = format!("namespace {}", key.namespace());
    let status = tenant.status.as_ref();
    let Some(placement) = status.and_then(|status| status.placement.as_ref()) else {
        return namespace;
    };
    let PlacementStatus {
        database,
        database_server,
        ..
    } = placement;
    let change = status.and_then(|status| status.ongoing_release_change());
    let copy = change.map_or_else(String::new, |_| format!(", copy {}", copy_of(database)));
    format!("{namespace}; on DatabaseServer {database_server} database and role {database}{copy}")
}

/// Asks for the end of the namespace if it is to go, in whatever order its content then goes.
async fn end_namespace(tenant: &Tenant, key: &TenantKey, context: &Context) -> Result<()> {
    let Some(id) = identify::known(tenant)? else {
        return Ok(());
    };
    let namespace = key.namespace();
    let is_own = owned(context, &namespace, &id).await?.is_some();
    if is_own && deletes_data(tenant) {
        let cluster = &context.cluster;
        cluster.delete(Kind::Namespace, None, &namespace).await?;
    }
    Ok(())
}

/// The tenant's namespace, when it is there and is its own. The API server is asked: a namespace
/// that a cache does not know yet would be left behind.
async fn owned(context: &Context, namespace: &str, id: &TenantId) -> Result<Option<DynamicObject>> {
    let found = context
        .cluster
        .find(Kind::Namespace, None, namespace)
        .await?;
    Ok(found.filter(|found| {
        let label = found.labels().get(labels::TENANT_ID);
        label.is_some_and(|label| label == id.as_str())
    }))
}

/// Notes on the namespace that stays whose it was and whose data is left, for those who come after.
async fn bury(
    tenant: &Tenant,
    key: &TenantKey,
    id: &TenantId,
    release: &str,
    context: &Context,
) -> Result<()> {
    let server = placement(tenant).map_or("", |placement| placement.database_server.as_str());
    let deleted = tenant.metadata.deletion_timestamp.as_ref();
    let at = deleted.map_or_else(String::new, |time| time.0.to_string());
    let left = render::Left {
        database_server: server,
        release,
        deleted_at: &at,
    };
    context
        .cluster
        .apply(&render::tombstone(key, id, &left))
        .await
}

/// Ends what the tenant has in its namespace, and then that: pods and the volume go first.
/// Kubernetes looks only every 8 to 16 seconds whether those of an ending namespace are gone.
async fn empty(key: &TenantKey, namespace: &DynamicObject, context: &Context) -> Result<()> {
    let name = namespace.name_any();
    if namespace.metadata.deletion_timestamp.is_some() {
        return Ok(());
    }
    let kind = Kind::PersistentVolumeClaim;
    let cluster = &context.cluster;
    let stopped = stop::stop(key, context).await?;
    if !stop::end_jobs(key, context).await? || !stopped {
        return Ok(());
    }
    let volume = names::DATA_VOLUME;
    if cluster.is_gone(kind, Some(&name), volume).await? {
        cluster.delete(Kind::Namespace, None, &name).await?;
    }
    Ok(())
}

fn placement(tenant: &Tenant) -> Option<&PlacementStatus> {
    tenant.status.as_ref()?.placement.as_ref()
}

/// Drops the tenant's database. A server that cannot be asked is an error: what is unknown is not
/// taken for gone.
async fn drop_database(tenant: &Tenant, context: &Context, id: &TenantId) -> Result<()> {
    // A tenant that was placed nowhere has no database.
    let Some(placement) = placement(tenant) else {
        return Ok(());
    };
    let reached = context.reach_named(&placement.database_server).await?;
    let database = TenantDatabase::new(id.as_str())?;
    Ok(reached.connection.drop_tenant(&database).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(abandon: &str) -> Tenant {
        serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1", "kind": "Tenant",
            "metadata": {
                "name": "shop42", "namespace": "partner-acme",
                "annotations": {labels::ABANDON: abandon},
            },
            "spec": {
                "displayName": "Shop 42", "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "retail", "hostnames": ["shop42.acme.example"],
                "administrator": {"email": "ana@acme.example"},
            },
            "status": {"tenantId": "0123456789abcdef"},
        }))
        .unwrap()
    }

    #[test]
    fn a_removal_that_takes_the_data_goes_on_whatever_the_spec_says_by_then() {
        let mut retained = tenant("");
        retained.spec.deletion = serde_json::from_value(json!({"policy": "Retain"})).unwrap();
        assert!(!deletes_data(&retained));
        let told = json!([{
            "type": "Deleting", "status": "True", "reason": TAKING_DATA, "message": "",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]);
        let status = retained.status.as_mut().unwrap();
        status.conditions = serde_json::from_value(told).unwrap();
        assert!(deletes_data(&retained));
    }

    #[test]
    fn only_who_names_the_tenants_id_abandons_it() {
        assert!(is_abandoned(&tenant("0123456789abcdef")));
        assert!(!is_abandoned(&tenant("true")));
        let mut nobody = tenant("");
        nobody.status = None;
        assert!(!is_abandoned(&nobody));
    }
}
