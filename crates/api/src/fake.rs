//! An API server in memory for tests: objects by their path; get, create, patch and list, and a watch
//! that tells what it was told.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::future;
use std::sync::{Arc, Mutex};

use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

use crate::cluster::Cluster;

const ROOT: &str = "/apis/tenantry.dev/v1alpha1";

/// An API server in memory.
#[derive(Clone, Default)]
pub(crate) struct Fake {
    objects: Arc<Mutex<BTreeMap<String, Value>>>,
    conflicts: Arc<Mutex<u32>>,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Fake {
    /// With Partner `acme`, Blueprint `retail` and Release `odoo-19`.
    pub(crate) fn new() -> Self {
        let fake = Self::default();
        fake.put(
            "partners/acme",
            json!({"kind": "Partner", "metadata": {"name": "acme"}, "spec": {
                "displayName": "Acme", "domains": ["acme.example"]
            }}),
        );
        fake.put(
            "blueprints/retail",
            json!({"kind": "Blueprint", "metadata": {"name": "retail"}, "spec": {
                "databaseServer": "shared",
                "sizes": {"small": {
                    "workers": 2, "cpu": "100m", "memory": "256Mi", "memoryLimit": "1Gi",
                    "storage": "2Gi"
                }},
                "channels": {"stable": "odoo-19"}
            }}),
        );
        fake.put(
            "releases/odoo-19",
            json!({"kind": "Release", "metadata": {"name": "odoo-19"}, "spec": {
                "odooVersion": "19.0",
                "image": format!("repo.example/odoo@sha256:{}", "0".repeat(64)),
                "contract": {"command": ["odoo"], "uid": 100, "gid": 101, "dataDirectory": "/data"}
            }}),
        );
        fake
    }

    pub(crate) fn cluster(&self) -> Cluster {
        let fake = self.clone();
        let service = tower::service_fn(move |request| {
            let fake = fake.clone();
            async move { Ok::<_, Infallible>(fake.answer(request).await) }
        });
        Cluster::new(Client::new(service, "default"))
    }

    /// Puts an object at `path`, such as `partners/acme`.
    pub(crate) fn put(&self, path: &str, mut object: Value) {
        object["apiVersion"] = json!("tenantry.dev/v1alpha1");
        self.objects
            .lock()
            .unwrap()
            .insert(format!("{ROOT}/{path}"), object);
    }

    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        let objects = self.objects.lock().unwrap();
        objects.get(&format!("{ROOT}/{path}")).cloned()
    }

    pub(crate) fn remove(&self, path: &str) {
        let mut objects = self.objects.lock().unwrap();
        objects.remove(&format!("{ROOT}/{path}"));
    }

    /// The next patch finds that somebody else has written.
    pub(crate) fn conflict_once(&self) {
        *self.conflicts.lock().unwrap() += 1;
    }

    /// The next watch is told that this happened to `object`: `MODIFIED` or `DELETED`.
    pub(crate) fn happens(&self, what: &str, mut object: Value) {
        object["metadata"]["resourceVersion"] = json!("2");
        let event = json!({"type": what, "object": object});
        self.events.lock().unwrap().push(event);
    }

    /// What happened, a line each. Nothing else ever does.
    async fn watch(&self) -> Response<Body> {
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        if events.is_empty() {
            future::pending::<()>().await;
        }
        let lines = events.iter().fold(String::new(), |mut lines, event| {
            writeln!(lines, "{event}").unwrap();
            lines
        });
        Response::new(Body::from(lines.into_bytes()))
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let query = head.uri.query().unwrap_or_default().to_owned();
        if query.contains("watch=true") {
            return self.watch().await;
        }
        let body = body.collect().await.unwrap().to_bytes();
        let (code, value) = if head.method == Method::POST {
            self.create(&path, &query, serde_json::from_slice(&body).unwrap())
        } else if head.method == Method::PATCH {
            self.patch(&path, &query, &serde_json::from_slice(&body).unwrap())
        } else if path.ends_with("/tenants") {
            (200, self.list(&path, &query))
        } else {
            match self.objects.lock().unwrap().get(&path) {
                Some(object) => (200, object.clone()),
                None => failure(404, "NotFound"),
            }
        };
        let body = Body::from(serde_json::to_vec(&value).unwrap());
        Response::builder().status(code).body(body).unwrap()
    }

