//! Template databases: made once by Odoo itself, sealed, then cloned for every tenant.
//!
//! A template belongs to `tenantry_templates`, what is in it to `tenantry_objects`.
//! While it is built, one role with a password of its own may connect: the build Job's.
//! Sealing reads back what the Job made, because a Job's exit code proves nothing.

mod seal;

use secrecy::SecretString;
use tokio::task::spawn_blocking;

use crate::catalog::{self, Pair};
use crate::comment::{SealMark, TemplateMark, TemplatePhase};
use crate::error::{During, Error, Result};
use crate::names::{OBJECTS_ROLE, TEMPLATES_ROLE, TemplateDatabase};
use crate::password;
use crate::prepare::comment_on;
use crate::server::Server;
use crate::session::Session;
use crate::sql::{identifier, literal};

/// What the build Job runs, as `python3 build.py`, inside the Odoo image and under its user.
///
/// Environment: `PGHOST`, `PGPORT`, `PGUSER` and `PGDATABASE` (both the template's
/// [`TemplateDatabase::name`]), `PGPASSWORD` (the builder's), `TENANTRY_MODULES` (comma-separated),
/// and where wanted `TENANTRY_LANGUAGE` (`fr_BE`), `TENANTRY_COUNTRY` (`BE`),
/// `TENANTRY_ADDONS_PATH`. It needs a writable `TENANTRY_DATA_DIR` (default `/tmp/tenantry-build`), which
/// may be thrown away afterwards.
pub const BUILD_SCRIPT: &str = include_str!("build.py");

/// How many connections the builder may have at once.
pub const BUILDER_CONNECTIONS: u16 = 16;

/// The parameter that the script writes last, in the database, as proof that it came to its end.
pub(crate) const FINISHED: &str = "tenantry.template";

/// What exists under a template's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// Nothing.
    Absent,
    /// Begun and not sealed: its Job may be running, or may have failed.
    Building,
    /// Finished: it can be cloned.
    Sealed(Seal),
    /// Being dropped: drop it again to finish that.
    Dropping,
}

/// What was found when a template was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// How many modules are installed.
    pub modules: u32,
    /// How many asset bundles it carries.
    pub bundles: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// When, in seconds since 1970 on the server's clock.
    pub sealed_at: i64,
}

impl Server {
    /// What exists under a template's name.
    ///
    /// # Errors
    /// When the server cannot be asked, or the name is taken by something that is not ours.
    pub async fn template(&self, template: &TemplateDatabase) -> Result<Template> {
        let mut session = self.session().await?;
        let found = read(&mut session, template).await?;
        self.give_back(session);
        Ok(found)
    }

    /// Makes an empty database for Odoo to fill and the role its build Job logs in as.
    /// On a template that is being built it only sets the builder's password; what is in it stays.
    ///
    /// # Errors
    /// When the template is sealed or being dropped, or the name is taken by something that is not ours.
    pub async fn begin_template(
        &self,
        template: &TemplateDatabase,
        password: &SecretString,
    ) -> Result<()> {
        let password = password.clone();
        let verifier = spawn_blocking(move || password::scram_verifier(&password)).await;
        let during = || During::new("hashing for", template.name());
        let verifier = verifier.map_err(|_| Error::Aborted { during: during() })?;

        let mut session = self.locked(template.name()).await?;
        let result = self.begin_locked(&mut session, template, &verifier).await;
        self.release(session, template.name(), result).await
    }

    async fn begin_locked(
        &self,
        session: &mut Session,
        template: &TemplateDatabase,
        verifier: &str,
    ) -> Result<()> {
        let pair = catalog::pair(session, template.name()).await?;
        let phase = judge(&pair, template)?.map(|mark| mark.phase);
        let name = template.template().to_owned();
        match phase {
            Some(TemplatePhase::Sealed) => return Err(Error::TemplateSealed { template: name }),
            Some(TemplatePhase::Dropping) => {
                return Err(Error::BeingDropped {
                    database: template.name().to_owned(),
                });
            }
            Some(TemplatePhase::Building) | None => {}
        }
        builder(
            session,
            template,
            verifier,
            pair.role.is_some(),
            self.user(),
        )
        .await?;
        if phase.is_none() {
            self.make(session, template).await?;
        }
        Ok(())
    }

