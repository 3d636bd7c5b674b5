//! Which partners, blueprints, releases and database servers are in use, as a label on them. The
//! chart's admission policy, which sees one object at a time, refuses to delete what carries it.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use kube::runtime::reflector::Store;
use kube::{Resource, ResourceExt as _};
use tenantry_crd::{Blueprint, Tenant, labels};
use tenantry_render::Kind;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::children::Children;
use crate::context::Context;
use crate::error::Result;

const YES: &str = "true";
/// When to try again what the API server did not take.
const RETRY: Duration = Duration::from_secs(5);

/// Names of what is in use.
#[derive(Debug, Default, PartialEq, Eq)]
struct Usage {
    partners: BTreeSet<String>,
    blueprints: BTreeSet<String>,
    releases: BTreeSet<String>,
    servers: BTreeSet<String>,
}

impl Usage {
    fn of(tenants: &[Arc<Tenant>], blueprints: &[Arc<Blueprint>]) -> Self {
        let mut usage = Self::default();
        for tenant in tenants {
            if let Ok(key) = tenant.key() {
                usage.partners.insert(key.partner.to_string());
            }
            usage.blueprints.insert(tenant.spec.blueprint.clone());
            let status = tenant.status.as_ref();
            let change = status.and_then(|status| status.ongoing_release_change());
            usage.releases.extend(
                [
                    status.and_then(|status| status.release.clone()),
                    tenant.spec.release.clone(),
                    change.map(|change| change.to.clone()),
                ]
                .into_iter()
                .flatten(),
            );
            let placement = status.and_then(|status| status.placement.as_ref());
            usage
                .servers
                .extend(placement.map(|placement| placement.database_server.clone()));
        }
        for blueprint in blueprints {
            let spec = &blueprint.spec;
            usage.releases.extend(spec.channels.values().cloned());
            usage.servers.insert(spec.database_server.clone());
        }
        usage
    }
}

/// Keeps the labels true until `shutdown`; `heard` tells of every change of what they depend on.
pub(crate) async fn keep(context: &Context, heard: &Notify, shutdown: &CancellationToken) {
    let forever = async {
        loop {
            if let Err(error) = mark_all(context).await {
                tracing::warn!(error = error.chain(), "what is in use could not be marked");
                tokio::time::sleep(RETRY).await;
                continue;
            }
            heard.notified().await;
        }
    };
    tokio::select! {
        () = forever => (),
        () = shutdown.cancelled() => (),
    }
}

async fn mark_all(context: &Context) -> Result<()> {
    let world = &context.world;
    let mut usage = Usage::of(&world.tenants.state(), &world.blueprints.state());
    usage
        .servers
        .extend(left(&world.children, labels::DATABASE_SERVER));
    usage
        .releases
        .extend(left(&world.children, labels::RELEASE));
    let (partners, blueprints, releases, servers) = tokio::join!(
        mark(context, &world.partners, &usage.partners),
        mark(context, &world.blueprints, &usage.blueprints),
        mark(context, &world.releases, &usage.releases),
        mark(context, &world.servers, &usage.servers),
    );
    partners.and(blueprints).and(releases).and(servers)
}

/// What the data of tenants that are gone needs to be had again, as an `annotation` of their
/// namespaces says.
fn left<'a>(children: &Children, annotation: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let namespaces = children.annotated(Kind::Namespace, annotation).into_iter();
    namespaces.filter_map(move |namespace| namespace.annotations().get(annotation).cloned())
}

/// Writes the label of those objects whose label is not true. One that cannot be written keeps no
/// other from its label.
async fn mark<K>(context: &Context, store: &Store<K>, used: &BTreeSet<String>) -> Result<()>
where
    K: Resource + Clone + 'static,
    K::DynamicType: Default + Eq + Hash + Clone,
{
    let mut outcome = Ok(());
    for object in store.state() {
        let wanted = used.contains(&object.name_any());
        let marked = object.labels().contains_key(labels::IN_USE);
        if wanted == marked || context.cluster.is_stale(&*object) {
            continue;
        }
        let value = wanted.then_some(YES);
        let written = context.cluster.label(&*object, labels::IN_USE, value).await;
        outcome = outcome.and(written);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    fn object<K: DeserializeOwned>(value: &Value) -> Arc<K> {
        Arc::new(serde_json::from_value(value.clone()).unwrap())
    }

    fn tenant() -> Arc<Tenant> {
        object(&json!({
            "apiVersion": "tenantry.dev/v1alpha1", "kind": "Tenant",
            "metadata": {"name": "shop42", "namespace": "partner-acme"},
            "spec": {
                "displayName": "Shop 42", "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "retail", "hostnames": ["shop42.acme.example"],
                "administrator": {"email": "ana@acme.example"},
            },
            "status": {
                "release": "odoo-18",
                "placement": {"namespace": "n", "databaseServer": "old", "database": "d"},
            },
        }))
    }

    fn blueprint() -> Arc<Blueprint> {
        object(&json!({
            "apiVersion": "tenantry.dev/v1alpha1", "kind": "Blueprint",
            "metadata": {"name": "retail"},
            "spec": {
                "databaseServer": "main", "channels": {"stable": "odoo-19"},
                "sizes": {"small": {
                    "workers": 2, "cpu": "1", "memory": "1Gi", "memoryLimit": "2Gi", "storage": "2Gi",
                }},
            },
        }))
    }

    fn names(set: &BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn what_tenants_have_and_what_blueprints_give_is_in_use() {
        let usage = Usage::of(&[tenant()], &[blueprint()]);
        assert_eq!(names(&usage.partners), ["acme"]);
        assert_eq!(names(&usage.blueprints), ["retail"]);
        assert_eq!(names(&usage.releases), ["odoo-18", "odoo-19"]);
        assert_eq!(names(&usage.servers), ["main", "old"]);
    }

    #[test]
    fn a_blueprint_without_tenants_is_not_in_use() {
        let usage = Usage::of(&[], &[blueprint()]);
        assert!(usage.blueprints.is_empty() && usage.partners.is_empty());
    }
}
