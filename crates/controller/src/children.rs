//! The objects that we wrote, as caches keep them: as text, which takes a tenth of what a tree of
//! values does, and is read again when it is looked at.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, DynamicObject, TypeMeta};
use kube::core::DynamicResourceScope;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, Resource, ResourceExt as _};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use tenantry_render::{Kind, names};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::cluster::api_resource;
use crate::owners::Owners;
use crate::world::{drive, ours};

/// An object of ours, as a cache keeps it.
#[derive(Clone)]
struct Child {
    metadata: ObjectMeta,
    /// Everything beside metadata, kind and version, as JSON.
    content: Box<str>,
}

impl Child {
    /// The object, as the API server returns it. In a list that says kind and version once for all,
    /// so that an object that was listed would differ from what we render.
    fn object(&self, kind: Kind) -> DynamicObject {
        DynamicObject {
            types: Some(TypeMeta {
                api_version: Self::api_version(&kind).into_owned(),
                kind: kind.as_str().to_owned(),
            }),
            metadata: self.metadata.clone(),
            // It was written from a value.
            data: serde_json::from_str(&self.content).unwrap_or_default(),
        }
    }
}

/// Without the content, which may hold a secret.
impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metadata = &self.metadata;
        write!(f, "Child {:?}/{:?}", metadata.namespace, metadata.name)
    }
}

impl<'de> Deserialize<'de> for Child {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = DynamicObject::deserialize(deserializer)?;
        let mut metadata = object.metadata;
        metadata.managed_fields = None;
        Ok(Self {
            metadata,
            content: object.data.to_string().into(),
        })
    }
}

impl Resource for Child {
    type DynamicType = Kind;
    type Scope = DynamicResourceScope;

    fn kind(kind: &Kind) -> Cow<'_, str> {
        kind.as_str().into()
    }

    fn group(kind: &Kind) -> Cow<'_, str> {
        kind.group().into()
    }

    fn version(_: &Kind) -> Cow<'_, str> {
        "v1".into()
    }

    fn plural(kind: &Kind) -> Cow<'_, str> {
        api_resource(*kind).plural.into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

/// The objects that we wrote, of all kinds.
#[derive(Clone)]
pub(crate) struct Children(Arc<HashMap<Kind, Store<Child>>>);

impl Children {
    /// Begins the watches, which tell owners of what concerns them. `heard` is told of namespaces.
    pub(crate) fn watch(
        client: &Client,
        owners: &Owners,
        heard: &Arc<Notify>,
        tasks: &mut Vec<AbortOnDropHandle<()>>,
    ) -> Self {
        let stores = Kind::ALL.map(|kind| {
            let writer = reflector::store::Writer::new(kind);
            let store = writer.as_reader();
            let api: Api<Child> = Api::all_with(client.clone(), &kind);
            let stream = watcher(api, ours()).default_backoff().reflect(writer);
            let (owners, heard) = (owners.clone(), Arc::clone(heard));
            let tell = move |child: Arc<Child>| {
                owners.tell(child.labels());
                // Of those that stay when their tenant is gone, nobody else hears.
                if kind == Kind::Namespace {
                    heard.notify_one();
                }
            };
            tasks.push(drive(kind.to_string(), stream, store.clone(), tell));
            (kind, store)
        });
        Self(Arc::new(stores.into()))
    }

    /// Waits until every cache has been filled.
    pub(crate) async fn filled(&self) {
        for store in self.0.values() {
            let _ = store.wait_until_ready().await;
        }
    }

    /// The object as it was last seen.
    pub(crate) fn get(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<DynamicObject> {
        let mut key = ObjectRef::new_with(name, kind);
        key.namespace = namespace.map(str::to_owned);
        Some(self.0.get(&kind)?.get(&key)?.object(kind))
    }

    /// All objects of a kind in a namespace.
    pub(crate) fn in_namespace(&self, kind: Kind, namespace: &str) -> Vec<DynamicObject> {
        self.those(kind, |metadata| {
            metadata.namespace.as_deref() == Some(namespace)
        })
    }

    /// The objects of a kind with this annotation.
    pub(crate) fn annotated(&self, kind: Kind, annotation: &str) -> Vec<DynamicObject> {
        self.those(kind, |metadata| {
            let annotations = metadata.annotations.as_ref();
            annotations.is_some_and(|annotations| annotations.contains_key(annotation))
        })
    }

    fn those(&self, kind: Kind, are: impl Fn(&ObjectMeta) -> bool) -> Vec<DynamicObject> {
        let store = self.0.get(&kind);
        let found = store.map(|store| store.state_filter(|child| are(&child.metadata)));
        let found = found.unwrap_or_default().into_iter();
        found.map(|child| child.object(kind)).collect()
    }

    /// The password in a Secret of ours.
    pub(crate) fn password(&self, namespace: &str, name: &str) -> Option<SecretString> {
        password_of(&self.get(Kind::Secret, Some(namespace), name)?)
    }
}

/// The password in a Secret as the API server returns it.
pub(crate) fn password_of(secret: &DynamicObject) -> Option<SecretString> {
    let secret: Secret = secret.clone().try_parse().ok()?;
    let bytes = secret.data?.remove(names::PASSWORD_KEY)?;
    String::from_utf8(bytes.0).ok().map(SecretString::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_child_is_read_as_it_was_listed_with_kind_and_version() {
        let listed = json!({
            "metadata": {"name": "odoo", "namespace": "n", "managedFields": [{"manager": "m"}]},
            "spec": {"replicas": 1},
            "status": {"readyReplicas": 1},
        });
        let child: Child = serde_json::from_value(listed).unwrap();
        let object = serde_json::to_value(child.object(Kind::Deployment)).unwrap();
        let whole = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "odoo", "namespace": "n"},
            "spec": {"replicas": 1},
            "status": {"readyReplicas": 1},
        });
        assert_eq!(object, whole);
    }

    #[test]
    fn what_a_secret_holds_is_not_told() {
        let secret = json!({"metadata": {"name": "s"}, "data": {"password": "aHVudGVyMg=="}});
        let child: Child = serde_json::from_value(secret).unwrap();
        assert!(!format!("{child:?}").contains("aHVudGVyMg"));
    }
}
