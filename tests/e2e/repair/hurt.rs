//! Hurts one object by hand, and measures how long it takes until it is as it was.
//!
//! The time begins with the API server's answer to whoever hurt it, and ends when a watch that was
//! there before sees the object again. On a busy machine the watch is late, and the object itself
//! says when it was written.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures::{Stream, StreamExt as _};
use jiff::Timestamp;
use kube::api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::discovery::{Scope, verbs};
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{self, watch_object};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde_json::{Map, Value, json};
use tenantry_crd::labels;
use tenantry_tests::{listed_kinds, tell};
use tokio::time::{Instant, timeout, timeout_at};

/// What is claimed.
const LIMIT: Duration = Duration::from_secs(5);
/// How long it is waited for, so that a failure says how long it took.
const PATIENCE: Duration = Duration::from_mins(1);
/// Under which name the controller writes.
const CONTROLLER: &str = "tenantry-controller";

/// An object of ours.
pub(super) struct Object {
    api: Api<DynamicObject>,
    kind: ApiResource,
    found: DynamicObject,
}

/// What is done to it.
#[derive(Debug, Clone)]
pub(super) enum Hurt {
    Deleted,
    /// It was changed by this merge patch.
    Edited(Value),
}

impl fmt::Display for Hurt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deleted => f.write_str("deleted"),
            Self::Edited(change) => write!(f, "edited by {change}"),
        }
    }
}

type Sights = Pin<Box<dyn Stream<Item = watcher::Result<Option<DynamicObject>>> + Send>>;

/// Every object of ours in `namespace`, of every kind; workloads last, because their pods end.
pub(super) async fn all(client: &Client, namespace: &str) -> Result<Vec<Object>> {
    let ours = format!("{}={}", labels::MANAGED_BY, labels::MANAGED_BY_VALUE);
    let mut objects = Vec::new();
    for (kind, can) in listed_kinds(client).await? {
        let by_hand = [verbs::DELETE, verbs::PATCH, verbs::WATCH];
        if can.scope != Scope::Namespaced
            || !by_hand.iter().all(|verb| can.supports_operation(verb))
        {
            continue;
        }
        let api = Api::namespaced_with(client.clone(), namespace, &kind);
        objects.extend(found(api, &kind, &ours).await?);
    }
    objects.sort_by_key(|object| object.kind.group == "apps");
    Ok(objects)
}

/// The objects of a kind of the cluster with a label, such as `app=odoo`.
pub(super) async fn all_of<K>(client: &Client, label: &str) -> Result<Vec<Object>>
where
    K: Resource<DynamicType = ()>,
{
    let kind = ApiResource::erase::<K>(&());
    found(Api::all_with(client.clone(), &kind), &kind, label).await
}

async fn found(api: Api<DynamicObject>, kind: &ApiResource, label: &str) -> Result<Vec<Object>> {
    let list = api.list(&ListParams::default().labels(label)).await;
    let list = list.with_context(|| format!("{} cannot be listed", kind.plural))?;
    Ok(list
        .into_iter()
        .map(|object| Object {
            api: api.clone(),
            kind: kind.clone(),
            found: object,
        })
        .collect())
}

/// Hurts each of `objects` in every way that its kind knows, one after the other, and tells which
/// repair took longest.
pub(super) async fn repaired(whose: &str, objects: &[Object]) -> Result<()> {
    let mut slowest = (Duration::ZERO, String::new());
    let mut count = 0;
    for object in objects {
        let edits = object.edits()?.into_iter().map(Hurt::Edited);
        for hurt in edits.chain([Hurt::Deleted]) {
            let took = object.repaired_after(&hurt).await?;
            count += 1;
            if took >= slowest.0 {
                slowest = (took, format!("{object} was {hurt}"));
            }
        }
    }
    let (took, what) = slowest;
    let took = took.as_secs_f64();
    tell(&format!(
        "of {count} repairs of {whose} the slowest took {took:.2} s: {what}"
    ));
    Ok(())
}

impl Object {
    pub(super) fn kind(&self) -> &str {
        &self.kind.kind
    }

    pub(super) fn name(&self) -> String {
        self.found.name_any()
    }

    /// Hurts it, and returns how long it took until it was as it was.
    pub(super) async fn repaired_after(&self, hurt: &Hurt) -> Result<Duration> {
        let what = || format!("{self} was {hurt}");
        let name = self.name();
        let (before, mut sights) = self.watched().await.with_context(what)?;
        let version = self.hurt(hurt, &before).await.with_context(what)?;
        let (begin, answered) = (Instant::now(), Timestamp::now());
        let deadline = begin + PATIENCE;
        let mut last = None;
        while let Ok(Some(sight)) = timeout_at(deadline, sights.next()).await {
            let Ok(sight) = sight else { continue };
            if let Some(now) = &sight
                && is_later(now, &before, version)?
                && said(now) == said(&before)
            {
                let took = took(now, begin.elapsed(), answered);
                ensure!(took <= LIMIT, "{}: repaired after {took:?}", what());
                return Ok(took);
            }
            last = sight;
        }
        bail!(
            "{}: after {} s {name} is {}, and was {}",
            what(),
            PATIENCE.as_secs(),
            last.as_ref().map_or(json!("gone"), said),
            said(&before)
        )
    }

