//! What a tenant's status keeps of decisions that only its own spec may change: its size, its
//! release, and the change from one release to another.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_domain::{Pinned, Size, Violation};

use crate::blueprint::{SizeSpec, violation};
use crate::tenant::{Tenant, TenantStatus};

/// What a tenant's size means.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveSize {
    /// Its name in the blueprint.
    pub name: String,
    /// Odoo worker processes.
    pub workers: i32,
    /// Processor time that is reserved.
    pub cpu: String,
    /// Memory that is reserved.
    pub memory: String,
    /// Memory that is never exceeded.
    pub memory_limit: String,
    /// Size of the volume for attachments and sessions.
    pub storage: String,
}

/// A change from one Release to another.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseChangeStatus {
    /// The Release before.
    pub from: String,
    /// The Release that was asked for.
    pub to: String,
    /// How far it came.
    pub phase: ReleaseChangePhase,
    /// When it was begun.
    pub start_time: MicroTime,
    /// When the phase began.
    pub phase_time: MicroTime,
    /// What it waits for, or why it failed.
    #[serde(default)]
    pub message: String,
}

/// How far a change from one Release to another came.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum ReleaseChangePhase {
    /// The old release is being stopped.
    Stopping,
    /// The database is being copied as it was before.
    Copying,
    /// Odoo of the new release updates the database.
    Updating,
    /// The new release is started, until its login page comes.
    Starting,
    /// The new release serves: the copy from before is dropped.
    Finishing,
    /// It failed: what the database was before is brought back.
    Reverting,
    /// The new release runs.
    Completed,
    /// The old release runs, with the data that it had. It is not tried again while the spec names
    /// this release.
    Failed,
    /// It failed, and the spec names that release no more.
    Withdrawn,
}

impl ReleaseChangePhase {
    /// Whether it is over, one way or the other.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Withdrawn)
    }
}

impl EffectiveSize {
    /// The size of that name.
    #[must_use]
    pub fn new(name: &str, size: &Size) -> Self {
        Self {
            name: name.to_owned(),
            workers: i32::try_from(size.workers).unwrap_or(i32::MAX),
            cpu: size.cpu.as_str().to_owned(),
            memory: size.memory.as_str().to_owned(),
            memory_limit: size.memory_limit.as_str().to_owned(),
            storage: size.storage.as_str().to_owned(),
        }
    }

    fn size(&self) -> Result<Size, Violation> {
        let spec = SizeSpec {
            workers: self.workers,
            cpu: self.cpu.clone(),
            memory: self.memory.clone(),
            memory_limit: self.memory_limit.clone(),
            storage: self.storage.clone(),
        };
        spec.size("status.effective.size")
    }
}

impl TenantStatus {
    /// The change of its release that is not over.
    #[must_use]
    pub fn ongoing_release_change(&self) -> Option<&ReleaseChangeStatus> {
        let change = self.release_change.as_ref();
        change.filter(|change| !change.phase.is_over())
    }
}

impl Tenant {
    /// What was decided for it earlier, as its status says.
    ///
    /// # Errors
    /// The status was written by somebody else.
    pub fn pinned(&self) -> Result<Pinned, Violation> {
        let Some(status) = &self.status else {
            return Ok(Pinned::default());
        };
        let name = |field: &'static str, text: &String| text.parse().map_err(violation(field));
        let size = status
            .effective
            .as_ref()
            .and_then(|effective| effective.size.as_ref());
        Ok(Pinned {
            release: status
                .release
                .as_ref()
                .map(|release| name("status.release", release))
                .transpose()?,
            changes_release: status.ongoing_release_change().is_some(),
            size: size
                .map(|size| Ok((size.name.clone(), size.size()?)))
                .transpose()?,
            database_server: status
                .placement
                .as_ref()
                .map(|place| name("status.placement.databaseServer", &place.database_server))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tenant(status: &serde_json::Value) -> Tenant {
        serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Tenant",
            "metadata": {"name": "shop42", "namespace": "partner-acme"},
            "spec": {
                "displayName": "Shop 42",
                "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "retail",
                "hostnames": ["shop42.acme.example"],
                "administrator": {"email": "ana@acme.example"},
            },
            "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn what_the_status_keeps_is_what_was_decided() {
        let size = Size {
            workers: 2,
            cpu: "100m".parse().unwrap(),
            memory: "256Mi".parse().unwrap(),
            memory_limit: "1Gi".parse().unwrap(),
            storage: "2Gi".parse().unwrap(),
        };
        let status = json!({
            "release": "odoo-19",
            "placement": {"namespace": "n", "databaseServer": "main", "database": "d"},
            "effective": {"size": EffectiveSize::new("small", &size)},
        });
        let pinned = tenant(&status).pinned().unwrap();
        assert_eq!(pinned.release, Some("odoo-19".parse().unwrap()));
        assert_eq!(pinned.database_server, Some("main".parse().unwrap()));
        assert_eq!(pinned.size, Some(("small".to_owned(), size)));
        assert!(!pinned.changes_release);
    }

    #[test]
    fn nothing_is_decided_for_a_tenant_without_status() {
        let mut new = tenant(&json!({}));
        assert_eq!(new.pinned().unwrap(), Pinned::default());
        new.status = None;
        assert_eq!(new.pinned().unwrap(), Pinned::default());
    }

    #[test]
    fn a_change_is_going_on_until_it_is_over() {
        for (phase, going_on) in [
            ("Stopping", true),
            ("Finishing", true),
            ("Reverting", true),
            ("Completed", false),
            ("Failed", false),
        ] {
            let change = json!({"from": "a", "to": "b", "phase": phase,
                "startTime": "2026-11-22T19:40:05.123456Z",
                "phaseTime": "2026-11-22T19:40:05.123456Z"});
            let pinned = tenant(&json!({"releaseChange": change})).pinned().unwrap();
            assert_eq!(pinned.changes_release, going_on, "{phase}");
        }
    }
}
