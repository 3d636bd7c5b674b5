//! Changing the release of a tenant: its database is copied as it was before, updated by Odoo, and
//! then either the copy goes, or the copy takes the database's place again.
//!
//! The database is `t_<id>`, the copy `t_<id>_before`. Every statement leaves one of these:
//!
//! | database | copy | means |
//! |---|---|---|
//! | `Ready` | none | no change, or one that is over |
//! | `Copying` | none, or without a comment | nobody connects; the copy is made (again) |
//! | `Updating` | `Before` | Odoo of the new release may connect |
//! | `Ready` | any | the change is done: the copy is dropped |
//! | `Reverting` | `Before` | the database is closed and dropped |
//! | none | `Before` | `Reverting` too: the copy takes its name |
//!
//! A copy is whole once it has its comment. What is not whole never takes anything's place.

use std::time::Duration;

use secrecy::SecretString;

use super::{Tenant, judge};
use crate::catalog::{self, Pair};
use crate::comment::{Phase, TenantMark};
use crate::error::{Error, Result};
use crate::names::TenantDatabase;
use crate::prepare::comment_on;
use crate::server::Server;
use crate::session::Session;
use crate::sql::identifier;

/// How long the copy of a database may take, which is one statement. Whoever asks for one again and
/// again gives up after that.
pub const COPY_MAX: Duration = Duration::from_hours(1);

/// What was found, and what is done with it.
struct Change<'a> {
    tenant: &'a TenantDatabase,
    pair: Pair,
    found: Option<Tenant>,
}

impl Server {
    /// Copies a ready database, which nobody may use just now, and opens it to Odoo's update.
    /// Whatever is connected is cut off. Idempotent until the update has begun.
    ///
    /// # Errors
    /// When there is no ready database, the tenant's `password` is not accepted, or the server cannot do it.
    pub async fn begin_release_change(
        &self,
        tenant: &TenantDatabase,
        password: &SecretString,
    ) -> Result<()> {
        let mut session = self.locked_to_copy(tenant.name()).await?;
        let result = self.begin(&mut session, tenant).await;
        self.release(session, tenant.name(), result).await?;
        // Odoo's update takes this away. Where it is left, no update was.
        let mut own = self.enter(tenant, password).await?;
        let sql = "UPDATE ir_module_module SET state = 'to upgrade'
                   WHERE name = 'base' AND state = 'installed'";
        own.run("asking for an update of", tenant.name(), sql.to_owned())
            .await?;
        own.close().await;
        Ok(())
    }

    async fn begin(&self, session: &mut Session, tenant: &TenantDatabase) -> Result<()> {
        let change = Change::read(session, tenant).await?;
        match change.phase() {
            Some(Phase::Updating) => return Ok(()),
            Some(Phase::Ready) => {
                // One of a change that is over.
                change.drop_copy(session).await?;
                change.close(session).await?;
            }
            Some(Phase::Copying) => change.drop_copy(session).await?,
            other => return Err(change.refusal(other)),
        }
        change.copy(session).await?;
        change.open_to_update(session, self.user()).await
    }

    /// What Odoo's update left to be desired; nothing when the database is fit for a release of
    /// this Odoo version, such as `19.0`.
    ///
    /// # Errors
    /// When the tenant's `password` is not accepted, or the database cannot be asked.
    pub async fn update_findings(
        &self,
        tenant: &TenantDatabase,
        password: &SecretString,
        odoo_version: &str,
    ) -> Result<Vec<String>> {
        let mut own = self.enter(tenant, password).await?;
        // The tenant can have it say anything, but not at any length.
        let query = sqlx::query_as(
            "SELECT pg_catalog.left(pg_catalog.format('module %s is %s', name, state), 200)
             FROM ir_module_module
             WHERE state LIKE 'to %' OR (name = 'base' AND state <> 'installed')
             UNION ALL
             SELECT pg_catalog.left(pg_catalog.format('module base has the version %s',
                 coalesce(latest_version, 'none')), 200)
             FROM ir_module_module
             WHERE name = 'base' AND coalesce(latest_version, '') NOT LIKE $1 || '.%'
             ORDER BY 1 LIMIT 10",
        );
        let rows: Vec<(String,)> = own
            .all("reading the modules of", query.bind(odoo_version))
            .await?;
        own.close().await;
        Ok(rows.into_iter().map(|(finding,)| finding).collect())
    }

    /// Keeps the updated database for good and drops the copy. Idempotent.
    ///
    /// # Errors
    /// When there is no updated database, or the server cannot do it.
    pub async fn finish_release_change(&self, tenant: &TenantDatabase) -> Result<()> {
        let mut session = self.locked(tenant.name()).await?;
        let result = finish(&mut session, tenant).await;
        self.release(session, tenant.name(), result).await
    }

    /// Brings back what the database was before the change, and drops what became of it.
    /// Whatever is connected is cut off. Idempotent; without a change nothing happens.
    ///
    /// # Errors
    /// When neither database nor copy is whole, or the server cannot do it.
    pub async fn revert_release_change(&self, tenant: &TenantDatabase) -> Result<()> {
        let mut session = self.locked(tenant.name()).await?;
        let result = revert(&mut session, tenant).await;
        self.release(session, tenant.name(), result).await
    }
}

