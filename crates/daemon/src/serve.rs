//! `tenantryd serve`: API and reconcilers in one process.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use secrecy::SecretString;
use tenantry_probe::Prober;
use tenantry_telemetry::Metrics;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::telemetry;

/// The work is waiting for others; two threads keep caches and probe apart from a busy call.
const WORKER_THREADS: usize = 2;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where the gRPC API listens.
    #[arg(long, default_value = "127.0.0.1:8443")]
    grpc_address: SocketAddr,
    /// Where liveness and readiness listen.
    #[arg(long, default_value = "127.0.0.1:8081")]
    http_address: SocketAddr,
    /// Where metrics listen.
    #[arg(long, default_value = "127.0.0.1:8082")]
    metrics_address: SocketAddr,
    /// Where hostnames of tenants that do not run are answered.
    #[arg(long, default_value = "127.0.0.1:8083")]
    parking_address: SocketAddr,
    /// URL of an OpenTelemetry collector (OTLP over gRPC) that traces and logs are sent to, such as
    /// `http://collector.telemetry:4317`. Nothing is traced without it.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    otlp_endpoint: Option<String>,
    /// File with the token that callers of the API show.
    #[arg(long)]
    token_file: PathBuf,
    /// File with what the platform decides.
    #[arg(long)]
    config: PathBuf,
}

/// Serves until it is told to end.
pub(crate) fn serve(arguments: Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    // An empty environment variable means none.
    let endpoint = arguments.otlp_endpoint.as_deref();
    let endpoint = endpoint.filter(|endpoint| !endpoint.is_empty());
    let exports = {
        let _within = runtime.enter();
        telemetry::start(endpoint)?
    };
    let ended = runtime.block_on(run(arguments));
    // The runtime still sends.
    if let Some(exports) = exports {
        exports.flush();
    }
    ended
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments {
        grpc_address,
        http_address,
        metrics_address,
        parking_address,
        token_file,
        config,
        ..
    } = arguments;
    let config = Config::read(&config)?;
    let token = read_token(&token_file)?;
    let client = kube::Client::try_default()
        .await
        .context("cannot find a Kubernetes API server: run in a pod, or set KUBECONFIG")?;
    let metrics = Metrics::default();
    let parts = tenantry_controller::Parts {
        client: client.clone(),
        prober: Prober::new(config.door()?, metrics.clone()),
        settings: config.settings()?,
        metrics: metrics.clone(),
    };
    let (ready, is_ready) = watch::channel(false);
    let shutdown = CancellationToken::new();
    let api = tenantry_api::Config {
        grpc_address,
        http_address,
        metrics_address,
        metrics,
        parking_address,
        token,
    };
    tokio::try_join!(
        end_on_signal(shutdown.clone()),
        ending(
            &shutdown,
            tenantry_api::serve(api, client, is_ready, shutdown.clone())
        ),
        ending(&shutdown, async {
            tenantry_controller::run(parts, ready, shutdown.clone()).await;
            Ok::<(), Infallible>(())
        }),
    )?;
    tracing::info!("ended");
    Ok(())
}

/// Waits for `part`; when it ends, everything does.
async fn ending<E: std::error::Error + Send + Sync + 'static>(
    shutdown: &CancellationToken,
    part: impl Future<Output = Result<(), E>>,
) -> anyhow::Result<()> {
    let _end = shutdown.clone().drop_guard();
    Ok(part.await?)
}

async fn end_on_signal(shutdown: CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("told to end"),
        _ = interrupt.recv() => tracing::info!("interrupted"),
        () = shutdown.cancelled() => (),
    }
    shutdown.cancel();
    Ok(())
}

fn read_token(path: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the token file {}", path.display()))?;
    let token = text.trim();
    anyhow::ensure!(
        !token.is_empty(),
        "the token file {} is empty",
        path.display()
    );
    Ok(token.into())
}
