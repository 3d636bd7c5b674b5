//! The size of a tenant's volume. It grows with the tenant's size and never shrinks.

use std::cmp::Ordering;

use kube::api::DynamicObject;
use tenantry_domain::{Fault, Quantity, Reason, Retry, ValidTenant, Violation};
use tenantry_render::{Kind, names};

use crate::context::Context;
use crate::error::Result;
use crate::run::LOOK_AGAIN;

/// Refuses a size whose volume is smaller than the one that the tenant has.
pub(super) fn judge(
    valid: ValidTenant,
    context: &Context,
) -> std::result::Result<ValidTenant, Vec<Violation>> {
    match held(&valid, context) {
        Some(held) if compare(&valid.size.storage, &held) == Ordering::Less => {
            Err(vec![Violation {
                field: "spec.isolation.dedicated.size".to_owned(),
                reason: Reason::new("StorageShrinks"),
                message: format!(
                    "the size {} has {} of storage and the tenant's volume {held}; \
                     a volume never shrinks, so choose a size with {held} or more",
                    valid.size_name, valid.size.storage
                ),
            }])
        }
        _ => Ok(valid),
    }
}

/// Asks for a larger volume where the tenant's size has more storage than it has now. A storage
/// class that cannot grow volumes refuses, with the words that are returned; all else of the size
/// holds.
pub(super) async fn grow(valid: &ValidTenant, context: &Context) -> Result<Option<String>> {
    let storage = &valid.size.storage;
    let Some(held) = held(valid, context).filter(|held| compare(storage, held).is_gt()) else {
        return Ok(None);
    };
    let namespace = valid.key.namespace();
    let grown = context
        .cluster
        .grow(&namespace, names::DATA_VOLUME, storage.as_str());
    match grown.await {
        // The namespace's own quota, which grows with the size, follows in a moment.
        Err(error) if error.is_refusal() && error.category() != "QuotaExceeded" => {
            let (fault, retry) = (Fault::Platform, Retry::After(LOOK_AGAIN));
            let why = error.what();
            Ok(Some(format!(
                "its volume has {held} of the {storage} of its size: {why} ({fault}; {retry})"
            )))
        }
        outcome => outcome.map(|()| None),
    }
}

/// What the tenant's claim asks for. What somebody wrote in another notation is not judged.
fn held(valid: &ValidTenant, context: &Context) -> Option<Quantity> {
    let namespace = valid.key.namespace();
    let children = &context.world.children;
    let claim = children.get(
        Kind::PersistentVolumeClaim,
        Some(&namespace),
        names::DATA_VOLUME,
    )?;
    storage(&claim)
}

fn storage(claim: &DynamicObject) -> Option<Quantity> {
    let requests = &claim.data["spec"]["resources"]["requests"];
    requests["storage"].as_str()?.parse().ok()
}

fn compare(one: &Quantity, other: &Quantity) -> Ordering {
    one.thousandths().cmp(&other.thousandths())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claim(text: &str) -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "odoo-data"},
            "spec": {"resources": {"requests": {"storage": text}}},
        }))
        .unwrap()
    }

    #[test]
    fn a_claim_is_compared_by_what_it_asks_for() {
        let held = storage(&claim("2Gi")).unwrap();
        let size = |text: &str| compare(&text.parse().unwrap(), &held);
        assert_eq!(size("1536Mi"), Ordering::Less);
        assert_eq!(size("2Gi"), Ordering::Equal);
        assert_eq!(size("10Gi"), Ordering::Greater);
    }

    #[test]
    fn what_was_written_in_another_notation_is_left_alone() {
        assert_eq!(storage(&claim("2147483648000m")), None);
        assert_eq!(storage(&claim("2G")), None);
    }
}
