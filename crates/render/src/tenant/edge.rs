//! How users reach the workload: Service and Ingress.

use serde_json::{Value, json};
use tenantry_domain::ValidTenant;

use super::{Input, tls};
use crate::names;
use crate::object::{Kind, Object};
use crate::settings::Settings;

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

/// The Ingress that leads every hostname of the tenant to its workload.
pub(super) fn ingress(input: &Input<'_>) -> Object {
    let paths = [
        path("/websocket", names::ODOO, "websocket"),
        path("/", names::ODOO, "http"),
    ];
    input.object(
        Kind::Ingress,
        names::ODOO,
        published(input.tenant, input.settings, &paths),
    )
}

/// A path of a hostname, and the port of a Service that it leads to.
pub(super) fn path(path: &str, service: &str, port: &str) -> Value {
    json!({
        "path": path,
        "pathType": "Prefix",
        "backend": {"service": {"name": service, "port": {"name": port}}},
    })
}

/// An Ingress that publishes `paths` on every hostname of the tenant.
pub(super) fn published(tenant: &ValidTenant, settings: &Settings, paths: &[Value]) -> Value {
    let rules: Vec<Value> = tenant
        .hostnames()
        .map(|hostname| json!({"host": hostname.as_str(), "http": {"paths": paths}}))
        .collect();
    let settings = &settings.ingress;
    let mut body = json!({
        "metadata": {"annotations": tls::annotations(settings)},
        "spec": {"ingressClassName": settings.class_name, "rules": rules},
    });
    let certificates = tls::section(tenant, &settings.tls);
    if !certificates.is_empty() {
        body["spec"]["tls"] = json!(certificates);
    }
    body
}
