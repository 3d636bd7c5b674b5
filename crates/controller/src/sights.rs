//! Watches of what others do to our objects: the pods that Kubernetes made of them, what is said of
//! volumes that cannot be had, and the ingress classes that there are.
//!
//! Only what a diagnosis needs is kept of each object, and only what changes a diagnosis wakes
//! somebody: an ordinary start of a pod does not.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::api::core::v1::{Event, Pod, PodStatus};
use k8s_openapi::api::networking::v1::IngressClass;
use kube::api::Api;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use tenantry_render::{Kind, names};
use tokio_util::task::AbortOnDropHandle;

use crate::children::Children;
use crate::diagnosis;
use crate::owners::Owners;
use crate::world::{Changed, drive, ours, watch_kind};

/// What an ordinary start says of a volume.
const ORDINARY: [&str; 4] = [
    "WaitForFirstConsumer",
    "ExternalProvisioning",
    "Provisioning",
    "ProvisioningSucceeded",
];

/// What others do to our objects.
pub(crate) struct Sights {
    pods: Store<Pod>,
    volume_events: Store<Event>,
    ingress_classes: Store<IngressClass>,
}

impl Sights {
    /// Begins the watches, which tell owners of what concerns them.
    pub(crate) fn watch(
        client: &Client,
        children: &Children,
        owners: &Owners,
        tasks: &mut Vec<AbortOnDropHandle<()>>,
    ) -> (Self, [Changed<IngressClass>; 1]) {
        let (ingress_classes, changed) = watch_kind(client, &Arc::default(), tasks);
        let sights = Self {
            pods: watch_pods(client, owners.clone(), tasks),
            volume_events: watch_volume_events(client, children.clone(), owners.clone(), tasks),
            ingress_classes,
        };
        (sights, changed)
    }

    /// Waits until every cache has been filled.
    pub(crate) async fn filled(&self) {
        let _ = self.pods.wait_until_ready().await;
        let _ = self.volume_events.wait_until_ready().await;
        let _ = self.ingress_classes.wait_until_ready().await;
    }

    /// The pods of ours in `namespace` whose label has this value.
    pub(crate) fn pods(&self, namespace: &str, label: &str, value: &str) -> Vec<Arc<Pod>> {
        self.pods.state_filter(|pod| {
            let labelled = pod.labels().get(label).is_some_and(|found| found == value);
            labelled && pod.metadata.namespace.as_deref() == Some(namespace)
        })
    }

    /// What was last said of the volume of the tenant in `namespace`, if it was no good.
    pub(crate) fn said_of_volume(&self, namespace: &str) -> Option<String> {
        let events = self
            .volume_events
            .state_filter(|event| event.metadata.namespace.as_deref() == Some(namespace));
        let newest = events.iter().max_by_key(|event| {
            let version = event.resource_version().unwrap_or_default();
            version.parse::<u64>().unwrap_or_default()
        });
        newest?.message.clone()
    }

    /// Whether there is an ingress class of that name.
    pub(crate) fn has_ingress_class(&self, name: &str) -> bool {
        self.ingress_classes.get(&ObjectRef::new(name)).is_some()
    }
}

fn watch_pods(
    client: &Client,
    owners: Owners,
    tasks: &mut Vec<AbortOnDropHandle<()>>,
) -> Store<Pod> {
    let (store, writer) = reflector::store();
    let stream = watcher(Api::<Pod>::all(client.clone()), ours())
        .default_backoff()
        .modify(prune_pod)
        .reflect(writer);
    let sick = Mutex::new(HashSet::new());
    tasks.push(drive(
        "Pod".to_owned(),
        stream,
        store.clone(),
        move |pod: Arc<Pod>| {
            if concerns(&sick, &pod) {
                owners.tell(pod.labels());
            }
        },
    ));
    store
}

/// Whether the pod is sick, or was when it was last seen.
fn concerns(sick: &Mutex<HashSet<String>>, pod: &Pod) -> bool {
    let mut sick = sick.lock().unwrap_or_else(PoisonError::into_inner);
    let uid = pod.uid().unwrap_or_default();
    let ends = pod.metadata.deletion_timestamp.is_some();
    if !ends && diagnosis::of_pod(pod).is_some() {
        sick.insert(uid);
        true
    } else {
        sick.remove(&uid)
    }
}