    /// Drops a template, in whatever phase, and its builder's role. Idempotent.
    ///
    /// # Errors
    /// When the name is taken by something that is not ours, or the server cannot do it.
    pub async fn drop_template(&self, template: &TemplateDatabase) -> Result<()> {
        let mut session = self.locked(template.name()).await?;
        let result = remove(&mut session, template).await;
        self.release(session, template.name(), result).await
    }

    /// The database. Nobody can connect before everything about it is as it should be.
    async fn make(&self, session: &mut Session, template: &TemplateDatabase) -> Result<()> {
        let name = identifier(template.name());
        // One that was not finished.
        session.drop_database(template.name()).await?;
        // Odoo wants text sorted by code point; the built-in provider does that alike on every machine
        // and in every release of the system's C library, so no index of a clone ever goes stale.
        let sql = format!(
            "CREATE DATABASE {name} WITH TEMPLATE template0 OWNER {owner} ENCODING 'UTF8'
                 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'
                 ALLOW_CONNECTIONS false",
            owner = identifier(TEMPLATES_ROLE),
        );
        session.run("creating", template.name(), sql).await?;
        let sql = format!(
            "REVOKE ALL ON DATABASE {name} FROM PUBLIC;
             ALTER ROLE {name} IN DATABASE {name} SET role TO {objects};
             ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true",
            objects = literal(OBJECTS_ROLE),
        );
        session
            .run("closing to everybody", template.name(), sql)
            .await?;

        let mut own = self.open(template.name()).await?;
        own.run("furnishing", template.name(), furniture()).await?;
        own.close().await;

        let mark = TemplateMark::new(template.template(), TemplatePhase::Building, None);
        let sql = format!(
            "{comment}; GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {name}",
            comment = comment_on("DATABASE", template.name(), &mark),
        );
        session
            .run("opening to its builder", template.name(), sql)
            .await
    }
}

async fn remove(session: &mut Session, template: &TemplateDatabase) -> Result<()> {
    let pair = catalog::pair(session, template.name()).await?;
    let name = identifier(template.name());
    let mark = judge(&pair, template)?;
    if pair.database.is_some() {
        let seal = mark.and_then(|mark| mark.seal);
        let mark = TemplateMark::new(template.template(), TemplatePhase::Dropping, seal);
        let sql = comment_on("DATABASE", template.name(), &mark);
        session.run("giving up", template.name(), sql).await?;
        session.drop_database(template.name()).await?;
    }
    if pair.role.is_some() {
        let owned = format!("DROP OWNED BY {name} CASCADE");
        session
            .drop_role("dropping the builder", template.name(), &owned)
            .await?;
    }
    Ok(())
}

/// What Odoo cannot make for itself.
///
/// Odoo drops accents from what it searches when there is a function `unaccent` of one argument, and can use
/// an index only when that function is immutable. The extension's own is not, and belongs to the server's
/// superuser; so it goes into a schema of its own, and the function Odoo finds is ours.
fn furniture() -> String {
    let (templates, objects) = (identifier(TEMPLATES_ROLE), identifier(OBJECTS_ROLE));
    format!(
        "SET ROLE {templates};
         CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
         CREATE SCHEMA IF NOT EXISTS unaccent;
         GRANT USAGE ON SCHEMA unaccent TO PUBLIC;
         CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA unaccent;
         CREATE OR REPLACE FUNCTION public.unaccent(text) RETURNS text
             LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
             RETURN unaccent.unaccent('unaccent.unaccent'::regdictionary, $1);
         GRANT CREATE ON SCHEMA public TO {objects};
         RESET ROLE"
    )
}