    fn create(&self, path: &str, query: &str, mut object: Value) -> (u16, Value) {
        assert!(query.contains("fieldManager=tenantry-api"), "{query}");
        let path = format!("{path}/{}", object["metadata"]["name"].as_str().unwrap());
        let mut objects = self.objects.lock().unwrap();
        if objects.contains_key(&path) {
            return failure(409, "AlreadyExists");
        }
        object["metadata"]["uid"] = json!("a-uid");
        object["metadata"]["generation"] = json!(1);
        object["metadata"]["creationTimestamp"] = json!("2026-11-22T19:40:05Z");
        if !query.contains("dryRun=All") {
            objects.insert(path, object.clone());
        }
        (201, object)
    }

    fn patch(&self, path: &str, query: &str, change: &Value) -> (u16, Value) {
        assert!(query.contains("fieldManager=tenantry-api"), "{query}");
        let mut objects = self.objects.lock().unwrap();
        let Some(object) = objects.get_mut(path) else {
            return failure(404, "NotFound");
        };
        let mut conflicts = self.conflicts.lock().unwrap();
        let version = &change["metadata"]["resourceVersion"];
        if *conflicts > 0 || *version != object["metadata"]["resourceVersion"] {
            *conflicts = conflicts.saturating_sub(1);
            return failure(409, "Conflict");
        }
        let before = object["spec"].clone();
        merge(object, change);
        if object["spec"] != before {
            let generation = object["metadata"]["generation"].as_i64().unwrap();
            object["metadata"]["generation"] = json!(generation + 1);
        }
        (200, object.clone())
    }

    fn list(&self, path: &str, query: &str) -> Value {
        let pairs: BTreeMap<_, _> = query.split('&').filter_map(|p| p.split_once('=')).collect();
        let begin = pairs
            .get("continue")
            .map_or(0, |text| text.parse().unwrap());
        let limit: usize = pairs.get("limit").map_or(500, |text| text.parse().unwrap());
        let selector = pairs.get("labelSelector").copied().unwrap_or_default();
        let selector = selector.replace("%2F", "/").replace("%3D", "=");
        let prefix = path.trim_end_matches("tenants");
        let objects = self.objects.lock().unwrap();
        let mut found = objects
            .iter()
            .filter(|(path, _)| path.starts_with(prefix) && path.contains("/tenants/"))
            .filter(|(_, object)| selects(&selector, object))
            .filter(|(_, object)| is_named(pairs.get("fieldSelector").copied(), object))
            .map(|(_, object)| object.clone())
            .skip(begin);
        let items: Vec<_> = found.by_ref().take(limit).collect();
        let next = found.next().map(|_| (begin + limit).to_string());
        json!({
            "apiVersion": "tenantry.dev/v1alpha1", "kind": "TenantList",
            "metadata": {"continue": next.unwrap_or_default(), "resourceVersion": "1"},
            "items": items
        })
    }
}

/// RFC 7386.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in patch {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut into[key.as_str()], value);
        }
    }
}

fn selects(selector: &str, object: &Value) -> bool {
    let labels = &object["metadata"]["labels"];
    match selector.split_once('=') {
        Some((name, value)) => labels[name] == value,
        None => selector.is_empty() || labels[selector].is_string(),
    }
}

/// Whether it has the name that `selector` asks for, if it asks for one.
fn is_named(selector: Option<&str>, object: &Value) -> bool {
    let name = selector.and_then(|selector| selector.strip_prefix("metadata.name%3D"));
    name.is_none_or(|name| object["metadata"]["name"] == name)
}

fn failure(code: u16, reason: &str) -> (u16, Value) {
    let status = json!({
        "apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code,
        "reason": reason, "message": reason
    });
    (code, status)
}
