//! Every write to the cluster, and the few reads that caches cannot answer.

mod claims;
mod events;
mod prune;

use futures::future::try_join_all;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions};
use kube::core::ApiResource;
use kube::runtime::events::EventType;
use kube::{Client, Resource, ResourceExt as _};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_render::{Kind, Object, Writing, names};

use crate::children::{Children, password_of};
use crate::drift;
use crate::error::{Error, Result};
use crate::versions::Versions;

/// The one name under which the controller owns fields.
pub(crate) const FIELD_MANAGER: &str = "tenantry-controller";

/// The plural, group and version of a kind.
pub(crate) fn api_resource(kind: Kind) -> ApiResource {
    let plural = match kind {
        Kind::Ingress => "ingresses".to_owned(),
        Kind::NetworkPolicy => "networkpolicies".to_owned(),
        kind => format!("{}s", kind.as_str().to_lowercase()),
    };
    ApiResource::from_gvk_with_plural(
        &kube::core::GroupVersionKind::gvk(kind.group(), "v1", kind.as_str()),
        &plural,
    )
}

/// Writes to the cluster.
pub(crate) struct Cluster {
    client: Client,
    versions: Versions,
}

impl Cluster {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            versions: Versions::default(),
        }
    }

    /// Makes every object be what it should be, all at once. Writes only what differs from
    /// `children`.
    pub(crate) async fn ensure(&self, children: &Children, objects: &[Object]) -> Result<()> {
        try_join_all(
            objects
                .iter()
                .map(|object| self.ensure_one(children, object)),
        )
        .await?;
        Ok(())
    }

    async fn ensure_one(&self, children: &Children, object: &Object) -> Result<()> {
        let existing = children.get(object.kind, object.namespace.as_deref(), &object.name);
        match (existing, object.writing) {
            (Some(existing), Writing::Claim) if !belongs(object.manifest(), &existing) => {
                Err(foreign(object))
            }
            (Some(_), Writing::Once) => Ok(()),
            (Some(existing), _) => {
                let existing = serde_json::to_value(&existing).unwrap_or_default();
                let object = &object.in_place_of(&existing);
                if drift::differs(object, &existing) {
                    self.apply(object).await
                } else {
                    Ok(())
                }
            }
            (None, Writing::Apply) => self.apply(object).await,
            (None, Writing::Once | Writing::Claim) => self.create(object).await.map(drop),
        }
    }

    /// Makes a Secret exist and returns the password that it holds: the given one, or the one of
    /// a Secret that was made earlier.
    pub(crate) async fn keep_password(
        &self,
        children: &Children,
        secret: &Object,
    ) -> Result<SecretString> {
        let namespace = secret.namespace.as_deref().unwrap_or_default();
        let kept = match children.password(namespace, &secret.name) {
            Some(password) => Some(password),
            None => password_of(&self.create(secret).await?),
        };
        kept.ok_or_else(|| Error::Damaged {
            kind: secret.kind,
            name: format!("{namespace}/{}", secret.name),
            field: names::PASSWORD_KEY,
        })
    }

    /// Writes the object, whatever a cache says of it. Whoever calls this knows whose it is.
    pub(crate) async fn apply(&self, object: &Object) -> Result<()> {
        tracing::debug!(%object, "applying");
        let mut params = PatchParams::apply(FIELD_MANAGER).force();
        params.field_validation = Some(kube::api::ValidationDirective::Strict);
        self.api(object.kind, object.namespace.as_deref())
            .patch(&object.name, &params, &Patch::Apply(object.manifest()))
            .await
            .map(drop)
            .map_err(failed("apply", object))
    }

    /// Asks for `storage` in a volume claim that exists, and for nothing else of it.
    pub(crate) async fn grow(&self, namespace: &str, claim: &str, storage: &str) -> Result<()> {
        let kind = Kind::PersistentVolumeClaim;
        tracing::info!(namespace, claim, storage, "growing a volume");
        let manifest = json!({
            "apiVersion": "v1",
            "kind": kind.as_str(),
            "metadata": {"name": claim, "namespace": namespace},
            "spec": {"resources": {"requests": {"storage": storage}}},
        });
        let params = PatchParams::apply(FIELD_MANAGER).force();
        self.api(kind, Some(namespace))
            .patch(claim, &params, &Patch::Apply(manifest))
            .await
            .map(drop)
            .map_err(|source| Error::Kubernetes {
                verb: "grow",
                object: format!("{kind} {namespace}/{claim}"),
                source,
            })
    }

    /// Creates the object. When it exists it must be ours: a cache may lag behind, a stranger's
    /// object is never taken.
    async fn create(&self, object: &Object) -> Result<DynamicObject> {
        tracing::debug!(%object, "creating");
        let api = self.api(object.kind, object.namespace.as_deref());
        let manifest: DynamicObject = serde_json::from_value(object.manifest().clone())
            .map_err(|error| Error::Invalid(format!("{object}: {error}")))?;
        let params = PostParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        match api.create(&params, &manifest).await {
            Ok(created) => Ok(created),
            Err(kube::Error::Api(status)) if status.is_already_exists() => {
                let existing = api
                    .get(&object.name)
                    .await
                    .map_err(failed("read", object))?;
                if belongs(object.manifest(), &existing) {
                    Ok(existing)
                } else {
                    Err(foreign(object))
                }
            }
            Err(source) => Err(failed("create", object)(source)),
        }
    }

    /// The object as it is now, for decisions that a cache that lags behind must not make.
    pub(crate) async fn find(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<DynamicObject>> {
        self.api(kind, namespace)
            .get_opt(name)
            .await
            .map_err(|source| Error::Kubernetes {
                verb: "read",
                object: format!("{kind} {}/{name}", namespace.unwrap_or_default()),
                source,
            })
    }

    /// Deletes an object; one that is gone is fine. What it made goes after it.
    pub(crate) async fn delete(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<()> {
        let params = DeleteParams::background();
        self.delete_with(kind, namespace, name, &params).await
    }

    /// Whether an object is gone, and all that it made before it. Asks for that when nobody has.
    pub(crate) async fn is_gone(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<bool> {
        let Some(found) = self.find(kind, namespace, name).await? else {
            return Ok(true);
        };
        if found.metadata.deletion_timestamp.is_none() {
            let params = DeleteParams::foreground();
            self.delete_with(kind, namespace, name, &params).await?;
        }
        Ok(false)
    }

    async fn delete_with(
        &self,
        kind: Kind,
        namespace: Option<&str>,
        name: &str,
        params: &DeleteParams,
    ) -> Result<()> {
        let object = format!("{kind} {}/{name}", namespace.unwrap_or_default());
        tracing::info!(object, "deleting");
        match self.api(kind, namespace).delete(name, params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.is_not_found() => Ok(()),
            Err(source) => Err(Error::Kubernetes {
                verb: "delete",
                object,
                source,
            }),
        }
    }

    /// Deletes an object of our own kinds, unless it has changed since `object` was read: then its
    /// newer version is looked at first.
    pub(crate) async fn remove<K>(&self, object: &K) -> Result<()>
    where
        K: Resource,
        K::DynamicType: Default,
    {
        let (api, what) = self.own_api(object);
        tracing::info!(object = what, "deleting");
        let unchanged = Preconditions {
            resource_version: object.resource_version(),
            uid: object.uid(),
        };
        let params = DeleteParams::background().preconditions(unchanged);
        match api.delete(&object.name_any(), &params).await {
            Ok(_) => Ok(()),
            Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => {
                Ok(())
            }
            Err(source) => Err(Error::Kubernetes {
                verb: "delete",
                object: what,
                source,
            }),
        }
    }

    /// Writes labels and finalizers of `object`, which must be as fresh as `version`. Returns its
    /// new version. An empty list of finalizers lets an object that is being deleted go.
    pub(crate) async fn mark<K>(
        &self,
        object: &K,
        version: &str,
        labels: Value,
        finalizers: &[&str],
    ) -> Result<String>
    where
        K: Resource + Clone + DeserializeOwned + std::fmt::Debug,
        K::DynamicType: Default,
    {
        let patch = json!({"metadata": {
            "uid": object.uid(),
            "resourceVersion": version,
            "labels": labels,
            "finalizers": finalizers,
        }});
        let (api, what) = self.own_api(object);
        let written = api
            .patch(&object.name_any(), &patch_params(), &Patch::Merge(&patch))
            .await;
        self.versions.written(&what, written, "mark")
    }

    /// Sets or removes one label of `object`.
    pub(crate) async fn label<K>(&self, object: &K, label: &str, value: Option<&str>) -> Result<()>
    where
        K: Resource,
        K::DynamicType: Default,
    {
        let patch = json!({"metadata": {"uid": object.uid(), "labels": {label: value}}});
        let (api, what) = self.own_api(object);
        let written = api
            .patch(&object.name_any(), &patch_params(), &Patch::Merge(&patch))
            .await;
        self.versions.written(&what, written, "label").map(drop)
    }

    /// Writes the whole status of `object`, which must be as fresh as `version`. Returns its new
    /// version.
    pub(crate) async fn report<K, S>(&self, object: &K, version: &str, status: &S) -> Result<String>
    where
        K: Resource + Clone + DeserializeOwned + std::fmt::Debug,
        K::DynamicType: Default,
        S: Serialize,
    {
        let patch = json!({
            "metadata": {"uid": object.uid(), "resourceVersion": version},
            "status": status,
        });
        let (api, what) = self.own_api(object);
        let written = api
            .patch_status(&object.name_any(), &patch_params(), &Patch::Merge(&patch))
            .await;
        self.versions
            .written(&what, written, "report the status of")
    }

    /// Whether `object`, which comes from a cache, is older than what we wrote to it last. Its
    /// newer version is on its way and will be looked at.
    pub(crate) fn is_stale<K>(&self, object: &K) -> bool
    where
        K: Resource,
        K::DynamicType: Default,
    {
        self.versions
            .is_behind(&identify(object), object.resource_version().as_deref())
    }

    /// The object is gone, and what was written to it does not matter any more.
    pub(crate) fn forget<K>(&self, object: &K)
    where
        K: Resource,
        K::DynamicType: Default,
    {
        self.versions.forget(&identify(object));
    }

    fn own_api<K>(&self, object: &K) -> (Api<DynamicObject>, String)
    where
        K: Resource,
        K::DynamicType: Default,
    {
        let resource = ApiResource::erase::<K>(&K::DynamicType::default());
        let api = match object.namespace() {
            Some(namespace) => Api::namespaced_with(self.client.clone(), &namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        };
        (api, identify(object))
    }

    /// Tells people of something that happened to an object. Losing one is no failure.
    pub(crate) async fn tell(
        &self,
        about: &ObjectReference,
        kind: EventType,
        reason: &str,
        note: &str,
    ) {
        if let Err(error) = events::publish(&self.client, about, kind, reason, note).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                reason,
                "event was lost"
            );
        }
    }

    fn api(&self, kind: Kind, namespace: Option<&str>) -> Api<DynamicObject> {
        let resource = api_resource(kind);
        match namespace {
            Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            None => Api::all_with(self.client.clone(), &resource),
        }
    }
}

fn identify<K>(object: &K) -> String
where
    K: Resource,
    K::DynamicType: Default,
{
    let kind = K::kind(&K::DynamicType::default()).into_owned();
    match object.namespace() {
        Some(namespace) => format!("{kind} {namespace}/{}", object.name_any()),
        None => format!("{kind} {}", object.name_any()),
    }
}

fn patch_params() -> PatchParams {
    PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    }
}