/// The role of the Job: it can do in its database what `tenantry_objects` can, and nothing elsewhere.
async fn builder(
    session: &mut Session,
    template: &TemplateDatabase,
    verifier: &str,
    exists: bool,
    user: &str,
) -> Result<()> {
    let name = identifier(template.name());
    let verb = if exists { "ALTER" } else { "CREATE" };
    let mark = TemplateMark::new(template.template(), TemplatePhase::Building, None);
    let sql = format!(
        "{verb} ROLE {name} WITH LOGIN NOCREATEDB NOCREATEROLE INHERIT
             CONNECTION LIMIT {BUILDER_CONNECTIONS} PASSWORD {verifier};
         {comment};
         GRANT {name} TO {user} WITH INHERIT TRUE, SET TRUE;
         GRANT {objects} TO {name} WITH INHERIT TRUE, SET TRUE",
        verifier = literal(verifier),
        comment = comment_on("ROLE", template.name(), &mark),
        user = identifier(user),
        objects = identifier(OBJECTS_ROLE),
    );
    session
        .run("making the builder of", template.name(), sql)
        .await
}

/// The mark of a template that can be cloned.
pub(crate) async fn sealed(session: &mut Session, template: &TemplateDatabase) -> Result<SealMark> {
    let pair = catalog::pair(session, template.name()).await?;
    let name = template.template().to_owned();
    match judge(&pair, template)? {
        None => Err(Error::TemplateMissing { template: name }),
        Some(TemplateMark {
            phase: TemplatePhase::Sealed,
            seal: Some(seal),
            ..
        }) => Ok(seal),
        Some(_) => Err(Error::TemplateNotSealed { template: name }),
    }
}

async fn read(session: &mut Session, template: &TemplateDatabase) -> Result<Template> {
    let pair = catalog::pair(session, template.name()).await?;
    Ok(match judge(&pair, template)? {
        None => Template::Absent,
        Some(TemplateMark {
            phase: TemplatePhase::Dropping,
            ..
        }) => Template::Dropping,
        Some(TemplateMark {
            phase: TemplatePhase::Sealed,
            seal: Some(seal),
            ..
        }) => Template::Sealed(with_size(session, template, &seal).await?),
        Some(_) => Template::Building,
    })
}

async fn with_size(
    session: &mut Session,
    template: &TemplateDatabase,
    seal: &SealMark,
) -> Result<Seal> {
    let query = sqlx::query_as("SELECT pg_database_size($1)").bind(template.name());
    let (bytes,): (i64,) = session.one("measuring", query).await?;
    Ok(Seal {
        modules: u32::try_from(seal.modules).unwrap_or(u32::MAX),
        bundles: u32::try_from(seal.bundles).unwrap_or(u32::MAX),
        bytes: u64::try_from(bytes).unwrap_or(0),
        sealed_at: seal.sealed_at,
    })
}

/// Tells ours from foreign. A database of ours without a comment was never opened to its builder:
/// the next `begin_template` makes it anew.
fn judge(pair: &Pair, template: &TemplateDatabase) -> Result<Option<TemplateMark>> {
    let name = || template.name().to_owned();
    let our_role = match &pair.role {
        None => false,
        Some(role) => {
            if TemplateMark::read(role.comment.as_deref(), template.template()).is_none() {
                return Err(Error::Foreign {
                    kind: "role",
                    name: name(),
                });
            }
            true
        }
    };
    let Some(database) = &pair.database else {
        return Ok(None);
    };
    if let Some(mut mark) = TemplateMark::read(database.comment.as_deref(), template.template()) {
        if database.cut_off {
            mark.phase = TemplatePhase::Dropping;
        }
        return Ok(Some(mark));
    }
    let unfinished = database.comment.is_none() && database.owner == TEMPLATES_ROLE;
    // Before the first REVOKE everybody has the right to connect, and nobody can.
    let never_opened = !database.allows_connections || !database.role_may_connect;
    if our_role && unfinished && never_opened {
        return Ok(None);
    }
    Err(Error::Foreign {
        kind: "database",
        name: name(),
    })
}
