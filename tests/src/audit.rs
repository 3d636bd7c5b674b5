//! The API server's audit log: what tenantryd asked it for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

const LOCAL_LOG: &str = "/var/lib/tenantry/logs/audit.log";
/// For how long nothing is written at rest.
const RESTING: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_mins(2);
const ACCOUNT: &str = "system:serviceaccount:tenantry-system:tenantryd";

/// The end of the log from one moment on.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    offset: u64,
}

/// One request of tenantryd.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Its identity.
    #[serde(rename = "auditID")]
    pub audit_id: String,
    /// What was asked for, such as `patch`.
    pub verb: String,
    /// When it came in.
    pub request_received_timestamp: Timestamp,
    /// Its path.
    #[serde(rename = "requestURI")]
    pub request_uri: String,
    /// The object that it is about.
    #[serde(default)]
    pub object_ref: ObjectRef,
    /// How it was answered.
    #[serde(default)]
    pub response_status: ResponseStatus,
    user: User,
}

/// The object that a request is about.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ObjectRef {
    /// Its kind in plural.
    pub resource: String,
    /// `status` and the like.
    pub subresource: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// How a request was answered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ResponseStatus {
    /// The HTTP status.
    pub code: u16,
}

#[derive(Debug, Clone, Deserialize)]
struct User {
    username: String,
}

impl Request {
    /// Whether it asks for a change.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.verb.as_str(), "get" | "list" | "watch")
    }

    /// What it asks for, without names: `patch tenants/status`.
    #[must_use]
    pub fn what(&self) -> String {
        let object = &self.object_ref;
        match object.subresource.as_str() {
            "" => format!("{} {}", self.verb, object.resource),
            subresource => format!("{} {}/{subresource}", self.verb, object.resource),
        }
    }
}

impl Log {
    /// What is written from now on.
    ///
    /// # Errors
    /// There is no log here: only the local cluster has one.
    pub fn from_now() -> Result<Self> {
        let path = std::env::var_os("TENANTRY_AUDIT_LOG").map_or(LOCAL_LOG.into(), PathBuf::from);
        let offset = std::fs::metadata(&path)
            .with_context(|| format!("{} cannot be read; set TENANTRY_AUDIT_LOG", path.display()))?
            .len();
        Ok(Self { path, offset })
    }

    /// What is written once tenantryd has come to rest: what follows a provisioning, events and the
    /// last status, has been written by then.
    ///
    /// # Errors
    /// It does not come to rest, or there is no log here.
    pub async fn from_rest() -> Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = Self::from_now()?;
            sleep(RESTING).await;
            let requests = log.requests()?;
            let Some(write) = requests.iter().find(|request| request.is_write()) else {
                return Ok(log);
            };
            ensure!(Instant::now() < deadline, "not at rest: {write:#?}");
        }
    }

    /// The requests of tenantryd so far, each once, in the order in which they came in.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn requests(&self) -> Result<Vec<Request>> {
        let mut file = File::open(&self.path)?;
        ensure!(
            file.metadata()?.len() >= self.offset,
            "{} was begun anew meanwhile: run it again",
            self.path.display()
        );
        file.seek(SeekFrom::Start(self.offset))?;
        let mut requests = BTreeMap::new();
        for line in BufReader::new(file).lines() {
            let line = line?;
            if !line.contains(ACCOUNT) {
                continue;
            }
            // The last line may be in the making.
            let Ok(request) = serde_json::from_str::<Request>(&line) else {
                continue;
            };
            if request.user.username == ACCOUNT {
                requests.insert(request.audit_id.clone(), request);
            }
        }
        let mut requests: Vec<_> = requests.into_values().collect();
        requests.sort_by_key(|request| request.request_received_timestamp);
        Ok(requests)
    }
}

/// How many requests ask for what.
#[must_use]
pub fn count(requests: &[Request]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for request in requests {
        *counts.entry(request.what()).or_default() += 1;
    }
    counts
}
