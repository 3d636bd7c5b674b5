//! How a Job of ours stands, as its cache says.

use tenantry_render::Kind;

use crate::world::Children;

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
