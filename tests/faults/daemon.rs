//! tenantryd as a process of the suite, in place of the installed one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::FutureExt as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, ServiceAccount};
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::config::AuthInfo;
use kube::runtime::wait::{await_condition, conditions};
use kube::{Api, Client, Config, ResourceExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry_tests::{Environment, TestPartner, tell, until, with_partner};
use tokio::process::{Child, Command};

use crate::orphans::orphans;
use crate::proxy::Proxy;

const NAMESPACE: &str = "tenantry-system";
const NAME: &str = "tenantryd";
const CLUSTER_DNS: &str = "10.96.0.10";
const ANOTHER_VERSION: &str = "TENANTRY_ANOTHER_VERSION";
const PATIENCE: Duration = Duration::from_mins(2);
/// What is owned and who owns it are not looked at in one moment.
const GOING: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What a daemon of the suite is started with.
pub(crate) struct Control {
    pub(crate) proxy: Proxy,
    environment: Environment,
    folder: TempDir,
    /// What others left, which no test here is blamed for.
    orphans_before: BTreeSet<String>,
}

/// A daemon that runs; it is killed when this is dropped.
pub(crate) struct Daemon(Child);

impl Daemon {
    /// Kills it as the kernel does when memory is out: nothing of it runs any more.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.0
            .kill()
            .await
            .context("tenantryd was not there to be killed")
    }

    /// How much memory it has.
    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        let id = self.0.id().context("tenantryd has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kilobytes.context("no VmRSS")?.parse::<u64>()? * 1024)
    }
}

/// Runs `test` with the installed tenantryd stopped, and has it back afterwards. Nothing that
/// belongs to nobody may be left, neither then nor when the partner is removed.
pub(crate) async fn in_control(
    test: impl AsyncFnOnce(&Control, &TestPartner) -> Result<()>,
) -> Result<()> {
    let environment = Environment::load().await?;
    let before = orphans(&environment.kube).await?;
    if !before.is_empty() {
        tell(&format!("left by others, before this test: {before:?}"));
    }
    with_partner(async |partner| {
        scale(&environment, 0).await?;
        let outcome = AssertUnwindSafe(controlled(test, &environment, &before, partner))
            .catch_unwind()
            .await;
        scale(&environment, 1).await?;
        outcome.unwrap_or_else(|panic| resume_unwind(panic))
    })
    .await?;
    none_but(&before, &environment).await
}

async fn controlled(
    test: impl AsyncFnOnce(&Control, &TestPartner) -> Result<()>,
    environment: &Environment,
    before: &BTreeSet<String>,
    partner: &TestPartner,
) -> Result<()> {
    let control = Control {
        proxy: Proxy::start(as_daemon(environment).await?).await?,
        environment: environment.clone(),
        folder: tempfile::tempdir()?,
        orphans_before: before.clone(),
    };
    control.write_files().await?;
    test(&control, partner).await?;
    control.no_orphans().await
}