/// Leaves whose pod it is and how its containers stand.
fn prune_pod(pod: &mut Pod) {
    pod.spec = None;
    let metadata = &mut pod.metadata;
    metadata.managed_fields = None;
    metadata.annotations = None;
    metadata.owner_references = None;
    if let Some(status) = pod.status.take() {
        pod.status = Some(PodStatus {
            phase: status.phase,
            conditions: status.conditions,
            init_container_statuses: status.init_container_statuses,
            container_statuses: status.container_statuses,
            ..PodStatus::default()
        });
    }
}

fn watch_volume_events(
    client: &Client,
    children: Children,
    owners: Owners,
    tasks: &mut Vec<AbortOnDropHandle<()>>,
) -> Store<Event> {
    let (store, writer) = reflector::store();
    let config = watcher::Config::default().fields(&volume_trouble());
    let stream = watcher(Api::<Event>::all(client.clone()), config)
        .default_backoff()
        .modify(prune_event)
        .reflect(writer);
    tasks.push(drive(
        "Event".to_owned(),
        stream,
        store.clone(),
        move |event: Arc<Event>| {
            let namespace = event.metadata.namespace.as_deref();
            let claim = Kind::PersistentVolumeClaim;
            if let Some(claim) = children.get(claim, namespace, names::DATA_VOLUME) {
                owners.tell(claim.labels());
            }
        },
    ));
    store
}

/// Selects what is said of tenants' volumes beside what is said of every one.
fn volume_trouble() -> String {
    let mut selector = vec![
        "involvedObject.kind=PersistentVolumeClaim".to_owned(),
        format!("involvedObject.name={}", names::DATA_VOLUME),
    ];
    selector.extend(ORDINARY.map(|reason| format!("reason!={reason}")));
    selector.join(",")
}

fn prune_event(event: &mut Event) {
    event.metadata.managed_fields = None;
    event.series = None;
    event.source = None;
    event.reporting_component = None;
    event.reporting_instance = None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(reason: &str) -> Pod {
        let mut pod = serde_json::from_value(json!({
            "metadata": {
                "name": "odoo-1", "uid": "u", "labels": {"a": "b"}, "annotations": {"c": "d"},
                "managedFields": [{"manager": "kubelet"}],
            },
            "spec": {"containers": [{"name": "odoo", "env": [{"name": "PGHOST", "value": "x"}]}]},
            "status": {"hostIP": "10.0.0.1", "phase": "Pending", "containerStatuses": [{
                "name": "odoo", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                "state": {"waiting": {"reason": reason}},
            }]},
        }))
        .unwrap();
        prune_pod(&mut pod);
        pod
    }

    #[test]
    fn a_pod_concerns_its_owner_while_it_is_sick_and_once_more_when_it_is_not() {
        let sick = Mutex::default();
        let told: Vec<_> = [
            "ContainerCreating",
            "ErrImagePull",
            "ImagePullBackOff",
            "ContainerCreating",
            "PodInitializing",
        ]
        .map(|reason| concerns(&sick, &pod(reason)))
        .into();
        assert_eq!(told, [false, true, true, true, false]);
    }

    #[test]
    fn a_sick_pod_that_ends_is_forgotten() {
        let sick = Mutex::default();
        let mut pod = pod("ErrImagePull");
        assert!(concerns(&sick, &pod));
        pod.metadata.deletion_timestamp =
            Some(serde_json::from_value(json!("2026-11-22T22:43:01Z")).unwrap());
        assert!(concerns(&sick, &pod));
        assert!(sick.lock().unwrap().is_empty());
    }

    #[test]
    fn of_a_pod_only_what_a_diagnosis_needs_is_kept() {
        let kept = serde_json::to_value(pod("ErrImagePull")).unwrap();
        assert_eq!(
            kept["metadata"],
            json!({"name": "odoo-1", "uid": "u", "labels": {"a": "b"}})
        );
        assert_eq!(kept["spec"], json!(null));
        assert!(kept["status"].get("hostIP").is_none());
        assert_eq!(kept["status"]["phase"], json!("Pending"));
        let waits = "/status/containerStatuses/0/state/waiting/reason";
        assert_eq!(kept.pointer(waits), Some(&json!("ErrImagePull")));
    }

    #[test]
    fn what_every_start_says_of_a_volume_is_not_heard() {
        let selector = volume_trouble();
        assert!(selector.starts_with(
            "involvedObject.kind=PersistentVolumeClaim,involvedObject.name=odoo-data,reason!="
        ));
    }
}
