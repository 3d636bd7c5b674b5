//! The part of a tenant's spec that says whether it runs and how it goes, and what that means.

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_domain::{ConditionType, Life, PURGE_AFTER, RunState};

use crate::tenant::Tenant;

/// Whether a tenant runs.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum RunStateSpec {
    /// It serves its users.
    Running,
    /// Nothing of it runs and its hostnames show a parking page; all it has is kept.
    Suspended,
    /// As `Suspended`, until it is purged with all that it has. Until then `Running` brings it
    /// back.
    Deleted,
}

/// What happens when the tenant is deleted.
#[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletionSpec {
    /// Whether deletion is refused, by every door; `Disabled` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<DeletionProtection>,
    /// Whether the tenant's data outlives the object when that is deleted; `Retain` when left
    /// out. A tenant that is purged leaves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<DeletionPolicy>,
    /// How many seconds pass from `runState: Deleted` until the tenant is purged; 604800, a week,
    /// when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub purge_after_seconds: Option<i32>,
}

/// Whether deletion is refused.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum DeletionProtection {
    /// The tenant cannot be deleted.
    Enabled,
    /// The tenant can be deleted.
    Disabled,
}

/// Whether a tenant's data outlives its object.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum DeletionPolicy {
    /// Workload and routes are removed; namespace, volume and database stay.
    Retain,
    /// Everything is removed.
    Delete,
}

impl Tenant {
    /// What it should be doing.
    #[must_use]
    pub fn run_state(&self) -> RunState {
        match self.spec.run_state {
            None | Some(RunStateSpec::Running) => RunState::Running,
            Some(RunStateSpec::Suspended) => RunState::Suspended,
            Some(RunStateSpec::Deleted) => RunState::Deleted,
        }
    }

    /// Whether it must not be deleted.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.deletion()
            .is_some_and(|deletion| deletion.protection == Some(DeletionProtection::Enabled))
    }

    /// What is to become of it at `now`. Its time to be purged begins anew with every change of
    /// the spec.
    #[must_use]
    pub fn life(&self, now: Timestamp) -> Life {
        let purge_after = self
            .deletion()
            .and_then(|deletion| deletion.purge_after_seconds)
            .map_or(PURGE_AFTER, |seconds| {
                SignedDuration::from_secs(i64::from(seconds))
            });
        Life::of(self.run_state(), self.deletion_seen(), purge_after, now)
    }

    /// Whether its data goes with the object, when that is removed at `now`.
    #[must_use]
    pub fn deletes_data(&self, now: Timestamp) -> bool {
        let policy = self.deletion().and_then(|deletion| deletion.policy);
        policy == Some(DeletionPolicy::Delete) || self.life(now) == Life::Expired
    }

    fn deletion(&self) -> Option<&DeletionSpec> {
        self.spec.deletion.as_ref()
    }

    /// When the deletion that the spec asks for now was first seen. A time that was noted for
    /// another generation of the spec is of another deletion: in between, the tenant may have
    /// been undeleted while nobody looked.
    fn deletion_seen(&self) -> Option<Timestamp> {
        let status = self.status.as_ref()?;
        let noted_for = status
            .conditions
            .iter()
            .find(|condition| condition.type_ == ConditionType::Accepted.as_str())?
            .observed_generation?;
        // The deletion of the object itself is a generation, too.
        let tolerance = i64::from(self.metadata.deletion_timestamp.is_some());
        (self.metadata.generation? - noted_for <= tolerance)
            .then_some(status.delete_time.as_ref()?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn tenant(generation: i64, deletion: &Value) -> Tenant {
        serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Tenant",
            "metadata": {"name": "shop", "namespace": "partner-acme", "generation": generation},
            "spec": {
                "displayName": "Shop",
                "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "base",
                "hostnames": ["shop.acme.example"],
                "administrator": {"email": "ana@acme.example"},
                "runState": "Deleted",
                "deletion": deletion,
            },
            "status": {
                "deleteTime": "2026-11-01T00:00:00Z",
                "conditions": [{
                    "type": "Accepted", "status": "True", "reason": "Accepted", "message": "",
                    "observedGeneration": 5, "lastTransitionTime": "2026-11-01T00:00:00Z",
                }],
            },
        }))
        .unwrap()
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_passes_when_the_spec_does_not_say_how_long() {
        let tenant = tenant(5, &json!({}));
        let purge_time = time("2026-11-08T00:00:00Z");
        assert!(matches!(
            tenant.life(time("2026-11-07T23:59:59Z")),
            Life::Deleted { purge_time: found, .. } if found == purge_time
        ));
        assert_eq!(tenant.life(purge_time), Life::Expired);
    }

    #[test]
    fn a_time_that_was_noted_for_another_deletion_purges_nothing() {
        let tenant = tenant(7, &json!({"purgeAfterSeconds": 60}));
        let now = time("2027-01-01T00:00:00Z");
        assert!(matches!(tenant.life(now), Life::Deleted { since, .. } if since == now));
        assert!(!tenant.deletes_data(now));
    }

    #[test]
    fn a_purged_tenant_leaves_nothing_even_where_the_policy_is_to_retain() {
        let mut tenant = tenant(6, &json!({"policy": "Retain"}));
        let now = time("2027-01-01T00:00:00Z");
        assert!(!tenant.deletes_data(now));
        tenant.metadata.deletion_timestamp =
            Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(now));
        assert!(tenant.deletes_data(now));
    }
}
