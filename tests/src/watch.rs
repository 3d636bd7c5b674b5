//! Waiting by watching, with a deadline, and with what was seen last when it passes.

use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Result, bail};
use futures::StreamExt as _;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::watch_object;
use serde::de::DeserializeOwned;
use serde_json::json;
use tenantry_crd::{Tenant, labels};
use tokio::time::{Instant, timeout_at};

/// Waits until `look` is content with the object `name`, and returns what it found. Until then it
/// says what it sees, which is told when `patience` ends.
///
/// # Errors
/// The time passed.
pub async fn until<K, T>(
    api: &Api<K>,
    name: &str,
    patience: Duration,
    look: impl Fn(Option<&K>) -> Result<T, String>,
) -> Result<T>
where
    K: kube::Resource + Clone + Debug + DeserializeOwned + Send + 'static,
    K::DynamicType: Default,
{
    let mut sights = Box::pin(watch_object(api.clone(), name).default_backoff());
    let mut last = "nothing".to_owned();
    let deadline = Instant::now() + patience;
    while let Ok(Some(sight)) = timeout_at(deadline, sights.next()).await {
        match sight {
            Ok(object) => match look(object.as_ref()) {
                Ok(found) => return Ok(found),
                Err(seen) => last = seen,
            },
            Err(error) => last = format!("{error}"),
        }
    }
    bail!(
        "{} {name}: after {} s still {last}",
        K::kind(&K::DynamicType::default()),
        patience.as_secs()
    )
}

/// Content when the object is gone.
///
/// # Errors
/// It is there.
pub fn gone<K: kube::Resource>(object: Option<&K>) -> Result<(), String> {
    object.map_or(Ok(()), |object| {
        let waits = object.meta().finalizers.clone().unwrap_or_default();
        Err(format!("there, with finalizers {waits:?}"))
    })
}

/// Content when nothing needs the object any more, so that it can be deleted.
///
/// # Errors
/// Something does.
pub fn unused<K: kube::Resource>(object: Option<&K>) -> Result<(), String> {
    let labels = object.and_then(|object| object.meta().labels.as_ref());
    let used = labels.is_some_and(|found| found.contains_key(labels::IN_USE));
    (!used).then_some(()).ok_or_else(|| "in use".to_owned())
}

/// Content when something needs the object, so that it cannot be deleted.
///
/// # Errors
/// Nothing does.
pub fn used<K: kube::Resource>(object: Option<&K>) -> Result<(), String> {
    unused(object).map_or(Ok(()), |()| Err("not in use".to_owned()))
}

/// Deletes the object although something may need it; one that is gone is fine. No controller has
/// to run for that.
///
/// # Errors
/// The API server refuses.
pub async fn delete_abandoned<K>(api: &Api<K>, name: &str) -> Result<()>
where
    K: kube::Resource + Clone + Debug + DeserializeOwned,
{
    let patch = json!({"metadata": {"annotations": {labels::ABANDON: name}}});
    let patch = Patch::Merge(patch);
    match api.patch(name, &PatchParams::default(), &patch).await {
        Ok(_) => delete(api, name).await,
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Deletes the object once nothing needs it any more; one that is gone is fine.
///
/// # Errors
/// Something needs it still when `patience` ends, or the API server refuses.
pub async fn delete_unused<K>(api: &Api<K>, name: &str, patience: Duration) -> Result<()>
where
    K: kube::Resource + Clone + Debug + DeserializeOwned + Send + 'static,
    K::DynamicType: Default,
{
    until(api, name, patience, unused).await?;
    delete(api, name).await
}

async fn delete<K: Clone + Debug + DeserializeOwned>(api: &Api<K>, name: &str) -> Result<()> {
    match api.delete(name, &DeleteParams::default()).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Content when the condition `kind` of a tenant has this status; returns its reason.
pub fn condition(kind: &str, status: &str) -> impl Fn(Option<&Tenant>) -> Result<String, String> {
    move |tenant| {
        let tenant = tenant.ok_or("absent")?;
        let conditions = tenant.status.as_ref().map(|status| &status.conditions[..]);
        let conditions = conditions.unwrap_or_default();
        let told: Vec<_> = conditions
            .iter()
            .map(|c| format!("{}={} ({}: {})", c.type_, c.status, c.reason, c.message))
            .collect();
        conditions
            .iter()
            .find(|c| c.type_ == kind && c.status == status)
            .filter(|c| c.observed_generation == tenant.metadata.generation)
            .map(|c| c.reason.clone())
            .ok_or_else(|| format!("not {kind}={status}: {}", told.join("; ")))
    }
}

/// Content when the condition `kind` of a tenant is false for this reason.
pub fn false_for(kind: &str, reason: &str) -> impl Fn(Option<&Tenant>) -> Result<(), String> {
    let is_false = condition(kind, "False");
    move |tenant| {
        let found = is_false(tenant)?;
        (found == reason)
            .then_some(())
            .ok_or_else(|| format!("{kind}=False for {found}"))
    }
}
