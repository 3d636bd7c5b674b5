//! One connection, and the small pool of those on the maintenance database.
//!
//! The driver's own pool hides why a connection failed (it retries until its deadline, then reports a timeout)
//! and returns a connection to the next user by itself, with whatever the last one left in it.
//! Here a session that is dropped is closed, and with it go its locks and its transaction;
//! only one that was given back is used again.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::QueryAs;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, FromRow, PgConnection, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{During, Error, Result};
use crate::names::OBJECTS_ROLE;
use crate::server::{Endpoint, Limits};
use crate::sql::identifier;

/// The server cancels a statement at its timeout; we wait this much longer before we give the server up.
const GRACE: Duration = Duration::from_secs(5);
const IDLE_MAX: Duration = Duration::from_mins(1);
/// An idle connection younger than this is trusted without asking.
const FRESH: Duration = Duration::from_secs(1);

/// A turn, until it is dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

pub(crate) struct Session {
    connection: PgConnection,
    database: String,
    patience: Duration,
    permit: Option<Permit>,
}

impl Session {
    pub(crate) async fn open(
        options: &PgConnectOptions,
        endpoint: &Endpoint,
        database: &str,
        limits: &Limits,
    ) -> Result<Self> {
        let user = options.get_username();
        let to = || format!("{database} on {endpoint} as {user}");
        let during = || During::new("connecting to", to());
        let connection = bounded(limits.connect, during, options.connect()).await?;
        let patience = limits.statement + GRACE;
        let mut session = Self {
            connection,
            database: database.to_owned(),
            patience,
            permit: None,
        };
        // What a killed worker was at ends with it, however long it would take. A server whose platform
        // does not tell that a client is gone refuses, and finishes what it was asked for.
        let notice = "SET client_connection_check_interval = '10s'".to_owned();
        let _ = session.run("connecting to", database, notice).await;
        Ok(session)
    }

    pub(crate) fn holding(mut self, permit: Permit) -> Self {
        self.permit = Some(permit);
        self
    }

