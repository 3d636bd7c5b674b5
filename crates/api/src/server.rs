//! The listeners.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use kube::Client;
use secrecy::SecretString;
use tenantry_proto::longrunning::operations_server::OperationsServer;
use tenantry_proto::v1alpha1::tenant_service_server::TenantServiceServer;
use tenantry_telemetry::Metrics;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;

use crate::authentication::Authentication;
use crate::cluster::Cluster;
use crate::operations::Operations;
use crate::parking::{self, Directory};
use crate::telemetry::Telemetry;
use crate::tenants::Tenants;
use crate::{metrics, probes};

/// The largest request, in bytes.
const REQUEST_LIMIT: usize = 1 << 20;
/// The largest response: what gRPC clients accept when they say nothing.
const RESPONSE_LIMIT: usize = 4 << 20;
/// How many calls one connection may have at once.
const CALLS_PER_CONNECTION: usize = 128;
/// How long calls may take to finish once the server ends. A stream of health would never.
const GRACE: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Where to listen, and who may call.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where gRPC listens, without TLS.
    pub grpc_address: SocketAddr,
    /// Where `/healthz` and `/readyz` are served.
    pub http_address: SocketAddr,
    /// Where `/metrics` is served.
    pub metrics_address: SocketAddr,
    /// What is served there, and where calls are counted.
    pub metrics: Metrics,
    /// Where hostnames of tenants that do not run are answered.
    pub parking_address: SocketAddr,
    /// The token that every call carries.
    pub token: SecretString,
}

/// Why the server ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The descriptors for reflection are damaged.
    #[error("cannot serve reflection")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The gRPC listener failed.
    #[error("the gRPC server failed")]
    Grpc(#[source] tonic::transport::Error),
    /// A listener for probes, metrics or the parking page failed.
    #[error("the HTTP server failed")]
    Http(#[source] io::Error),
}

/// The listeners, bound and not yet answering.
#[derive(Debug)]
pub struct Server {
    grpc: TcpListener,
    http: TcpListener,
    metrics_listener: TcpListener,
    metrics: Metrics,
    parking: TcpListener,
    token: SecretString,
}

/// Listens and answers until `shutdown` is cancelled; calls that have begun have ten seconds.
///
/// `ready` says whether the platform is ready. Health says so of every service, and `/readyz` too.
///
/// # Errors
/// An address cannot be listened on, or a listener failed.
pub async fn serve(
    config: Config,
    client: Client,
    ready: watch::Receiver<bool>,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    Server::bind(config)
        .await?
        .run(client, ready, shutdown)
        .await
}

impl Server {
    /// Binds the listeners. Port 0 takes a free one.
    ///
    /// # Errors
    /// An address cannot be listened on.
    pub async fn bind(config: Config) -> Result<Self, ServeError> {
        Ok(Self {
            grpc: listen("grpc", config.grpc_address).await?,
            http: listen("http", config.http_address).await?,
            metrics_listener: listen("metrics", config.metrics_address).await?,
            metrics: config.metrics,
            parking: listen("parking", config.parking_address).await?,
            token: config.token,
        })
    }

    /// Where gRPC listens.
    ///
    /// # Errors
    /// The system does not say it.
    pub fn grpc_address(&self) -> io::Result<SocketAddr> {
        self.grpc.local_addr()
    }

    /// Where probes are answered.
    ///
    /// # Errors
    /// The system does not say it.
    pub fn http_address(&self) -> io::Result<SocketAddr> {
        self.http.local_addr()
    }

    /// Where metrics are served.
    ///
    /// # Errors
    /// The system does not say it.
    pub fn metrics_address(&self) -> io::Result<SocketAddr> {
        self.metrics_listener.local_addr()
    }

    /// Answers until `shutdown` is cancelled. See [`serve`].
    ///
    /// # Errors
    /// A listener failed.
    pub async fn run(
        self,
        client: Client,
        ready: watch::Receiver<bool>,
        shutdown: CancellationToken,
    ) -> Result<(), ServeError> {
        // When one listener fails, the other one ends as well.
        let ended = shutdown.child_token();
        let _guard = ended.clone().drop_guard();
        let directory = Directory::watch(&client, &ended);
        let services = services(client, ready.clone(), &ended).await?;
        let grpc = tonic::transport::Server::builder()
            .concurrency_limit_per_connection(CALLS_PER_CONNECTION)
            .http2_keepalive_interval(Some(KEEPALIVE))
            .layer(Telemetry::new(self.metrics.clone()))
            .layer(Authentication::new(self.token))
            .add_routes(services)
            .serve_with_incoming_shutdown(
                TcpIncoming::from(self.grpc).with_nodelay(Some(true)),
                ended.clone().cancelled_owned(),
            );
        let http = axum::serve(self.http, probes::router(ready))
            .with_graceful_shutdown(ended.clone().cancelled_owned());
        let metrics = axum::serve(self.metrics_listener, metrics::router(self.metrics))
            .with_graceful_shutdown(ended.clone().cancelled_owned());
        let parking = axum::serve(self.parking, parking::router(directory))
            .with_graceful_shutdown(ended.clone().cancelled_owned());
        tokio::try_join!(
            within_grace(&ended, async { grpc.await.map_err(ServeError::Grpc) }),
            within_grace(&ended, async { http.await.map_err(ServeError::Http) }),
            within_grace(&ended, async { metrics.await.map_err(ServeError::Http) }),
            within_grace(&ended, async { parking.await.map_err(ServeError::Http) }),
        )?;
        Ok(())
    }
}

/// Waits for `listener` to end, but not for ever once it has been told to.
async fn within_grace(
    ended: &CancellationToken,
    listener: impl Future<Output = Result<(), ServeError>>,
) -> Result<(), ServeError> {
    let too_late = async {
        ended.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = listener => result,
        () = too_late => Ok(()),
    }
}

async fn listen(name: &str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    let bind = async {
        let listener = TcpListener::bind(address).await?;
        // Port 0 was given for whichever is free.
        let address = listener.local_addr()?;
        tracing::info!(listener = name, %address, "listening");
        Ok(listener)
    };
    bind.await
        .map_err(|source| ServeError::Listen { address, source })
}

async fn services(
    client: Client,
    ready: watch::Receiver<bool>,
    ended: &CancellationToken,
) -> Result<Routes, ServeError> {
    let cluster = Cluster::new(client);
    let tenants = TenantServiceServer::new(Tenants::new(cluster.clone()))
        .max_decoding_message_size(REQUEST_LIMIT)
        .max_encoding_message_size(RESPONSE_LIMIT)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let operations = OperationsServer::new(Operations::new(cluster, ended.clone()))
        .max_decoding_message_size(REQUEST_LIMIT)
        .max_encoding_message_size(RESPONSE_LIMIT);
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(tenantry_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()
        .map_err(ServeError::Reflection)?;
    Ok(Routes::new(probes::health(ready, ended.clone()).await)
        .add_service(reflection)
        .add_service(tenants)
        .add_service(operations))
}
