//! From a template to a tenant's database, restartable after every statement.
//!
//! | found | means | done |
//! |---|---|---|
//! | nothing | never begun, or only the role was made | role, clone |
//! | `Cloning` | never handed over, or so its comment says | dropped and cloned again |
//! | `Ready` | handed over once | nothing, ever again |
//! | a phase of a change of its release | handed over once | refused |
//! | `Dropping` | on its way out | refused |
//!
//! We write an identity in a clone that we made just now, and in no other: a tenant owns its database and
//! its comment, and what it wrote there would run with our rights. So that it cannot come in between, its
//! role may not log in until the database is handed over.
//!
//! A session lock per tenant keeps two workers apart. It is held by the server for as long as a statement
//! of a killed worker still runs on the session that has it. What still runs inside the clone ends when
//! that is dropped; the statement that hands it over runs under the lock.

use std::time::{Duration, Instant};

use tokio::task::{JoinHandle, spawn_blocking};

use super::{Clone, Outcome, Timings, identity, judge};
use crate::catalog;
use crate::comment::{Phase, TenantMark};
use crate::error::{During, Error, Result, sqlstate};
use crate::names::{OBJECTS_ROLE, TenantDatabase};
use crate::password;
use crate::prepare::comment_on;
use crate::server::Server;
use crate::session::Session;
use crate::sql::{identifier, literal};
use crate::template;

/// What is computed on other threads while the server copies files.
struct Hashing {
    verifier: JoinHandle<String>,
    administrator: JoinHandle<(String, Duration)>,
}

impl Server {
    /// Makes a tenant's database, or goes on where an earlier call was cut off.
    ///
    /// # Errors
    /// See [`Error::retry`]: after any error, calling again converges.
    pub async fn provision(&self, wish: &Clone<'_>) -> Result<Outcome> {
        identity::check(wish.tenant, wish.identity)?;
        let begun = Instant::now();
        let hashing = Hashing::spawn(wish);
        let mut session = self.locked(wish.tenant.name()).await?;
        let result = self
            .provision_locked(&mut session, wish, hashing, begun)
            .await;
        let mut outcome = self.release(session, wish.tenant.name(), result).await?;
        if let Outcome::Provisioned(timings) = &mut outcome {
            timings.total = begun.elapsed();
        }
        Ok(outcome)
    }

    async fn provision_locked(
        &self,
        session: &mut Session,
        wish: &Clone<'_>,
        hashing: Hashing,
        begun: Instant,
    ) -> Result<Outcome> {
        let tenant = wish.tenant;
        let pair = catalog::pair(session, tenant.name()).await?;
        let found = judge(&pair, tenant)?;
        match found.map(|tenant| tenant.phase) {
            Some(Phase::Ready) => return Ok(Outcome::WasReady),
            Some(Phase::Dropping) => {
                return Err(Error::BeingDropped {
                    database: tenant.name().to_owned(),
                });
            }
            phase @ Some(Phase::Copying | Phase::Updating | Phase::Reverting | Phase::Before) => {
                return Err(Error::ReleaseChange {
                    database: tenant.name().to_owned(),
                    phase,
                });
            }
            Some(Phase::Cloning) | None => {}
        }
        let seal = template::sealed(session, wish.template).await?;
        let mut clock = Clock::new(begun);
        let mut timings = Timings {
            observe: clock.lap(),
            ..Timings::default()
        };

        let verifier = joined(hashing.verifier, tenant).await?;
        set_role(session, wish, &verifier, pair.role.is_some(), self.user()).await?;
        timings.role = clock.lap();

        copy(session, wish, pair.database.is_some(), self.user()).await?;
        timings.clone = clock.lap();

        let mut own = self.open(tenant.name()).await?;
        timings.connect = clock.lap();
        let (hash, took) = joined(hashing.administrator, tenant).await?;
        timings.hash_wait = clock.lap();
        timings.hash = took;

        identity::write(&mut own, tenant, wish.identity, &hash).await?;
        timings.identity = clock.lap();
        identity::verify(&mut own, tenant, wish.identity, &hash, &seal.uuid).await?;
        timings.verify = clock.lap();
        own.close().await;
        admit(session, wish).await?;
        timings.admit = clock.lap();
        Ok(Outcome::Provisioned(timings))
    }
}

