//! How a Job of ours stands, as its cache says.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Pod;
use tenantry_render::Kind;

use crate::children::Children;
use crate::context::Context;
use crate::diagnosis::{self, Diagnosis};
use crate::gist::gist;

/// On the pods of a Job: its name.
const OF_JOB: &str = "batch.kubernetes.io/job-name";

/// How a Job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Job {
    /// There is none.
    Absent,
    /// It was not over when it was last looked at.
    Running,
    /// It says that it succeeded, which proves nothing.
    Succeeded,
    /// It failed; with what Kubernetes says of that.
    Failed(String),
}

impl Job {
    /// The Job of that name.
    pub(crate) fn of(children: &Children, namespace: &str, name: &str) -> Self {
        let Some(job) = children.get(Kind::Job, Some(namespace), name) else {
            return Self::Absent;
        };
        let condition = |kind: &str| {
            let conditions = job.data["status"]["conditions"].as_array()?;
            let found = conditions
                .iter()
                .find(|condition| condition["type"] == kind && condition["status"] == "True")?;
            Some(found["message"].as_str().unwrap_or_default().to_owned())
        };
        if condition("Complete").is_some() {
            return Self::Succeeded;
        }
        condition("Failed").map_or(Self::Running, Self::Failed)
    }
}

/// What keeps the pod of a Job. One that failed is left to [`told_by`]: the end of its log may hold
/// what is to be left out.
pub(crate) fn trouble(context: &Context, namespace: &str, job: &str) -> Option<Diagnosis> {
    let mut pods = pods(context, namespace, job);
    pods.retain(|pod| !has_failed(pod));
    diagnosis::of_pods(&pods)
}

fn has_failed(pod: &Pod) -> bool {
    let phase = pod
        .status
        .as_ref()
        .and_then(|status| status.phase.as_deref());
    phase == Some("Failed")
}

/// Why a Job failed, as its pod said it, without the passwords of these Secrets. Kubelet keeps the
/// end of the log with the pod: reading logs is a right that we do not have.
pub(crate) fn told_by(context: &Context, namespace: &str, job: &str, secrets: &[&str]) -> String {
    let pods = pods(context, namespace, job);
    let words = pods.iter().find_map(|pod| {
        let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
        containers.iter().find_map(|container| {
            let ended = container.state.as_ref()?.terminated.as_ref()?;
            ended.message.clone()
        })
    });
    let children = &context.world.children;
    let passwords: Vec<_> = secrets
        .iter()
        .filter_map(|secret| children.password(namespace, secret))
        .collect();
    gist(&words.unwrap_or_default(), &passwords)
}

fn pods(context: &Context, namespace: &str, job: &str) -> Vec<Arc<Pod>> {
    context.world.sights.pods(namespace, OF_JOB, job)
}
