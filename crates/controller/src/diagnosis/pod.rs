//! What keeps one pod from being ready. Pure.

use std::time::Duration;

use k8s_openapi::api::core::v1::{
    ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, Pod, PodStatus,
};
use tenantry_domain::{Fault, Retry};

use super::{Diagnosis, volume_not_bound};
use crate::words::settled;

/// How far apart the kubelet's attempts to pull an image or to start a container come to be.
const KUBELET_PAUSE: Duration = Duration::from_mins(5);

/// What keeps the pod from being ready; nothing when it is, is on its way, or has done its work.
pub(crate) fn of(pod: &Pod) -> Option<Diagnosis> {
    let status = pod.status.as_ref()?;
    // The pod of a Job that did its work is never ready again, and nothing is the matter with it.
    if status.phase.as_deref() == Some("Succeeded") {
        return None;
    }
    let containers = [&status.init_container_statuses, &status.container_statuses];
    unscheduled(status).or_else(|| {
        containers
            .into_iter()
            .flatten()
            .flatten()
            .find_map(container)
    })
}

fn unscheduled(status: &PodStatus) -> Option<Diagnosis> {
    let condition = status.conditions.as_ref()?.iter().find(|condition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() == Some("Unschedulable")
    })?;
    let message = condition.message.as_deref().unwrap_or_default();
    // Every start passes through this: the volume's own claim says when it is trouble.
    if message.to_lowercase().contains("persistentvolumeclaim") {
        return None;
    }
    let why = scheduler(message);
    if why.contains("persistent volume") || why.contains("volume node affinity") {
        return Some(volume_not_bound(&why));
    }
    Some(Diagnosis::sick(
        "PodUnschedulable",
        format!("no node takes its pod: {why}"),
        Fault::Platform,
        Retry::After(KUBELET_PAUSE),
    ))
}

/// The scheduler's reasons without the number of nodes for each:
/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {…}. preemption: …`
fn scheduler(message: &str) -> String {
    let Some((_, reasons)) = message.split_once("nodes are available: ") else {
        return settled(message);
    };
    let reasons = reasons.split(". preemption: ").next().unwrap_or(reasons);
    let uncounted = |reason: &str| {
        let reason = reason.trim_start_matches(|letter: char| letter.is_ascii_digit());
        reason.trim().to_owned()
    };
    let reasons = reasons.trim_end_matches('.').split(", ");
    let mut reasons: Vec<String> = reasons.map(uncounted).collect();
    reasons.sort();
    settled(&reasons.join(", "))
}

fn container(status: &ContainerStatus) -> Option<Diagnosis> {
    if status.ready {
        return None;
    }
    let state = status.state.as_ref();
    let waiting = state.and_then(|state| state.waiting.as_ref());
    if let Some(diagnosis) = waiting.and_then(|waiting| stuck(status, waiting)) {
        return Some(diagnosis);
    }
    // It ended just now, or it ended before and was started again: that is the same trouble for as
    // long as it is not ready.
    let ended = state.and_then(|state| state.terminated.as_ref());
    let ended_before = status.last_state.as_ref();
    let ended = ended.or_else(|| ended_before.and_then(|state| state.terminated.as_ref()));
    match (ended, waiting) {
        (Some(ended), _) => Some(crash(&status.name, ended)),
        (None, Some(waiting)) if waiting.reason.as_deref() == Some("RunContainerError") => {
            Some(not_started(&status.name, waiting.message.as_deref()))
        }
        _ => None,
    }
}

/// Before a container's process is there at all.
fn stuck(status: &ContainerStatus, waiting: &ContainerStateWaiting) -> Option<Diagnosis> {
    let words = waiting.message.as_deref().unwrap_or_default();
    let (reason, what) = match waiting.reason.as_deref()? {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "ImageInspectError"
        | "RegistryUnavailable"
        | "SignatureValidationFailed" => {
            let why = because(registry(words));
            (
                "ImageNotPulled",
                format!("image {} cannot be pulled{why}", status.image),
            )
        }
        "CreateContainerConfigError" | "CreateContainerError" => {
            let why = because(words);
            let what = format!("container {} cannot be created{why}", status.name);
            ("ContainerConfigInvalid", what)
        }
        _ => return None,
    };
    let retry = Retry::After(KUBELET_PAUSE);
    Some(Diagnosis::sick(reason, what, Fault::Platform, retry))
}

/// The registry's words, which the kubelet repeats while it waits:
/// `Back-off pulling image "…": ErrImagePull: …`
fn registry(words: &str) -> &str {
    let Some(waiting) = words.strip_prefix("Back-off pulling image \"") else {
        return words;
    };
    let (_, repeated) = waiting.split_once("\": ").unwrap_or_default();
    let (_, words) = repeated.split_once(": ").unwrap_or_default();
    words
}

fn crash(container: &str, ended: &ContainerStateTerminated) -> Diagnosis {
    let retry = Retry::After(KUBELET_PAUSE);
    let words = ended.message.as_deref();
    let words = words.filter(|words| !words.trim().is_empty());
    match ended.reason.as_deref() {
        Some("OOMKilled") => Diagnosis::sick(
            "OutOfMemory",
            format!(
                "container {container} was ended because it used more memory than its limit: \
                 choose a bigger size"
            ),
            Fault::Caller,
            retry,
        ),
        Some("StartError" | "ContainerCannotRun") => not_started(container, words),
        _ => {
            let why = because(words.unwrap_or("read its log"));
            let what = format!(
                "container {container} ended with exit code {}{why}",
                ended.exit_code
            );
            Diagnosis::sick("PodCrashes", what, Fault::Platform, retry)
        }
    }
}

fn not_started(container: &str, words: Option<&str>) -> Diagnosis {
    let why = because(words.unwrap_or_default());
    Diagnosis::sick(
        "PodCrashes",
        format!("container {container} cannot be started{why}"),
        Fault::Platform,
        Retry::After(KUBELET_PAUSE),
    )
}

/// `: words`, or nothing.
fn because(words: &str) -> String {
    let words = settled(words);
    if words.is_empty() {
        words
    } else {
        format!(": {words}")
    }
}
