//! What wakes a database server's reconciler, and whom a database server wakes.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt as _};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::PartialObjectMeta;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, ResourceExt as _};
use serde::de::DeserializeOwned;
use tenantry_crd::{Blueprint, DatabaseServer, Tenant, find, holds};
use tenantry_database::BUILD_SCRIPT;
use tenantry_domain::{ConditionType, ResourceName};
use tenantry_render::template::Template;

use crate::context::Context;
use crate::world::Changed;
use crate::{placement, tenant};

/// The servers of blueprints.
pub(crate) fn of_blueprints(
    changed: Changed<Blueprint>,
) -> impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static {
    changed.map(|blueprint| ObjectRef::new(&blueprint.spec.database_server))
}

/// The servers of tenants whose template nobody asked for before, or that are not counted yet.
pub(crate) fn of_tenants(
    context: &Arc<Context>,
    changed: Changed<Tenant>,
) -> impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static {
    let context = Arc::clone(context);
    changed.filter_map(move |tenant| {
        ready(uncounted(&context, &tenant).or_else(|| unprepared(&context, &tenant)))
    })
}

fn uncounted(context: &Context, changed: &Tenant) -> Option<ObjectRef<DatabaseServer>> {
    let placement = changed.status.as_ref()?.placement.as_ref()?;
    let name: ResourceName = placement.database_server.parse().ok()?;
    let reference = ObjectRef::new(name.as_str());
    let server = context.world.servers.get(&reference)?;
    let told = server.status.as_ref()?.connections?;
    let capacity = placement::capacity(&server)?;
    let allocation = placement::allocation(&context.world, &name);
    (placement::connections_status(capacity, allocation) != told).then_some(reference)
}

fn unprepared(context: &Context, changed: &Tenant) -> Option<ObjectRef<DatabaseServer>> {
    let provisioned = changed
        .status
        .as_ref()
        .is_some_and(|status| status.provisioned_in.is_some());
    if provisioned {
        return None;
    }
    let valid = tenant::validate(context, changed).ok()?;
    let reference = ObjectRef::new(valid.database_server.as_str());
    let key = Template::of(&valid).key(BUILD_SCRIPT);
    let server = context.world.servers.get(&reference)?;
    let known = server
        .status
        .as_ref()
        .is_some_and(|status| status.templates.iter().any(|template| template.name == key));
    (!known || has_lost_template(changed)).then_some(reference)
}

/// Whether the tenant's template was known as ready and then was not there.
fn has_lost_template(tenant: &Tenant) -> bool {
    let status = tenant.status.as_ref();
    status
        .and_then(|status| find(&status.conditions, ConditionType::DatabaseReady))
        .is_some_and(|condition| condition.reason == "TemplateLost")
}

/// The servers that are reached by what a Secret or ConfigMap in our own namespace says. Only the
/// names of what changed are watched.
pub(crate) fn of_credentials(
    context: &Arc<Context>,
    client: &Client,
) -> impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static {
    let namespace = &context.settings.namespace;
    let names = stream::select(
        touched::<Secret>(client, namespace),
        touched::<ConfigMap>(client, namespace),
    );
    let store = context.world.servers.clone();
    names.flat_map(move |name| {
        let servers = store.state().into_iter();
        let readers = servers.filter(|server| reads(server, &name));
        stream::iter(
            readers
                .map(|server| ObjectRef::from_obj(&*server))
                .collect::<Vec<_>>(),
        )
    })
}

fn touched<K>(client: &Client, namespace: &str) -> impl Stream<Item = String> + Send + 'static
where
    K: kube::Resource<Scope = kube::core::NamespaceResourceScope, DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + DeserializeOwned
        + Send
        + 'static,
{
    let api: Api<PartialObjectMeta<K>> = Api::namespaced(client.clone(), namespace);
    watcher(api, watcher::Config::default())
        .default_backoff()
        .touched_objects()
        .filter_map(|touched| {
            ready(match touched {
                Ok(object) => Some(object.name_any()),
                Err(error) => {
                    tracing::warn!(
                        kind = %K::kind(&()),
                        error = &error as &dyn std::error::Error,
                        "watch of our own namespace was interrupted and resumes"
                    );
                    None
                }
            })
        })
}