    /// Runs statements as they are; several of them are one transaction.
    pub(crate) async fn run(&mut self, step: &'static str, on: &str, sql: String) -> Result<()> {
        let work = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection);
        bounded(self.patience, || During::new(step, on), work).await?;
        Ok(())
    }

    /// Runs one statement that may take longer than others.
    pub(crate) async fn run_long(
        &mut self,
        step: &'static str,
        on: &str,
        sql: String,
        longest: Duration,
    ) -> Result<()> {
        let usual = self.patience;
        let limit = format!("SET statement_timeout = {}", longest.as_millis());
        self.run(step, on, limit).await?;
        self.patience = longest + GRACE;
        let result = self.run(step, on, sql).await;
        self.patience = usual;
        // What the session was opened with.
        let reset = "RESET statement_timeout".to_owned();
        let reset = self.run(step, on, reset).await;
        result.and(reset)
    }

    /// Runs a query for exactly one row.
    pub(crate) async fn one<T>(
        &mut self,
        step: &'static str,
        query: QueryAs<'_, Postgres, T, PgArguments>,
    ) -> Result<T>
    where
        T: Send + Unpin + for<'r> FromRow<'r, PgRow>,
    {
        let Self {
            connection,
            database,
            patience,
            ..
        } = self;
        bounded(
            *patience,
            || During::new(step, database.as_str()),
            query.fetch_one(connection),
        )
        .await
    }

    /// Runs a query for all its rows.
    pub(crate) async fn all<T>(
        &mut self,
        step: &'static str,
        query: QueryAs<'_, Postgres, T, PgArguments>,
    ) -> Result<Vec<T>>
    where
        T: Send + Unpin + for<'r> FromRow<'r, PgRow>,
    {
        let Self {
            connection,
            database,
            patience,
            ..
        } = self;
        bounded(
            *patience,
            || During::new(step, database.as_str()),
            query.fetch_all(connection),
        )
        .await
    }

    /// Runs a statement with parameters and returns how many rows it touched.
    pub(crate) async fn touch(
        &mut self,
        step: &'static str,
        query: sqlx::query::Query<'_, Postgres, PgArguments>,
    ) -> Result<u64> {
        let Self {
            connection,
            database,
            patience,
            ..
        } = self;
        let during = || During::new(step, database.as_str());
        Ok(bounded(*patience, during, query.execute(connection))
            .await?
            .rows_affected())
    }

    /// Closes a database to everybody and drops it, or finishes a drop that was cut off. Nothing happens
    /// without one.
    ///
    /// `WITH (FORCE)` is no use to anyone but a superuser: it fails when the server's own vacuum is at work
    /// there, whose process it may not end. A plain drop asks that process to go, but waits for all others.
    pub(crate) async fn drop_database(&mut self, name: &str) -> Result<()> {
        let query = sqlx::query_as("SELECT datconnlimit = -2 FROM pg_database WHERE datname = $1");
        let found: Vec<(bool,)> = self.all("looking for", query.bind(name)).await?;
        let Some((cut_off,)) = found.first() else {
            return Ok(());
        };
        let database = identifier(name);
        // What a drop that was cut off leaves is closed, and can be dropped and not altered.
        if !cut_off {
            // A database's owner can make it a template, which would keep it.
            let sql =
                format!("ALTER DATABASE {database} WITH IS_TEMPLATE false ALLOW_CONNECTIONS false");
            self.run("closing", name, sql).await?;
        }
        self.end_sessions(name).await?;
        let sql = format!("DROP DATABASE IF EXISTS {database}");
        self.run("dropping", name, sql).await
    }

    /// Runs `before` and drops a role, in one transaction. A role that somebody gave rights in another
    /// database is kept by these, and nobody but their giver can take them back: it stays, and can do
    /// nothing. To drop it again is to try again.
    pub(crate) async fn drop_role(
        &mut self,
        step: &'static str,
        role: &str,
        before: &str,
    ) -> Result<()> {
        let name = identifier(role);
        let sql = format!("{before}; DROP ROLE {name}");
        match self.run(step, role, sql).await {
            Err(error) if error.is_dependence() => {
                let objects = identifier(OBJECTS_ROLE);
                let sql = format!(
                    "{before}; REVOKE {objects} FROM {name};
                     ALTER ROLE {name} WITH NOLOGIN PASSWORD NULL"
                );
                self.run(step, role, sql).await
            }
            outcome => outcome,
        }
    }

    /// Ends all sessions of a role. A session that is being ended may still be writing, so they are waited for.
    pub(crate) async fn end_sessions_of(&mut self, role: &str) -> Result<()> {
        let query = sqlx::query_as(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = $1",
        );
        let (_,): (i64,) = self.one("ending sessions of", query.bind(role)).await?;
        Ok(())
    }

    /// Ends all sessions on a database that we may end, and waits until they are gone.
    pub(crate) async fn end_sessions(&mut self, name: &str) -> Result<()> {
        let query = sqlx::query_as(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
             WHERE datname = $1 AND pg_has_role(current_user, usesysid, 'USAGE')",
        );
        let (_,): (i64,) = self.one("ending sessions of", query.bind(name)).await?;
        Ok(())
    }

    /// Takes a lock that lasts until it is released or the session ends, however it ends.
    pub(crate) async fn lock(&mut self, on: &str) -> Result<()> {
        if self.try_lock(on).await? || (self.evict(on).await? && self.try_lock(on).await?) {
            return Ok(());
        }
        let during = During::new("locking", on);
        Err(Error::Busy {
            during,
            object: on.to_owned(),
            source: None,
        })
    }

    async fn try_lock(&mut self, on: &str) -> Result<bool> {
        let query = sqlx::query_as("SELECT pg_try_advisory_lock(hashtextextended($1, 0))");
        let (taken,): (bool,) = self.one("locking", query.bind(lock_key(on))).await?;
        Ok(taken)
    }

    /// Ends whoever holds a lock of ours and is not us, if anybody does: tenants may connect to the
    /// maintenance database, and everybody may take any lock there.
    async fn evict(&mut self, on: &str) -> Result<bool> {
        let query = sqlx::query_as(
            "SELECT count(pg_terminate_backend(pid, 5000)) > 0
             FROM pg_locks JOIN pg_stat_activity USING (pid) JOIN pg_database d ON d.oid = database
             WHERE locktype = 'advisory' AND objsubid = 1 AND d.datname = current_database()
               AND (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)
               AND usename <> current_user AND pg_has_role(current_user, usesysid, 'USAGE')",
        );
        let (ended,): (bool,) = self.one("unlocking", query.bind(lock_key(on))).await?;
        Ok(ended)
    }

    /// Takes it like [`Session::lock`], but waits its turn (`lock_timeout` bounds it).
    pub(crate) async fn lock_in_turn(&mut self, on: &str) -> Result<()> {
        if self.try_lock(on).await? {
            return Ok(());
        }
        self.evict(on).await?;
        let query = sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))");
        self.touch("locking", query.bind(lock_key(on))).await?;
        Ok(())
    }

    pub(crate) async fn unlock(&mut self, on: &str) -> Result<()> {
        let query = sqlx::query_as("SELECT pg_advisory_unlock(hashtextextended($1, 0))");
        let (_,): (bool,) = self.one("unlocking", query.bind(lock_key(on))).await?;
        Ok(())
    }

    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Ends the session in good order: the server has forgotten it when this returns.
    pub(crate) async fn close(self) {
        let _ = tokio::time::timeout(GRACE, self.connection.close()).await;
    }

    async fn answers(&mut self) -> bool {
        matches!(
            tokio::time::timeout(FRESH, self.connection.ping()).await,
            Ok(Ok(()))
        )
    }
}

