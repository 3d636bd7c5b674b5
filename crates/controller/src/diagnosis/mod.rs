//! Why a workload is not ready, from what Kubernetes says of it. Pure.
//!
//! What is told is the same for as long as the cause is the same, however often it is tried: a pod's
//! name, the number of its restarts and the time are in no message. A message that changed by itself
//! would be written again and again.

mod pod;

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::DynamicObject;
use serde_json::Value;
use tenantry_domain::{Fault, Retry};

use crate::refusal;
use crate::words::settled;

pub(crate) use pod::of as of_pod;

/// How far apart the attempts of a `ReplicaSet` to make its pod come to be.
const REPLICA_SET_PAUSE: Duration = Duration::from_secs(1000);
/// How far apart the attempts to make a volume come to be.
const VOLUME_PAUSE: Duration = Duration::from_mins(5);

/// Why a workload is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// A CamelCase word for conditions and events.
    pub(crate) reason: &'static str,
    /// What happened to what.
    pub(crate) what: String,
    /// Who has to act; nobody when it passes.
    pub(crate) fault: Option<Fault>,
    /// When it is tried again, by Kubernetes.
    pub(crate) retry: Retry,
}

impl Diagnosis {
    fn sick(reason: &'static str, what: String, fault: Fault, retry: Retry) -> Self {
        Self {
            reason,
            what,
            fault: Some(fault),
            retry,
        }
    }

    fn starting() -> Self {
        Self {
            reason: "PodStarting",
            what: "its pod has not passed its readiness probe".to_owned(),
            fault: None,
            retry: Retry::OnChange,
        }
    }

    /// What a condition says: what happened, whose matter it is, and when it is tried again.
    pub(crate) fn message(&self) -> String {
        match self.fault {
            Some(fault) => format!("{} ({fault}; {})", self.what, self.retry),
            None => self.what.clone(),
        }
    }
}

/// What is known of a workload with one pod and one volume.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    /// The Deployment's status.
    pub(crate) deployment: &'a Value,
    /// Its pods, those that are ending too.
    pub(crate) pods: &'a [Arc<Pod>],
    /// The volume's claim, as far as there is one.
    pub(crate) volume: Option<&'a DynamicObject>,
    /// What was last told of a volume that cannot be had.
    pub(crate) said_of_volume: Option<&'a str>,
}

/// Why a workload that is not ready is not.
pub(crate) fn of_workload(sight: &Sight<'_>) -> Diagnosis {
    missing_volume(sight)
        .or_else(|| replica_failure(sight.deployment))
        .or_else(|| of_pods(sight.pods))
        .unwrap_or_else(Diagnosis::starting)
}

/// Why the newest pod that is not ending is not ready.
pub(crate) fn of_pods(pods: &[Arc<Pod>]) -> Option<Diagnosis> {
    let living = pods
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let newest = living.max_by_key(|pod| {
        let created = pod.metadata.creation_timestamp.as_ref();
        created.map(|created| created.0)
    });
    of_pod(newest?)
}

/// Says that what was on the volume `name` is gone, or is about to be. That is told of a running
/// pod, too. `had` says whether there ever was a volume.
pub(crate) fn of_volume(name: &str, claim: Option<&DynamicObject>, had: bool) -> Option<Diagnosis> {
    let what = match claim {
        None if had => "is not there any more: restore it under its name, with its labels",
        Some(claim) if claim.data["status"]["phase"] == "Lost" => {
            "is bound to a volume that is gone: restore that volume under its name"
        }
        Some(claim) if claim.metadata.deletion_timestamp.is_some() => {
            "is being deleted: save what is on it, it goes with its last pod"
        }
        _ => return None,
    };
    Some(Diagnosis::sick(
        "VolumeLost",
        format!("its volume claim {name} {what}; it is never replaced by an empty one"),
        Fault::Platform,
        Retry::OnChange,
    ))
}

/// A claim waits for its volume in every start. It is told only with somebody's word that it fails.
fn missing_volume(sight: &Sight<'_>) -> Option<Diagnosis> {
    let pending = sight.volume?.data["status"]["phase"] == "Pending";
    let said = sight.said_of_volume.filter(|_| pending)?;
    Some(volume_not_bound(&settled(said)))
}

fn volume_not_bound(why: &str) -> Diagnosis {
    Diagnosis::sick(
        "VolumeNotBound",
        format!("its volume cannot be had: {why}"),
        Fault::Platform,
        Retry::After(VOLUME_PAUSE),
    )
}

/// Why no pod could be made at all.
fn replica_failure(deployment: &Value) -> Option<Diagnosis> {
    let failure = deployment["conditions"]
        .as_array()?
        .iter()
        .find(|condition| condition["type"] == "ReplicaFailure" && condition["status"] == "True")?;
    let text = failure["message"].as_str().unwrap_or_default();
    let (reason, words) = if let Some(refusal) = refusal::read(text) {
        (refusal.reason, refusal.words)
    } else {
        // `pods "odoo-7f6c9d5b8-x4k2p" is forbidden: …`
        let (_, words) = text.split_once(" is forbidden: ").unwrap_or(("", text));
        ("AdmissionRefused", settled(words))
    };
    Some(Diagnosis::sick(
        reason,
        format!("its pod cannot be created: {words}"),
        Fault::Platform,
        Retry::After(REPLICA_SET_PAUSE),
    ))
}

#[cfg(test)]
mod tests;
