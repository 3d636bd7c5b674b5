//! Starts the watches and the reconcilers, and stops them.

use std::hash::Hash;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join4;
use futures::stream::{self, Stream, StreamExt as _};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::controller::{self, Action, Controller};
use kube::runtime::reflector::{Lookup, ObjectRef};
use kube::runtime::wait::{Condition as _, conditions};
use kube::runtime::watcher::watch_object;
use kube::{Api, Client, Resource, ResourceExt as _};
use tenantry_crd::{DatabaseServer, HostnameClaim, Partner, Tenant};
use tenantry_domain::TenantKey;
use tenantry_probe::{Prober, Transition};
use tenantry_render::Settings;
use tenantry_telemetry::Metrics;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::builds::Builds;
use crate::cluster::Cluster;
use crate::context::Context;
use crate::database_server::wake;
use crate::error::Error;
use crate::measure::{Measure, conditions_of};
use crate::placement::Grants;
use crate::servers::Servers;
use crate::world::{Changed, Changes, World};
use crate::{database_server, partner, tenant, usage};

/// When an object that is as it should be is looked at again, in case a change was missed.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_mins(15);

/// What the reconcilers are made of.
pub struct Parts {
    /// The API server.
    pub client: Client,
    /// What the platform decides.
    pub settings: Settings,
    /// Who asks tenants for their login page, and the changes that it sees.
    pub prober: (Prober, mpsc::UnboundedReceiver<Transition>),
    /// Where reconciles are counted.
    pub metrics: Metrics,
}

/// Reconciles until `shutdown`. Turns `ready` once our kinds are there and every cache is filled.
pub async fn run(parts: Parts, ready: watch::Sender<bool>, shutdown: CancellationToken) {
    let Parts {
        client,
        settings,
        prober: (prober, transitions),
        metrics,
    } = parts;
    let watched = async {
        wait_for_kinds(&client).await;
        World::watch(&client).await
    };
    let (world, changes) = tokio::select! {
        watched = watched => watched,
        () = shutdown.cancelled() => return,
    };
    let tenants = world.tenants.clone();
    metrics.count_tenants(move || {
        let tenants = tenants.state();
        tenants.iter().map(|tenant| conditions_of(tenant)).collect()
    });
    let context = Arc::new(Context {
        world,
        cluster: Cluster::new(client.clone()),
        servers: Servers::default(),
        grants: Grants::default(),
        builds: Builds::default(),
        prober: Arc::new(prober),
        settings,
        backoff: Backoff::default(),
        measure: Measure::new(metrics),
    });
    // A receiver that is gone means that nobody asks.
    let _ = ready.send(true);
    if let Err(error) = tenant::sweep(&context).await {
        // Whoever wants such a hostname removes its claim as well.
        tracing::warn!(
            error = error.chain(),
            "claims of hostnames were not looked through"
        );
    }
    tracing::info!("caches are filled; reconciling");
    let credentials = wake::of_credentials(&context, &client);
    Box::pin(reconcile(
        &context,
        changes,
        transitions,
        credentials,
        &shutdown,
    ))
    .await;
}