async fn finish(session: &mut Session, tenant: &TenantDatabase) -> Result<()> {
    let change = Change::read(session, tenant).await?;
    match change.phase() {
        Some(Phase::Ready) => {}
        Some(Phase::Updating) => {
            // From here on there is no way back.
            let sql = comment_on("DATABASE", tenant.name(), &change.mark(Phase::Ready));
            session.run("keeping", tenant.name(), sql).await?;
        }
        other => return Err(change.refusal(other)),
    }
    change.drop_copy(session).await
}

async fn revert(session: &mut Session, tenant: &TenantDatabase) -> Result<()> {
    let change = Change::read(session, tenant).await?;
    let exists = change.pair.database.is_some();
    match change.phase() {
        Some(Phase::Ready) => return change.drop_copy(session).await,
        Some(Phase::Copying) => {
            change.drop_copy(session).await?;
            return change.reopen(session, "").await;
        }
        Some(Phase::Updating | Phase::Reverting) if change.has_whole_copy() => {}
        other => return Err(change.refusal(other)),
    }
    if exists {
        let sql = comment_on("DATABASE", tenant.name(), &change.mark(Phase::Reverting));
        session.run("giving up", tenant.name(), sql).await?;
        session.drop_database(tenant.name()).await?;
    }
    let rename = format!(
        "ALTER DATABASE {copy} RENAME TO {name};",
        copy = identifier(&tenant.copy_name()),
        name = identifier(tenant.name()),
    );
    change.reopen(session, &rename).await
}

impl<'a> Change<'a> {
    async fn read(session: &mut Session, tenant: &'a TenantDatabase) -> Result<Self> {
        let pair = catalog::pair(session, tenant.name()).await?;
        let found = judge(&pair, tenant)?;
        Ok(Self {
            tenant,
            pair,
            found,
        })
    }

    fn phase(&self) -> Option<Phase> {
        self.found.as_ref().map(|found| found.phase)
    }

    fn refusal(&self, phase: Option<Phase>) -> Error {
        Error::ReleaseChange {
            database: self.tenant.name().to_owned(),
            phase,
        }
    }

    fn mark(&self, phase: Phase) -> TenantMark {
        let template = self
            .found
            .as_ref()
            .and_then(|found| found.template.as_deref());
        TenantMark::new(self.tenant.id(), phase, template)
    }

    fn has_whole_copy(&self) -> bool {
        let copy = self.pair.copy.as_ref();
        copy.is_some_and(|copy| is_whole(copy.comment.as_deref(), self.tenant))
    }

    /// Nobody gets in any more, and whoever is in is sent away.
    async fn close(&self, session: &mut Session) -> Result<()> {
        let name = self.tenant.name();
        let sql = format!(
            "{comment}; ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false",
            comment = comment_on("DATABASE", name, &self.mark(Phase::Copying)),
            database = identifier(name),
        );
        session.run("closing", name, sql).await
    }

    async fn copy(&self, session: &mut Session) -> Result<()> {
        let copy = self.tenant.copy_name();
        session.end_sessions(self.tenant.name()).await?;
        let sql = format!(
            "CREATE DATABASE {copy} WITH TEMPLATE {name} OWNER {name} ALLOW_CONNECTIONS false",
            copy = identifier(&copy),
            name = identifier(self.tenant.name()),
        );
        session.run_long("copying into", &copy, sql, COPY_MAX).await
    }

    /// The copy is whole, and the database may be changed: both at once.
    async fn open_to_update(&self, session: &mut Session, user: &str) -> Result<()> {
        let copy = self.tenant.copy_name();
        let sql = format!(
            "{copy_comment};
             REVOKE ALL ON DATABASE {copy} FROM PUBLIC, {name};
             GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {copy} TO {name};
             GRANT CONNECT, TEMPORARY ON DATABASE {copy} TO {user};
             {comment};
             ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true",
            copy_comment = comment_on("DATABASE", &copy, &self.mark(Phase::Before)),
            comment = comment_on("DATABASE", self.tenant.name(), &self.mark(Phase::Updating)),
            copy = identifier(&copy),
            name = identifier(self.tenant.name()),
            user = identifier(user),
        );
        session
            .run("opening to its update", self.tenant.name(), sql)
            .await
    }

    /// After `first`, which may give it its name back, the database is what it was.
    async fn reopen(&self, session: &mut Session, first: &str) -> Result<()> {
        let name = self.tenant.name();
        let sql = format!(
            "{first} {comment}; ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true",
            comment = comment_on("DATABASE", name, &self.mark(Phase::Ready)),
            database = identifier(name),
        );
        session.run("reopening", name, sql).await
    }

    async fn drop_copy(&self, session: &mut Session) -> Result<()> {
        session.drop_database(&self.tenant.copy_name()).await
    }
}

/// Whether a copy's comment says that it is a whole one of this tenant's database.
pub(super) fn is_whole(comment: Option<&str>, tenant: &TenantDatabase) -> bool {
    TenantMark::read(comment, tenant.id()).is_some_and(|mark| mark.phase == Phase::Before)
}