/// Waits until nothing belongs to nobody but what did `before`.
async fn none_but(before: &BTreeSet<String>, environment: &Environment) -> Result<()> {
    let begin = Instant::now();
    loop {
        let now = orphans(&environment.kube).await?;
        let left: Vec<_> = now.difference(before).collect();
        if left.is_empty() {
            return Ok(());
        }
        let is_late = begin.elapsed() > GOING;
        ensure!(!is_late, "these belong to no tenant: {left:#?}");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Starts or stops the installed tenantryd.
pub(crate) async fn scale(environment: &Environment, replicas: i32) -> Result<()> {
    let deployments: Api<Deployment> = Api::namespaced(environment.kube.clone(), NAMESPACE);
    let patch = json!({"spec": {"replicas": replicas}});
    deployments
        .patch(NAME, &PatchParams::default(), &Patch::Merge(patch))
        .await?;
    if replicas > 0 {
        return until(&deployments, NAME, PATIENCE, |deployment| {
            let status = deployment.and_then(|deployment| deployment.status.as_ref());
            let ready = status.and_then(|status| status.ready_replicas);
            (ready == Some(replicas))
                .then_some(())
                .ok_or_else(|| format!("{ready:?} are ready"))
        })
        .await;
    }
    let pods: Api<Pod> = Api::namespaced(environment.kube.clone(), NAMESPACE);
    let ours = ListParams::default().labels("app.kubernetes.io/name=tenantryd");
    for pod in pods.list(&ours).await? {
        let uid = pod.uid().unwrap_or_default();
        let name = pod.name_any();
        let gone = await_condition(pods.clone(), &name, conditions::is_deleted(&uid));
        tokio::time::timeout(PATIENCE, gone)
            .await
            .context("the installed tenantryd does not end")??;
    }
    Ok(())
}

/// A client with the rights of tenantryd, no more.
async fn as_daemon(environment: &Environment) -> Result<Client> {
    let accounts: Api<ServiceAccount> = Api::namespaced(environment.kube.clone(), NAMESPACE);
    let request: TokenRequest = serde_json::from_value(json!({
        "metadata": {},
        "spec": {"audiences": [], "expirationSeconds": 7200},
    }))?;
    let answer = accounts
        .create_token_request(NAME, &PostParams::default(), &request)
        .await?;
    let token = answer.status.context("no token")?.token;
    let mut config = Config::infer().await?;
    config.auth_info = AuthInfo {
        token: Some(token.into()),
        ..AuthInfo::default()
    };
    // A watch is quiet for as long as nothing happens.
    config.read_timeout = None;
    Ok(Client::try_from(config)?)
}

impl Control {
    async fn write_files(&self) -> Result<()> {
        let maps: Api<ConfigMap> = Api::namespaced(self.environment.kube.clone(), NAMESPACE);
        let data = maps.get(NAME).await?.data.unwrap_or_default();
        let config = data.get("config.yaml").context("no config.yaml")?;
        fs::write(self.file("config.yaml"), config)?;
        fs::write(self.file("token"), &self.environment.token)?;
        // The daemon finds services by the cluster's DNS, as it does in its pod.
        let resolver = format!(
            "nameserver {CLUSTER_DNS}\nsearch svc.cluster.local cluster.local\noptions ndots:5\n"
        );
        fs::write(self.file("resolv.conf"), resolver)?;
        let kubeconfig = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": {
                "server": format!("http://{}", self.proxy.address),
            }}],
            "users": [{"name": "proxy", "user": {}}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        });
        fs::write(self.file("kubeconfig"), kubeconfig.to_string())?;
        Ok(())
    }

    /// Sets what the platform decides for daemons that are started from now on: the field at
    /// `pointer`, which is there already. Returns what it was.
    pub(crate) fn configure(&self, pointer: &str, value: Value) -> Result<Value> {
        let text = fs::read_to_string(self.file("config.yaml"))?;
        let mut config: Value = serde_yaml::from_str(&text)?;
        let field = config.pointer_mut(pointer);
        let before = std::mem::replace(field.context("no such field")?, value);
        fs::write(self.file("config.yaml"), config.to_string())?;
        Ok(before)
    }

    /// Waits until nothing is there that belongs to nobody.
    ///
    /// # Errors
    /// Something is, and is told.
    pub(crate) async fn no_orphans(&self) -> Result<()> {
        none_but(&self.orphans_before, &self.environment).await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a daemon. It is there when its first request comes.
    pub(crate) fn start(&self) -> Result<Daemon> {
        self.start_program(&program()?)
    }

    /// Starts a daemon of another version, which renders pods differently.
    pub(crate) fn start_another_version(&self) -> Result<Daemon> {
        let program = std::env::var_os(ANOTHER_VERSION).with_context(|| {
            format!("{ANOTHER_VERSION} is not set: run `cargo xtask test faults`")
        })?;
        self.start_program(Path::new(&program))
    }

    fn start_program(&self, program: &Path) -> Result<Daemon> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.file("tenantryd.log"))?;
        // A mount namespace of its own, for its own resolv.conf. exec: the child is the daemon.
        let child = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg("mount --bind \"$RESOLVER\" /etc/resolv.conf && exec \"$@\"")
            .args(["sh".as_ref(), program.as_os_str()])
            .args([
                "serve",
                "--grpc-address=127.0.0.1:0",
                "--http-address=127.0.0.1:0",
                "--metrics-address=127.0.0.1:0",
                "--parking-address=127.0.0.1:0",
            ])
            .arg(format!("--token-file={}", self.file("token").display()))
            .arg(format!("--config={}", self.file("config.yaml").display()))
            .env("RESOLVER", self.file("resolv.conf"))
            .env("KUBECONFIG", self.file("kubeconfig"))
            .env("RUST_LOG", "info")
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Daemon(child))
    }

    /// The last that the daemons said.
    pub(crate) fn said(&self) -> String {
        let text = fs::read_to_string(self.file("tenantryd.log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(40).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// The program of the installed image, which was built beside this one.
fn program() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let folder = this.parent().and_then(Path::parent).context("no folder")?;
    let program = folder.join(NAME);
    ensure!(
        program.exists(),
        "{} is not built: run `cargo xtask test faults`",
        program.display()
    );
    Ok(program)
}
