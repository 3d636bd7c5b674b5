//! All watches of the controller: one per kind, shared by every reconciler.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use k8s_openapi::api::networking::v1::IngressClass;
use kube::Api;
use kube::runtime::reflector::{self, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use tenantry_crd::{Blueprint, DatabaseServer, HostnameClaim, Partner, Release, Tenant, labels};
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::task::AbortOnDropHandle;

use crate::children::Children;
use crate::owners::{Owners, Touched};
use crate::sights::Sights;

/// Everything that reconcilers look at.
pub(crate) struct World {
    pub(crate) partners: Store<Partner>,
    pub(crate) blueprints: Store<Blueprint>,
    pub(crate) releases: Store<Release>,
    pub(crate) servers: Store<DatabaseServer>,
    pub(crate) tenants: Store<Tenant>,
    pub(crate) claims: Store<HostnameClaim>,
    pub(crate) children: Children,
    pub(crate) sights: Sights,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

/// Every object of a kind that comes, changes or goes from now on.
///
/// These are channels of our own. kube 5.0's shared streams return "pending" without a waker when
/// an object was deleted before its event was read, and then sleep for ever, and the watch with
/// them.
pub(crate) type Changed<K> = UnboundedReceiverStream<Arc<K>>;

/// What changes, for each of the reconcilers that want to hear of a kind.
pub(crate) struct Changes {
    pub(crate) partners: [Changed<Partner>; 2],
    pub(crate) blueprints: [Changed<Blueprint>; 2],
    pub(crate) releases: [Changed<Release>; 2],
    pub(crate) servers: [Changed<DatabaseServer>; 2],
    pub(crate) tenants: [Changed<Tenant>; 2],
    pub(crate) claims: [Changed<HostnameClaim>; 1],
    pub(crate) ingress_classes: [Changed<IngressClass>; 1],
    pub(crate) touched: Touched,
    /// Told of every change of our kinds and of namespaces; many at once count as one.
    pub(crate) heard: Arc<Notify>,
}

impl World {
    /// Begins all watches. Returns once every cache has been filled.
    pub(crate) async fn watch(client: &Client) -> (Self, Changes) {
        let mut tasks = Vec::new();
        let heard = Arc::new(Notify::new());
        let (partners, changed_partners) = watch_kind(client, &heard, &mut tasks);
        let (blueprints, changed_blueprints) = watch_kind(client, &heard, &mut tasks);
        let (releases, changed_releases) = watch_kind(client, &heard, &mut tasks);
        let (servers, changed_servers) = watch_kind(client, &heard, &mut tasks);
        let (tenants, changed_tenants) = watch_kind(client, &heard, &mut tasks);
        let (claims, changed_claims) = watch_kind(client, &heard, &mut tasks);
        let (owners, touched) = Owners::new();
        let children = Children::watch(client, &owners, &heard, &mut tasks);
        let (sights, ingress_classes) = Sights::watch(client, &children, &owners, &mut tasks);
        let world = Self {
            partners,
            blueprints,
            releases,
            servers,
            tenants,
            claims,
            children,
            sights,
            _tasks: tasks,
        };
        let changes = Changes {
            partners: changed_partners,
            blueprints: changed_blueprints,
            releases: changed_releases,
            servers: changed_servers,
            tenants: changed_tenants,
            claims: changed_claims,
            ingress_classes,
            touched,
            heard,
        };
        world.filled().await;
        (world, changes)
    }

    /// Waits until every cache has been filled. A writer lives as long as the world, so a cache
    /// cannot end unfilled.
    async fn filled(&self) {
        let _ = self.partners.wait_until_ready().await;
        let _ = self.blueprints.wait_until_ready().await;
        let _ = self.releases.wait_until_ready().await;
        let _ = self.servers.wait_until_ready().await;
        let _ = self.tenants.wait_until_ready().await;
        let _ = self.claims.wait_until_ready().await;
        self.children.filled().await;
        self.sights.filled().await;
    }
}

/// Watches a kind, of which so many reconcilers want to hear.
pub(crate) fn watch_kind<K, const LISTENERS: usize>(
    client: &Client,
    heard: &Arc<Notify>,
    tasks: &mut Vec<AbortOnDropHandle<()>>,
) -> (Store<K>, [Changed<K>; LISTENERS])
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
    K::DynamicType: Default + Hash + Eq + Clone + Send + Sync + Unpin,
{
    let (store, writer) = reflector::store();
    let mut senders = Vec::with_capacity(LISTENERS);
    let receivers = std::array::from_fn(|_| {
        let (sender, receiver) = mpsc::unbounded_channel();
        senders.push(sender);
        Changed::new(receiver)
    });
    let stream = watcher(Api::<K>::all(client.clone()), watcher::Config::default())
        .default_backoff()
        .modify(|object| object.managed_fields_mut().clear())
        .reflect(writer);
    let heard = Arc::clone(heard);
    let kind = K::kind(&K::DynamicType::default()).into_owned();
    tasks.push(drive(kind, stream, store.clone(), move |object| {
        for sender in &senders {
            // A receiver that is gone means that the controller stops.
            let _ = sender.send(Arc::clone(&object));
        }
        heard.notify_one();
    }));
    (store, receivers)
}

/// Selects what carries our label.
pub(crate) fn ours() -> watcher::Config {
    watcher::Config::default().labels(&format!(
        "{}={}",
        labels::MANAGED_BY,
        labels::MANAGED_BY_VALUE
    ))
}

/// Polls a watch for as long as the world lives. An interrupted watch resumes by itself. `tell` is
/// given what changed once the cache has it: after a new listing, all that is there, and all that
/// went while nobody watched.
pub(crate) fn drive<K>(
    kind: String,
    stream: impl Stream<Item = watcher::Result<watcher::Event<K>>> + Send + 'static,
    store: Store<K>,
    tell: impl Fn(Arc<K>) + Send + 'static,
) -> AbortOnDropHandle<()>
where
    K: Resource + Clone + Send + Sync + 'static,
    K::DynamicType: Hash + Eq + Clone + Send + Sync,
{
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut stream = std::pin::pin!(stream);
        let mut before = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(watcher::Event::Apply(object) | watcher::Event::Delete(object)) => {
                    tell(Arc::new(object));
                }
                // The cache keeps what it has until the listing is complete.
                Ok(watcher::Event::Init) => before = store.state(),
                Ok(watcher::Event::InitApply(_)) => (),
                Ok(watcher::Event::InitDone) => {
                    let now = store.state();
                    let there: HashSet<_> = now.iter().map(|object| place(&**object)).collect();
                    let gone = std::mem::take(&mut before).into_iter();
                    let gone: Vec<_> = gone
                        .filter(|object| !there.contains(&place(&**object)))
                        .collect();
                    now.into_iter().chain(gone).for_each(&tell);
                }
                Err(error) => tracing::warn!(
                    kind,
                    error = &error as &dyn std::error::Error,
                    "watch was interrupted and resumes"
                ),
            }
        }
    }))
}

