//! The volume for attachments and sessions.

use serde_json::json;

use super::Input;
use crate::names;
use crate::object::{Kind, Object, Writing};

/// The claim. Its class is decided when it is made and stays.
pub(super) fn volume_claim(input: &Input<'_>) -> Object {
    let mut spec = json!({
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": input.tenant.size.storage.as_str()}},
    });
    if let Some(class) = &input.settings.storage_class_name {
        spec["storageClassName"] = json!(class);
    }
    input
        .object(
            Kind::PersistentVolumeClaim,
            names::DATA_VOLUME,
            json!({"spec": spec}),
        )
        .writing(Writing::Once)
}
