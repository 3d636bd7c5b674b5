//! Starts the watches and the reconcilers, and stops them.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join4;
use futures::stream::{self, Stream, StreamExt as _};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::runtime::controller::{Action, Controller};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::wait::{await_condition, conditions};
use kube::{Api, Client, Resource, ResourceExt as _};
use tenantry_crd::{Blueprint, DatabaseServer, Partner, Tenant};
use tenantry_domain::TenantKey;
use tenantry_probe::{Prober, Transition};
use tenantry_render::Settings;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::Error;
use crate::servers::Servers;
use crate::world::{Changed, Changes, World};
use crate::{database_server, partner, tenant, usage};

/// When an object that is as it should be is looked at again, in case a change was missed.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_mins(15);

/// Why the reconcilers could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The API server cannot be asked for our kinds.
    #[error(
        "cannot read the CRD {name}; is the API server reachable, and may this account read it?"
    )]
    Crd {
        /// The CRD's name.
        name: String,
        /// What went wrong.
        #[source]
        source: kube::runtime::wait::Error,
    },
}

/// Reconciles until `shutdown`. Turns `ready` once every cache is filled.
///
/// # Errors
/// When our kinds cannot be looked for. It waits for kinds that are not there yet.
pub async fn run(
    client: Client,
    settings: Settings,
    prober: (Prober, mpsc::UnboundedReceiver<Transition>),
    ready: watch::Sender<bool>,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    tokio::select! {
        found = wait_for_kinds(&client) => found?,
        () = shutdown.cancelled() => return Ok(()),
    }
    let (world, changes) = World::watch(&client).await;
    let (prober, transitions) = prober;
    let context = Arc::new(Context {
        world,
        cluster: Cluster::new(client),
        servers: Servers::default(),
        prober: Arc::new(prober),
        settings,
        backoff: Backoff::default(),
    });
    // A receiver that is gone means that nobody asks.
    let _ = ready.send(true);
    tracing::info!("caches are filled; reconciling");
    reconcile(&context, changes, transitions, &shutdown).await;
    Ok(())
}