/// What tells objects of one kind apart.
fn place<K: Resource>(object: &K) -> (Option<String>, String) {
    (object.namespace(), object.name_any())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::runtime::watcher::Event;

    use super::*;

    fn map(name: &str) -> ConfigMap {
        let mut map = ConfigMap::default();
        map.metadata.name = Some(name.to_owned());
        map
    }

    /// The names that are told of, in this order.
    async fn told(events: Vec<Event<ConfigMap>>) -> Vec<String> {
        let (store, writer) = reflector::store();
        let stream = futures::stream::iter(events.into_iter().map(Ok)).reflect(writer);
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let tell = move |map: Arc<ConfigMap>| drop(sender.send(map.name_any()));
        let _driven = drive("ConfigMap".to_owned(), stream, store, tell);
        let mut told = Vec::new();
        while let Some(name) = receiver.recv().await {
            told.push(name);
        }
        told
    }

    #[tokio::test]
    async fn what_went_while_nobody_watched_is_told_of_after_the_next_listing() {
        let listed = |names: &[&str]| {
            let objects = names.iter().map(|name| Event::InitApply(map(name)));
            let mut events = vec![Event::Init];
            events.extend(objects);
            events.push(Event::InitDone);
            events
        };
        assert_eq!(told(listed(&["stays"])).await, ["stays"]);
        let events = [
            listed(&["goes"]),
            vec![Event::Apply(map("comes"))],
            listed(&["comes"]),
        ];
        assert_eq!(
            told(events.concat()).await,
            ["goes", "comes", "comes", "goes"]
        );
    }
}
