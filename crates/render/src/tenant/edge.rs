//! How users reach the workload: Service and Ingress.

use serde_json::{Value, json};

use super::Input;
use crate::names;
use crate::object::{Kind, Object};

/// Odoo's port for pages and calls.
pub(crate) const HTTP_PORT: u16 = 8069;
/// Odoo's port for websockets, which the prefork server alone listens on.
pub(crate) const WEBSOCKET_PORT: u16 = 8072;

/// The Service in front of the pod. It has an endpoint only while the pod is ready.
pub(super) fn service(input: &Input<'_>) -> Object {
    let port = |name: &str, port: u16| json!({"name": name, "port": port, "targetPort": name});
    let body = json!({"spec": {
        "selector": super::workload::selector(),
        "ports": [port("http", HTTP_PORT), port("websocket", WEBSOCKET_PORT)],
    }});
    input.object(Kind::Service, names::ODOO, body)
}

/// The Ingress that publishes every hostname of the tenant.
pub(super) fn ingress(input: &Input<'_>) -> Object {
    let path = |path: &str, port: &str| {
        json!({
            "path": path,
            "pathType": "Prefix",
            "backend": {"service": {"name": names::ODOO, "port": {"name": port}}},
        })
    };
    let tenant = input.tenant;
    let rules: Vec<Value> = std::iter::once(&tenant.hostname)
        .chain(&tenant.aliases)
        .map(|hostname| {
            json!({
                "host": hostname.as_str(),
                "http": {"paths": [path("/websocket", "websocket"), path("/", "http")]},
            })
        })
        .collect();
    let settings = &input.settings.ingress;
    let body = json!({
        "metadata": {"annotations": settings.annotations},
        "spec": {"ingressClassName": settings.class_name, "rules": rules},
    });
    input.object(Kind::Ingress, names::ODOO, body)
}