    /// The object as it is now, and whatever becomes of it.
    async fn watched(&self) -> Result<(DynamicObject, Sights)> {
        let sights = watch_object(self.api.clone(), &self.name());
        let mut sights: Sights = Box::pin(sights.default_backoff());
        loop {
            let sight = timeout(PATIENCE, sights.next()).await;
            match sight.context("it cannot be watched")? {
                Some(Ok(Some(object))) => return Ok((object, sights)),
                Some(Ok(None)) => bail!("it is not there"),
                // The watch begins anew.
                Some(Err(_)) => (),
                None => bail!("the watch ended"),
            }
        }
    }

    /// Returns the version that it has after that, if it is there.
    async fn hurt(&self, hurt: &Hurt, before: &DynamicObject) -> Result<Option<u64>> {
        let name = self.name();
        match hurt {
            Hurt::Deleted => {
                let deleted = self.api.delete(&name, &DeleteParams::background()).await;
                deleted.map(|_| None).map_err(Into::into)
            }
            Hurt::Edited(change) => {
                let by_hand = PatchParams {
                    field_manager: Some("kubectl-edit".to_owned()),
                    ..PatchParams::default()
                };
                let change = Patch::Merge(change);
                let edited = self.api.patch(&name, &by_hand, &change).await?;
                ensure!(said(&edited) != said(before), "nothing changed by that");
                version(&edited).map(Some)
            }
        }
    }

    /// Changes of what we said that hurt. What others add beside it is theirs, unless it changes
    /// what ours means.
    fn edits(&self) -> Result<Vec<Value>> {
        let nobody = json!({"tests.tenantry.dev/nobody": "here"});
        Ok(match self.kind() {
            "ServiceAccount" => vec![json!({"automountServiceAccountToken": true})],
            "ConfigMap" => {
                let data = self.found.data["data"].as_object().into_iter().flatten();
                let spoiled: Map<_, _> = data
                    .map(|(key, _)| (key.clone(), json!("spoiled")))
                    .collect();
                vec![json!({"data": spoiled})]
            }
            "Service" => vec![
                json!({"spec": {"selector": {labels::APP: "elsewhere"}}}),
                json!({"spec": {"selector": nobody}}),
            ],
            "NetworkPolicy" => vec![
                self.opened(),
                json!({"spec": {"podSelector": {"matchLabels": nobody}}}),
            ],
            "ResourceQuota" => vec![json!({"spec": {"hard": {"services.nodeports": "9"}}})],
            "LimitRange" => {
                let limit = json!({"type": "Container", "default": {"memory": "3Gi"}});
                vec![json!({"spec": {"limits": [limit]}})]
            }
            "RoleBinding" => {
                let api = "rbac.authorization.k8s.io";
                let eve = json!({"apiGroup": api, "kind": "User", "name": "eve"});
                vec![json!({"subjects": [eve]})]
            }
            "Deployment" | "StatefulSet" => vec![json!({"spec": {"replicas": 0}})],
            "Ingress" => vec![json!({"spec": {"rules": [{"host": "elsewhere.example"}]}})],
            // A claim never changes: the API server refuses.
            "Hostname" => Vec::new(),
            kind => bail!("say how a {kind} is edited by hand, or why it is not repaired"),
        })
    }
}

impl Object {
    /// Everybody may pass, in each direction that the NetworkPolicy is about.
    fn opened(&self) -> Value {
        let directions = self.found.data["spec"]["policyTypes"].as_array();
        let directions = directions.into_iter().flatten().filter_map(Value::as_str);
        let rules: Map<_, _> = directions
            .map(|direction| (direction.to_lowercase(), json!([{}])))
            .collect();
        json!({"spec": rules})
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.found.namespace() {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind(), self.name()),
            None => write!(f, "{} {}", self.kind(), self.name()),
        }
    }
}

/// What we say of an object: its labels, and everything beside metadata and status.
fn said(object: &DynamicObject) -> Value {
    let mut content = object.data.clone();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("status");
    }
    // The API server chose them.
    for field in ["clusterIP", "clusterIPs"] {
        if let Some(spec) = content["spec"].as_object_mut() {
            spec.remove(field);
        }
    }
    json!({
        "labels": object.labels(),
        "rendered": object.annotations().get(labels::RENDERED),
        "content": content,
    })
}

/// Whether `now` is what became of the object after it was hurt.
fn is_later(now: &DynamicObject, before: &DynamicObject, hurt: Option<u64>) -> Result<bool> {
    match hurt {
        None => Ok(now.uid() != before.uid()),
        Some(hurt) => Ok(version(now)? > hurt),
    }
}

/// Kubernetes says that versions of one object can be compared as numbers.
fn version(object: &DynamicObject) -> Result<u64> {
    let version = object.resource_version().context("no version")?;
    version.parse().context("its version is no number")
}

/// How long a repair took: until it was seen; or, if that was late, until the second in which the
/// controller wrote the object as the API server noted it.
fn took(object: &DynamicObject, seen: Duration, answered: Timestamp) -> Duration {
    if seen <= LIMIT {
        return seen;
    }
    let managers = object.managed_fields().iter();
    let ours = managers.filter(|entry| entry.manager.as_deref() == Some(CONTROLLER));
    let written = ours.filter_map(|entry| entry.time.as_ref()).max();
    let noted = written.map(|time| time.0.duration_since(answered).as_millis());
    // What was written in the second of the answer may seem to be from before it.
    let noted = noted
        .filter(|noted| *noted > -1000)
        .map(|noted| noted.max(0));
    let noted = noted.and_then(|noted| u64::try_from(noted).ok());
    noted.map_or(seen, |noted| Duration::from_millis(noted).min(seen))
}