fn lock_key(on: &str) -> String {
    format!("tenantry/{on}")
}

async fn bounded<T>(
    patience: Duration,
    during: impl FnOnce() -> During,
    work: impl Future<Output = std::result::Result<T, sqlx::Error>>,
) -> Result<T> {
    let result = tokio::time::timeout(patience, work)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())));
    result.map_err(|source| Error::sort(during(), source))
}

async fn wait(
    semaphore: &Arc<Semaphore>,
    patience: Duration,
    during: impl FnOnce() -> During,
) -> Result<Permit> {
    let permit = Arc::clone(semaphore).acquire_owned();
    match tokio::time::timeout(patience, permit).await {
        Ok(Ok(permit)) => Ok(permit),
        _ => Err(Error::Queued { during: during() }),
    }
}

#[derive(Clone)]
pub(crate) struct Pool {
    turns: Arc<Semaphore>,
    copies: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<(Instant, Session)>>>,
}

impl Pool {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(limits.connections)),
            copies: Arc::new(Semaphore::new(limits.copies)),
            idle: Arc::default(),
        }
    }

    /// Waits for our own turn. Whoever has one does not keep it long, unless the server hangs.
    pub(crate) async fn turn(&self, endpoint: &Endpoint, patience: Duration) -> Result<Permit> {
        let during = || During::new("waiting for a connection to", endpoint.to_string());
        wait(&self.turns, patience, during).await
    }

    /// Waits until there are fewer copies.
    pub(crate) async fn turn_to_copy(
        &self,
        endpoint: &Endpoint,
        patience: Duration,
    ) -> Result<Permit> {
        let during = || During::new("waiting for other copies on", endpoint.to_string());
        wait(&self.copies, patience, during).await
    }

    pub(crate) async fn idle(&self) -> Option<Session> {
        loop {
            let (since, mut session) = self.locked().pop()?;
            let age = since.elapsed();
            if age < FRESH || (age < IDLE_MAX && session.answers().await) {
                return Some(session);
            }
        }
    }

    pub(crate) fn keep(&self, mut session: Session) {
        let permit = session.permit.take();
        self.locked().push((Instant::now(), session));
        drop(permit);
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<(Instant, Session)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