/// Runs every reconciler until `shutdown`. Each stream of changes goes to those that need it.
async fn reconcile(
    context: &Arc<Context>,
    changes: Changes,
    transitions: mpsc::UnboundedReceiver<Transition>,
    credentials: impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let Changes {
        partners: [own_partners, partners_for_tenants],
        blueprints: [blueprints_for_servers, blueprints_for_tenants],
        releases: [releases_for_servers, releases_for_tenants],
        servers: [own_servers, servers_for_tenants],
        tenants: [own_tenants, tenants_for_servers],
        claims: [changed_claims],
        ingress_classes: [ingress_classes],
        touched,
        heard,
    } = changes;
    let servers_affected = stream::select_all([
        wake::of_blueprints(blueprints_for_servers).boxed(),
        all_servers(context, releases_for_servers).boxed(),
        wake::of_tenants(context, tenants_for_servers).boxed(),
        credentials.boxed(),
        touched.servers.boxed(),
    ]);
    // What these say is shared by many tenants, and changes rarely.
    let shared = stream::select_all([
        partners_for_tenants.map(drop).boxed(),
        blueprints_for_tenants.map(drop).boxed(),
        releases_for_tenants.map(drop).boxed(),
        ingress_classes.map(drop).boxed(),
    ]);
    let probed = UnboundedReceiverStream::new(transitions).map(|tenant| reference(&tenant));
    let tenants_affected = stream::select_all([
        all_tenants(context, shared).boxed(),
        released(context, changed_claims).boxed(),
        wake::tenants_of(context, servers_for_tenants).boxed(),
        probed.boxed(),
        touched.tenants.boxed(),
    ]);
    join4(
        usage::keep(context, &heard, shutdown),
        partners(context, own_partners, touched.partners, shutdown),
        servers(context, own_servers, servers_affected, shutdown),
        tenants(context, own_tenants, tenants_affected, shutdown),
    )
    .await;
}

/// Waits until the API server knows our kinds. One that cannot be asked is asked again.
async fn wait_for_kinds(client: &Client) {
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    for crd in tenantry_crd::all() {
        let name = crd.name_any();
        let mut sights = pin!(watch_object(crds.clone(), &name).default_backoff());
        while let Some(sight) = sights.next().await {
            match sight {
                Ok(crd) if conditions::is_crd_established().matches_object(crd.as_ref()) => break,
                Ok(_) => tracing::info!(name, "waiting for the CRD"),
                Err(error) => tracing::warn!(
                    name,
                    error = &error as &dyn std::error::Error,
                    "the CRD cannot be read; is the API server reachable, and may this account?"
                ),
            }
        }
    }
}

async fn partners(
    context: &Arc<Context>,
    changes: Changed<Partner>,
    affected: impl Stream<Item = ObjectRef<Partner>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let changes = changes.inspect(waits(context, reference_to::<Partner>));
    let controller = Controller::for_shared_stream(changes, context.world.partners.clone())
        .reconcile_on(affected.inspect(waits(context, ObjectRef::<Partner>::clone)))
        .graceful_shutdown_on(shutdown.clone().cancelled_owned());
    let failed = |partner: Arc<Partner>, error: &Error, context: Arc<Context>| {
        let object = format!("partner-{}", partner.name_any());
        context.backoff.after(&object, error)
    };
    let reconcile = |partner, context| measured("Partner", partner, context, partner::reconcile);
    drain(
        context,
        controller.run(reconcile, failed, Arc::clone(context)),
    )
    .await;
}

async fn servers(
    context: &Arc<Context>,
    changes: Changed<DatabaseServer>,
    affected: impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let changes = changes.inspect(waits(context, reference_to::<DatabaseServer>));
    let controller = Controller::for_shared_stream(changes, context.world.servers.clone())
        .reconcile_on(affected.inspect(waits(context, ObjectRef::<DatabaseServer>::clone)))
        .graceful_shutdown_on(shutdown.clone().cancelled_owned());
    let failed = |server: Arc<DatabaseServer>, error: &Error, context: Arc<Context>| {
        context.backoff.after(&server.name_any(), error)
    };
    let reconcile = |server, context| {
        measured(
            "DatabaseServer",
            server,
            context,
            database_server::reconcile,
        )
    };
    drain(
        context,
        controller.run(reconcile, failed, Arc::clone(context)),
    )
    .await;
}

