//! What hurts a PostgreSQL, each with its way back.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use tokio_util::task::AbortOnDropHandle;

use super::{PASSWORD, Postgresql};
use crate::kubectl::kubectl;

impl Postgresql {
    /// Takes every connection that an ordinary role can have, and those that become free, for as
    /// long as the answer lives.
    ///
    /// # Errors
    /// There were none, or the server cannot be reached.
    pub async fn take_all_connections(&self) -> Result<AbortOnDropHandle<()>> {
        let services: Api<Service> = Api::namespaced(self.environment.kube.clone(), &self.name);
        let address = services.get("postgresql").await?.spec;
        let address = address.and_then(|spec| spec.cluster_ip);
        let options = PgConnectOptions::new_without_pgpass()
            .host(&address.context("no address")?)
            .username("without_createdb")
            .password(PASSWORD)
            .database("postgres")
            .ssl_mode(PgSslMode::Require);
        let mut sessions = take_free(&options).await?;
        ensure!(sessions.len() > 10, "{} sessions", sessions.len());
        Ok(AbortOnDropHandle::new(tokio::spawn(async move {
            let mut look = tokio::time::interval(Duration::from_millis(100));
            loop {
                look.tick().await;
                // One that fails otherwise is tried again at the next look.
                sessions.extend(take_free(&options).await.unwrap_or_default());
            }
        })))
    }

    /// Takes all the room on its disk but `left` bytes.
    ///
    /// # Errors
    /// It cannot be told to.
    pub async fn fill_disk(&self, left: u64) -> Result<()> {
        let room = "$(df --block-size=1 --output=avail /data | tail -n 1)";
        self.run(&format!("fallocate -l $(({room} - {left})) /data/fill"))
            .await
    }

    /// Gives the room back.
    ///
    /// # Errors
    /// It cannot be told to.
    pub async fn free_disk(&self) -> Result<()> {
        self.run("rm /data/fill").await
    }

    /// Stops it.
    ///
    /// # Errors
    /// It cannot be told to.
    pub async fn stop(&self) -> Result<()> {
        let stop =
            "touch /data/stopped && /usr/lib/postgresql/*/bin/pg_ctl stop -D /data/main -m fast";
        self.run(stop).await
    }

    /// Starts it again.
    ///
    /// # Errors
    /// It cannot be told to.
    pub async fn go_on(&self) -> Result<()> {
        self.run("rm /data/stopped").await
    }

    async fn run(&self, script: &str) -> Result<()> {
        let exec = ["exec", "--namespace", &self.name, "postgresql-0", "--"];
        let arguments = [&exec[..], &["sh", "-c", script]].concat();
        kubectl(&arguments, "").await?.text()?;
        Ok(())
    }
}

/// Takes every connection that is free just now.
async fn take_free(options: &PgConnectOptions) -> Result<Vec<PgConnection>> {
    let mut sessions = Vec::new();
    loop {
        match options.connect().await {
            Ok(session) => sessions.push(session),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("53300") => {
                return Ok(sessions);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
