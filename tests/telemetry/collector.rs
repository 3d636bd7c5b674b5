//! A collector of OpenTelemetry, as others run it, and what came to it.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

const PROGRAM: &str = "TENANTRY_COLLECTOR";
const BEGINNING: Duration = Duration::from_mins(1);
/// Traces and logs are sent every few seconds.
const ARRIVAL: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// A collector that runs; it is killed when this is dropped.
pub(crate) struct Collector {
    _process: Child,
    folder: TempDir,
    /// The port that it listens on, at every address.
    pub(crate) port: u16,
}

impl Collector {
    /// Starts one, and waits until it takes what is sent.
    pub(crate) async fn start() -> Result<Self> {
        let program = std::env::var_os(PROGRAM)
            .with_context(|| format!("{PROGRAM} is not set: run `cargo xtask test e2e`"))?;
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        let config = json!({
            "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": "0.0.0.0:0"}}}},
            "exporters": {
                "file/traces": {"path": path("traces")},
                "file/logs": {"path": path("logs")},
            },
            "service": {
                "telemetry": {"metrics": {"level": "none"}, "logs": {"encoding": "json"}},
                "pipelines": {
                    "traces": {"receivers": ["otlp"], "exporters": ["file/traces"]},
                    "logs": {"receivers": ["otlp"], "exporters": ["file/logs"]},
                },
            },
        });
        fs::write(path("config.yaml"), config.to_string())?;
        let mut process = Command::new(program)
            .arg("--config")
            .arg(path("config.yaml"))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let said = process.stderr.take().context("no standard error")?;
        let port = timeout(BEGINNING, port(BufReader::new(said)))
            .await
            .context("the collector does not listen")??;
        Ok(Self {
            _process: process,
            folder,
            port,
        })
    }

    /// Waits until a span has come that is `wanted`.
    pub(crate) async fn span(&self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let path = ["resourceSpans", "scopeSpans", "spans"];
        self.arrived("traces", path, wanted).await
    }

    /// Waits until a log record has come that is `wanted`.
    pub(crate) async fn record(&self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let path = ["resourceLogs", "scopeLogs", "logRecords"];
        self.arrived("logs", path, wanted).await
    }

    /// Waits for one that is `wanted`, below `path` in OTLP's JSON. There is nothing to watch in a
    /// file.
    async fn arrived(
        &self,
        file: &str,
        path: [&str; 3],
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let deadline = Instant::now() + ARRIVAL;
        loop {
            let all = read(&self.folder.path().join(file), path)?;
            if let Some(found) = all.iter().find(|one| wanted(one)) {
                return Ok(found.clone());
            }
            let names: Vec<_> = all.iter().map(|one| &one["name"]).collect();
            ensure!(Instant::now() < deadline, "it is not among {names:?}");
            sleep(LOOK_AGAIN).await;
        }
    }
}

/// The port that a collector says it listens on. What it says afterwards is read, so that it can go
/// on.
async fn port(mut said: BufReader<tokio::process::ChildStderr>) -> Result<u16> {
    let mut all = String::new();
    loop {
        let begin = all.len();
        let read = said.read_line(&mut all).await?;
        ensure!(read > 0, "the collector ended:\n{all}");
        let line: Value = serde_json::from_str(&all[begin..]).unwrap_or_default();
        if let Some((_, port)) = line["endpoint"].as_str().and_then(|at| at.rsplit_once(':')) {
            let port = port.parse()?;
            tokio::spawn(async move { tokio::io::copy(&mut said, &mut tokio::io::sink()).await });
            return Ok(port);
        }
    }
}

/// All that is below `path` in each line of a file. The last line may not be whole yet.
fn read(file: &PathBuf, path: [&str; 3]) -> Result<Vec<Value>> {
    let text = fs::read_to_string(file)?;
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    Ok(path
        .iter()
        .fold(lines.collect(), |above: Vec<Value>, name| {
            let below = above
                .into_iter()
                .filter_map(|mut one| match one[*name].take() {
                    Value::Array(items) => Some(items),
                    _ => None,
                });
            below.flatten().collect()
        }))
}
