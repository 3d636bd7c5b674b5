//! The versions that we wrote of objects that we also read from caches.
//!
//! A cache lags behind what we wrote. Deciding from such an old object would undo it: a second
//! identity for a tenant, a step of its provisioning lost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kube::ResourceExt as _;
use kube::api::DynamicObject;

use crate::error::{Error, Result};

/// The last version that we wrote of each object, by its kind, namespace and name. Versions of
/// one kind grow; Kubernetes promises that since 1.35 and has always kept it.
#[derive(Debug, Default)]
pub(crate) struct Versions(Mutex<HashMap<String, u64>>);

impl Versions {
    /// Takes in what the API server answered to a write, and returns the new version.
    pub(crate) fn written(
        &self,
        object: &str,
        answer: kube::Result<DynamicObject>,
        verb: &'static str,
    ) -> Result<String> {
        let written = answer.map_err(|source| Error::Kubernetes {
            verb,
            object: object.to_owned(),
            source,
        })?;
        let version = written.resource_version().unwrap_or_default();
        if let Ok(number) = version.parse() {
            let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            versions.insert(object.to_owned(), number);
        }
        Ok(version)
    }

    /// Whether `version` is older than what we wrote last.
    pub(crate) fn is_behind(&self, object: &str, version: Option<&str>) -> bool {
        let versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: Option<u64> = version.and_then(|version| version.parse().ok());
        seen.zip(versions.get(object))
            .is_some_and(|(seen, written)| seen < *written)
    }

    /// The object is gone.
    pub(crate) fn forget(&self, object: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(version: &str) -> DynamicObject {
        serde_json::from_value(serde_json::json!({"metadata": {"resourceVersion": version}}))
            .unwrap()
    }

    #[test]
    fn an_object_is_stale_until_the_cache_has_what_we_wrote() {
        let versions = Versions::default();
        assert!(!versions.is_behind("Tenant a/b", Some("9")));
        assert_eq!(
            versions
                .written("Tenant a/b", Ok(written("10")), "mark")
                .unwrap(),
            "10"
        );
        assert!(versions.is_behind("Tenant a/b", Some("9")));
        assert!(!versions.is_behind("Tenant a/b", Some("10")));
        assert!(!versions.is_behind("Tenant a/b", Some("11")));
        assert!(!versions.is_behind("Tenant a/c", Some("9")));
        versions.forget("Tenant a/b");
        assert!(!versions.is_behind("Tenant a/b", Some("9")));
    }
}