async fn tenants(
    context: &Arc<Context>,
    changes: Changed<Tenant>,
    affected: impl Stream<Item = ObjectRef<Tenant>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let changes = changes.inspect(waits(context, reference_to::<Tenant>));
    let controller = Controller::for_shared_stream(changes, context.world.tenants.clone())
        .reconcile_on(affected.inspect(waits(context, ObjectRef::<Tenant>::clone)))
        .graceful_shutdown_on(shutdown.clone().cancelled_owned());
    let failed = |tenant: Arc<Tenant>, error: &Error, context: Arc<Context>| {
        let key = tenant
            .key()
            .map_or_else(|_| tenant.name_any(), |key| key.to_string());
        context.backoff.after(&key, error)
    };
    let reconcile = |tenant, context| measured("Tenant", tenant, context, tenant::reconcile);
    drain(
        context,
        controller.run(reconcile, failed, Arc::clone(context)),
    )
    .await;
}

fn all_servers<T: 'static>(
    context: &Arc<Context>,
    when: impl Stream<Item = T> + Send + 'static,
) -> impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static {
    let store = context.world.servers.clone();
    when.flat_map(move |_| stream::iter(references(&store.state())))
}

fn all_tenants<T: 'static>(
    context: &Arc<Context>,
    when: impl Stream<Item = T> + Send + 'static,
) -> impl Stream<Item = ObjectRef<Tenant>> + Send + 'static {
    let store = context.world.tenants.clone();
    when.flat_map(move |_| stream::iter(references(&store.state())))
}

/// The tenants that want a hostname whose claim is gone.
fn released(
    context: &Arc<Context>,
    changed: Changed<HostnameClaim>,
) -> impl Stream<Item = ObjectRef<Tenant>> + Send + 'static {
    let context = Arc::clone(context);
    changed.flat_map(move |claim| {
        let world = &context.world;
        let wanting = match world.claims.get(&ObjectRef::from_obj(&*claim)) {
            Some(_) => Vec::new(),
            None => world
                .tenants
                .state_filter(|tenant| tenant.spec.hostnames.contains(&claim.spec.hostname)),
        };
        stream::iter(references(&wanting))
    })
}

fn reference(tenant: &TenantKey) -> ObjectRef<Tenant> {
    ObjectRef::new(tenant.name.as_str()).within(&tenant.partner.namespace())
}

fn references<K>(objects: &[Arc<K>]) -> Vec<ObjectRef<K>>
where
    K: Resource,
    K::DynamicType: Default + Hash + Eq + Clone,
{
    objects.iter().map(reference_to).collect()
}

fn reference_to<K>(object: &Arc<K>) -> ObjectRef<K>
where
    K: Resource,
    K::DynamicType: Default,
{
    ObjectRef::from_obj(&**object)
}

/// Notes that objects of a stream wait for their reconcile from now on.
fn waits<T, K>(
    context: &Arc<Context>,
    reference: fn(&T) -> ObjectRef<K>,
) -> impl FnMut(&T) + Send + 'static + use<T, K>
where
    T: 'static,
    K: Lookup + 'static,
{
    let context = Arc::clone(context);
    move |object| context.measure.changed(&reference(object))
}

/// Runs one reconcile, counted, timed and traced.
async fn measured<K, F>(
    kind: &'static str,
    object: Arc<K>,
    context: Arc<Context>,
    reconcile: impl FnOnce(Arc<K>, Arc<Context>) -> F,
) -> crate::error::Result<Action>
where
    K: Resource<DynamicType = ()>,
    F: Future<Output = crate::error::Result<Action>>,
{
    let work = reconcile(Arc::clone(&object), Arc::clone(&context));
    context.measure.reconcile(kind, &*object, work).await
}

async fn drain<T, E, Q>(
    context: &Context,
    reconciled: impl Stream<Item = Result<T, controller::Error<E, Q>>>,
) where
    E: std::error::Error + 'static,
    Q: std::error::Error + 'static,
{
    reconciled
        .for_each(|outcome| {
            if let Err(error) = outcome {
                // What is gone waits for nothing.
                if let controller::Error::ObjectNotFound(object) = &error {
                    context.measure.taken(object);
                }
                tracing::trace!(?error, "reconcile ended");
            }
            std::future::ready(())
        })
        .await;
}
