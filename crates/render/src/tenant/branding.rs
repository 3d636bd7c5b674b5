//! The ConfigMap with the tenant's brand.

use serde_json::json;

use super::Input;
use crate::names;
use crate::object::{Kind, Object};

/// The brand, one key for each thing that is said.
pub(super) fn config_map(input: &Input<'_>) -> Object {
    let brand = &input.tenant.brand;
    let said = [
        ("productName", &brand.product_name),
        ("primaryColor", &brand.primary_color),
        ("secondaryColor", &brand.secondary_color),
        ("supportUrl", &brand.support_url),
        ("supportEmail", &brand.support_email),
    ];
    let mut data = json!({"displayName": input.tenant.display_name});
    for (key, value) in said {
        if let Some(value) = value {
            data[key] = json!(value);
        }
    }
    input.object(Kind::ConfigMap, names::BRANDING, json!({"data": data}))
}