fn failed(verb: &'static str, object: &Object) -> impl FnOnce(kube::Error) -> Error {
    let object = object.to_string();
    move |source| Error::Kubernetes {
        verb,
        object,
        source,
    }
}

fn foreign(object: &Object) -> Error {
    Error::Foreign {
        object: object.to_string(),
        expected: object.manifest()["metadata"]["labels"].to_string(),
    }
}

/// Whether `existing` carries every label of ours that `manifest` has.
fn belongs(manifest: &Value, existing: &DynamicObject) -> bool {
    [
        labels::MANAGED_BY,
        labels::PARTNER,
        labels::TENANT_ID,
        labels::DATABASE_SERVER,
    ]
    .iter()
    .filter_map(|label| Some((label, manifest["metadata"]["labels"][*label].as_str()?)))
    .all(|(label, value)| {
        existing
            .labels()
            .get(*label)
            .is_some_and(|found| found == value)
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::Resource;
    use k8s_openapi::api::core::v1::{LimitRange, ResourceQuota};
    use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
    use k8s_openapi::api::rbac::v1::RoleBinding;

    use super::*;

    #[test]
    fn a_kind_is_asked_for_by_the_plural_that_the_api_server_knows() {
        fn agree<K: Resource>(kind: Kind) {
            let resource = api_resource(kind);
            assert_eq!(resource.plural, K::URL_PATH_SEGMENT);
            assert_eq!(resource.api_version, K::API_VERSION);
        }
        agree::<Ingress>(Kind::Ingress);
        agree::<LimitRange>(Kind::LimitRange);
        agree::<NetworkPolicy>(Kind::NetworkPolicy);
        agree::<ResourceQuota>(Kind::ResourceQuota);
        agree::<RoleBinding>(Kind::RoleBinding);
    }
}
