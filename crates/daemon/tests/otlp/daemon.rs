//! `tenantryd`, started as a process.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// What calls show.
pub(crate) const TOKEN: &str = "a-token-of-this-test";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How its listeners are called in the log.
const LISTENERS: [&str; 4] = ["grpc", "http", "metrics", "parking"];

/// `tenantryd`, which listens.
pub(crate) struct Daemon {
    process: Child,
    lines: UnboundedReceiver<String>,
    addresses: BTreeMap<String, String>,
    _files: TempDir,
    _cluster: TcpListener,
}

impl Daemon {
    /// Starts it, and waits until it listens.
    pub(crate) async fn start(otlp_endpoint: Option<&str>) -> Result<Self, Box<dyn Error>> {
        let cluster = TcpListener::bind("127.0.0.1:0").await?;
        let files = files(&cluster.local_addr()?.to_string())?;
        let at = |name: &str| files.path().join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantryd"));
        command.arg("serve");
        for listener in LISTENERS {
            command.arg(format!("--{listener}-address=127.0.0.1:0"));
        }
        command.arg("--token-file").arg(at("token"));
        command.arg("--config").arg(at("config.yaml"));
        if let Some(endpoint) = otlp_endpoint {
            command.arg("--otlp-endpoint").arg(endpoint);
        }
        let mut process = command
            .env_clear()
            .env("KUBECONFIG", at("kubeconfig"))
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = process.stderr.take().ok_or("it has no standard error")?;
        let mut daemon = Self {
            process,
            lines: lines(stderr),
            addresses: BTreeMap::new(),
            _files: files,
            _cluster: cluster,
        };
        for _ in LISTENERS {
            let line = daemon.line("listening").await?;
            let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            daemon.addresses.insert(word("listener"), word("address"));
        }
        Ok(daemon)
    }

    /// Where one of the listeners is.
    pub(crate) fn address(&self, listener: &str) -> &str {
        &self.addresses[listener]
    }

    /// The next line of its log with this message.
    pub(crate) async fn line(&mut self, message: &str) -> Result<Value, Box<dyn Error>> {
        let mut seen = String::new();
        while let Some(line) = timeout(PATIENCE, self.lines.recv()).await? {
            let parsed: Value = serde_json::from_str(&line).unwrap_or_default();
            if parsed["message"] == message {
                return Ok(parsed);
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        Err(format!("it ended without saying {message:?}:\n{seen}").into())
    }

    /// Its page of metrics.
    pub(crate) async fn metrics(&self) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address("metrics")).await?;
        let request = b"GET /metrics HTTP/1.1\r\nhost: metrics\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// Tells it to end, as Kubernetes does, and waits until it has.
    pub(crate) async fn end(mut self) -> Result<(), Box<dyn Error>> {
        let told = Command::new("kill")
            .arg(self.process.id().to_string())
            .status()?;
        assert!(told.success(), "kill: {told}");
        // Its log ends when it does.
        while timeout(PATIENCE, self.lines.recv()).await?.is_some() {}
        let ended = self.process.wait()?;
        assert!(ended.success(), "it ended with {ended}");
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The lines that come, read where nobody has to wait for them.
fn lines(stderr: ChildStderr) -> UnboundedReceiver<String> {
    let (sender, lines) = unbounded_channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn files(cluster: &str) -> io::Result<TempDir> {
    let files = tempfile::tempdir()?;
    let write = |name: &str, text: &str| std::fs::write(files.path().join(name), text);
    write("token", TOKEN)?;
    write(
        "config.yaml",
        &format!(
            "namespace: tenantry-system\n\
             postgresqlImage: example.com/postgresql@sha256:{}\n\
             ingress: {{className: any, address: '127.0.0.1:1', scheme: http}}\n\
             network: {{ingressController: [{{namespace: any}}], dns: [{{namespace: any}}], \
             controlPlane: {{namespace: any}}, privateRanges: []}}\n",
            "0".repeat(64)
        ),
    )?;
    write(
        "kubeconfig",
        &format!(
            "apiVersion: v1\n\
             kind: Config\n\
             current-context: test\n\
             clusters: [{{name: test, cluster: {{server: 'http://{cluster}'}}}}]\n\
             users: [{{name: test, user: {{}}}}]\n\
             contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\n"
        ),
    )?;
    Ok(files)
}