impl Hashing {
    fn spawn(wish: &Clone<'_>) -> Self {
        let password = wish.password.clone();
        let verifier = spawn_blocking(move || password::scram_verifier(&password));
        let password = wish.identity.administrator.password.clone();
        let administrator = spawn_blocking(move || {
            let begun = Instant::now();
            (password::odoo_hash(&password), begun.elapsed())
        });
        Self {
            verifier,
            administrator,
        }
    }
}

async fn joined<T>(hash: JoinHandle<T>, tenant: &TenantDatabase) -> Result<T> {
    let during = || During::new("hashing passwords for", tenant.name());
    hash.await.map_err(|_| Error::Aborted { during: during() })
}

/// Makes the role, or gives an existing one this call's password: the caller keeps the password
/// before it asks, so the latest call knows the one that will be used.
async fn set_role(
    session: &mut Session,
    wish: &Clone<'_>,
    verifier: &str,
    exists: bool,
    user: &str,
) -> Result<()> {
    let tenant = wish.tenant;
    let name = identifier(tenant.name());
    let verb = if exists { "ALTER" } else { "CREATE" };
    let comment = comment_on("ROLE", tenant.name(), &mark(wish, Phase::Cloning));
    // Roles are shared by all databases: no rights of their own, no reach into other roles.
    // INHERIT makes the tenant an owner of its tables; without SET it cannot become that owner,
    // so nothing it creates ever belongs to anybody else.
    let sql = format!(
        "{verb} ROLE {name} WITH NOLOGIN NOCREATEDB NOCREATEROLE INHERIT CONNECTION LIMIT {limit}
             PASSWORD {verifier};
         {comment};
         GRANT {name} TO {user} WITH INHERIT TRUE, SET TRUE;
         GRANT {objects} TO {name} WITH INHERIT TRUE, SET FALSE",
        limit = wish.connections,
        verifier = literal(verifier),
        user = identifier(user),
        objects = identifier(OBJECTS_ROLE),
    );
    let result = session.run("making the role", tenant.name(), sql).await;
    result.map_err(|error| match error {
        Error::Unexpected {
            code: Some(code), ..
        } if code == "42704" => Error::NotPrepared { role: OBJECTS_ROLE },
        other => other,
    })?;
    if exists {
        // From the maintenance database it could change the settings of its own.
        session.end_sessions_of(tenant.name()).await?;
    }
    Ok(())
}

/// Copies the template. Nobody can connect before PUBLIC has lost that right.
async fn copy(session: &mut Session, wish: &Clone<'_>, exists: bool, user: &str) -> Result<()> {
    let tenant = wish.tenant;
    let name = identifier(tenant.name());
    if exists {
        session.drop_database(tenant.name()).await?;
    }
    let sql = format!(
        "CREATE DATABASE {name} WITH TEMPLATE {template} OWNER {name} STRATEGY wal_log
             ALLOW_CONNECTIONS false",
        template = identifier(wish.template.name()),
    );
    let result = session
        .run("cloning the template into", tenant.name(), sql)
        .await;
    result.map_err(|error| template_gone(error, wish))?;
    let comment = comment_on("DATABASE", tenant.name(), &mark(wish, Phase::Cloning));
    let sql = format!(
        "{comment};
         REVOKE ALL ON DATABASE {name} FROM PUBLIC, {name};
         GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {user};
         ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true",
        user = identifier(user),
    );
    session.run("marking the copy", tenant.name(), sql).await
}

fn template_gone(error: Error, wish: &Clone<'_>) -> Error {
    let template = wish.template.template().to_owned();
    match error {
        Error::Unexpected { source, .. } if sqlstate(&source).as_deref() == Some("3D000") => {
            Error::TemplateMissing { template }
        }
        other => other,
    }
}

/// The last statement: ready and reachable, or neither.
async fn admit(session: &mut Session, wish: &Clone<'_>) -> Result<()> {
    let tenant: &TenantDatabase = wish.tenant;
    let name = identifier(tenant.name());
    let comment = comment_on("DATABASE", tenant.name(), &mark(wish, Phase::Ready));
    let sql = format!(
        "{comment};
         GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {name} TO {name};
         ALTER ROLE {name} WITH LOGIN"
    );
    session.run("handing over", tenant.name(), sql).await
}

fn mark(wish: &Clone<'_>, phase: Phase) -> TenantMark {
    TenantMark::new(wish.tenant.id(), phase, Some(wish.template.template()))
}

struct Clock(Instant);

impl Clock {
    fn new(begun: Instant) -> Self {
        Self(begun)
    }

    /// The time since the last lap.
    fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now - std::mem::replace(&mut self.0, now)
    }
}