/// Runs every reconciler until `shutdown`. Each stream of changes goes to those that need it.
async fn reconcile(
    context: &Arc<Context>,
    changes: Changes,
    transitions: mpsc::UnboundedReceiver<Transition>,
    shutdown: &CancellationToken,
) {
    let Changes {
        partners: [own_partners, partners_for_tenants],
        blueprints: [blueprints_for_servers, blueprints_for_tenants],
        releases: [releases_for_servers, releases_for_tenants],
        servers: [own_servers, servers_for_tenants],
        tenants: [own_tenants, tenants_for_servers],
        touched,
        heard,
    } = changes;
    let servers_affected = stream::select_all([
        servers_of_blueprints(blueprints_for_servers).boxed(),
        all_servers(context, releases_for_servers).boxed(),
        unprepared(context, tenants_for_servers).boxed(),
        touched.servers.boxed(),
    ]);
    // What these say is shared by many tenants, and changes rarely.
    let shared = stream::select_all([
        partners_for_tenants.map(drop).boxed(),
        blueprints_for_tenants.map(drop).boxed(),
        releases_for_tenants.map(drop).boxed(),
        servers_for_tenants.map(drop).boxed(),
    ]);
    let probed = UnboundedReceiverStream::new(transitions).map(|tenant| reference(&tenant));
    let tenants_affected = stream::select_all([
        all_tenants(context, shared).boxed(),
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

async fn wait_for_kinds(client: &Client) -> Result<(), StartError> {
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    for crd in tenantry_crd::all() {
        let name = crd.name_any();
        await_condition(crds.clone(), &name, conditions::is_crd_established())
            .await
            .map_err(|source| StartError::Crd { name, source })?;
    }
    Ok(())
}

async fn partners(
    context: &Arc<Context>,
    changes: Changed<Partner>,
    affected: impl Stream<Item = ObjectRef<Partner>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let controller = Controller::for_shared_stream(changes, context.world.partners.clone())
        .reconcile_on(affected)
        .graceful_shutdown_on(shutdown.clone().cancelled_owned());
    let failed = |partner: Arc<Partner>, error: &Error, context: Arc<Context>| {
        retry(&context, &format!("partner-{}", partner.name_any()), error)
    };
    drain(controller.run(partner::reconcile, failed, Arc::clone(context))).await;
}

async fn servers(
    context: &Arc<Context>,
    changes: Changed<DatabaseServer>,
    affected: impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let controller = Controller::for_shared_stream(changes, context.world.servers.clone())
        .reconcile_on(affected)
        .graceful_shutdown_on(shutdown.clone().cancelled_owned());
    let failed = |server: Arc<DatabaseServer>, error: &Error, context: Arc<Context>| {
        retry(&context, &server.name_any(), error)
    };
    drain(controller.run(database_server::reconcile, failed, Arc::clone(context))).await;
}

async fn tenants(
    context: &Arc<Context>,
    changes: Changed<Tenant>,
    affected: impl Stream<Item = ObjectRef<Tenant>> + Send + 'static,
    shutdown: &CancellationToken,
) {
    let controller = Controller::for_shared_stream(changes, context.world.tenants.clone())
        .reconcile_on(affected)
        .graceful_shutdown_on(shutdown.clone().cancelled_owned());
    let failed = |tenant: Arc<Tenant>, error: &Error, context: Arc<Context>| {
        let key = tenant
            .key()
            .map_or_else(|_| tenant.name_any(), |key| key.to_string());
        retry(&context, &key, error)
    };
    drain(controller.run(tenant::reconcile, failed, Arc::clone(context))).await;
}

fn servers_of_blueprints(
    changed: Changed<Blueprint>,
) -> impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static {
    changed.map(|blueprint| ObjectRef::new(&blueprint.spec.database_server))
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

/// The servers of tenants whose template nobody asked for before.
fn unprepared(
    context: &Arc<Context>,
    changed: Changed<Tenant>,
) -> impl Stream<Item = ObjectRef<DatabaseServer>> + Send + 'static {
    let context = Arc::clone(context);
    changed.filter_map(move |tenant| std::future::ready(server_to_prepare(&context, &tenant)))
}

fn server_to_prepare(context: &Context, changed: &Tenant) -> Option<ObjectRef<DatabaseServer>> {
    let provisioned = changed
        .status
        .as_ref()
        .is_some_and(|status| status.provisioned_in.is_some());
    if provisioned {
        return None;
    }
    let valid = tenant::validate(context, changed).ok()?;
    let reference = ObjectRef::new(valid.database_server.as_str());
    let key = tenantry_render::template::Template::of(&valid).key(tenantry_database::BUILD_SCRIPT);
    let server = context.world.servers.get(&reference)?;
    let known = server
        .status
        .as_ref()
        .is_some_and(|status| status.templates.iter().any(|template| template.name == key));
    (!known).then_some(reference)
}

fn reference(tenant: &TenantKey) -> ObjectRef<Tenant> {
    ObjectRef::new(tenant.name.as_str()).within(&tenant.partner.namespace())
}

fn references<K>(objects: &[Arc<K>]) -> Vec<ObjectRef<K>>
where
    K: Resource,
    K::DynamicType: Default + Hash + Eq + Clone,
{
    objects
        .iter()
        .map(|object| ObjectRef::from_obj(&**object))
        .collect()
}

/// Logs a failure once, where it is handled, and says when to try again.
fn retry(context: &Context, object: &str, error: &Error) -> Action {
    tracing::warn!(
        object,
        category = error.category(),
        fault = ?error.fault(),
        error = error.chain(),
        "reconcile failed"
    );
    context.backoff.after(object, error)
}

async fn drain<T, E: Debug>(reconciled: impl Stream<Item = Result<T, E>>) {
    reconciled
        .for_each(|outcome| {
            if let Err(error) = outcome {
                tracing::trace!(?error, "reconcile ended");
            }
            std::future::ready(())
        })
        .await;
}
