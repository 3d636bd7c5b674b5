//! The way to the parking page, for a tenant that does not run.

use serde_json::{Value, json};

use super::Input;
use crate::names;
use crate::object::{Kind, Object};

/// The Ingress that leads every hostname of the tenant to the parking service. An Ingress leads to
/// Services of its own namespace alone, so it lives beside that service.
pub(super) fn ingress(input: &Input<'_>) -> Object {
    let tenant = input.tenant;
    let rules: Vec<Value> = std::iter::once(&tenant.hostname)
        .chain(&tenant.aliases)
        .map(|hostname| {
            json!({
                "host": hostname.as_str(),
                "http": {"paths": [{
                    "path": "/",
                    "pathType": "Prefix",
                    "backend": {"service": {"name": names::PARKING, "port": {"name": "http"}}},
                }]},
            })
        })
        .collect();
    let settings = input.settings;
    Object::new(
        Kind::Ingress,
        Some(&settings.namespace),
        &names::parked_ingress(input.id),
        &input.owner(),
        json!({
            "metadata": {"annotations": settings.ingress.annotations},
            "spec": {"ingressClassName": settings.ingress.class_name, "rules": rules},
        }),
    )
}