/// Whether the server is reached by what the Secret or ConfigMap of that name says.
fn reads(server: &DatabaseServer, name: &str) -> bool {
    let Some(external) = &server.spec.external else {
        return false;
    };
    let tls = &external.tls;
    external.credentials_secret_name == name
        || tls.ca_secret_name.as_deref() == Some(name)
        || tls.ca_config_map_name.as_deref() == Some(name)
}

/// The tenants that a change of a server concerns: at every change those that wait for something
/// of it, and all of them when the server is another, or reached otherwise. A server's status
/// changes with each of its tenants, which is nothing to the others.
pub(crate) fn tenants_of(
    context: &Arc<Context>,
    changed: Changed<DatabaseServer>,
) -> impl Stream<Item = ObjectRef<Tenant>> + Send + 'static {
    let store = context.world.tenants.clone();
    let mut known = HashMap::new();
    changed.flat_map(move |server| {
        let now = Foundation::of(&server);
        let moved = known.insert(server.name_any(), now.clone()) != Some(now);
        let tenants = store.state().into_iter();
        let concerned = tenants.filter(|tenant| moved || waits(tenant));
        stream::iter(
            concerned
                .map(|tenant| ObjectRef::from_obj(&*tenant))
                .collect::<Vec<_>>(),
        )
    })
}

/// What tenants that have all that they need still depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Foundation {
    uid: Option<String>,
    generation: Option<i64>,
    ready: bool,
    authorities: Option<String>,
}

impl Foundation {
    fn of(server: &DatabaseServer) -> Self {
        let status = server.status.as_ref();
        Self {
            uid: server.uid(),
            generation: server.metadata.generation,
            ready: status.is_some_and(|status| holds(&status.conditions, ConditionType::Ready)),
            authorities: status.and_then(|status| status.authorities.clone()),
        }
    }
}

fn waits(tenant: &Tenant) -> bool {
    let conditions = tenant.status.as_ref().map(|status| &status.conditions[..]);
    let conditions = conditions.unwrap_or_default();
    let has = |kind| holds(conditions, kind);
    !(has(ConditionType::Placed) && has(ConditionType::DatabaseReady))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn server(spec: &serde_json::Value, status: &serde_json::Value) -> DatabaseServer {
        serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "DatabaseServer",
            "metadata": {"name": "main", "uid": "1", "generation": 1},
            "spec": spec,
            "status": status,
        }))
        .unwrap()
    }

    #[test]
    fn a_server_is_read_from_its_secret_and_its_certificates() {
        let external = server(
            &json!({"external": {
                "host": "db.example",
                "credentialsSecretName": "db-login",
                "tls": {"mode": "VerifyFull", "caConfigMapName": "db-ca"},
            }}),
            &json!({}),
        );
        assert!(reads(&external, "db-login") && reads(&external, "db-ca"));
        assert!(!reads(&external, "tenantry-token"));
    }

    #[test]
    fn tenants_that_lack_nothing_are_left_alone_when_another_is_counted() {
        let spec = json!({"managed": {
            "storage": "1Gi", "cpu": "1", "memory": "1Gi", "maxConnections": 100,
        }});
        let status = |tenants: i32, ready: &str| {
            json!({
                "conditions": [{
                    "type": "Ready", "status": ready, "reason": "x", "message": "",
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }],
                "connections": {
                    "maximum": 100, "reserved": 45, "allocated": 0, "tenants": tenants,
                },
            })
        };
        let foundation = |status| Foundation::of(&server(&spec, &status));
        assert_eq!(foundation(status(1, "True")), foundation(status(2, "True")));
        assert_ne!(
            foundation(status(1, "True")),
            foundation(status(1, "False"))
        );
    }
}
