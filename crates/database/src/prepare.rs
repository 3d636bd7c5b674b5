//! Brings a server into the state everything else relies on.

use crate::comment;
use crate::error::{Error, Result};
use crate::names::{OBJECTS_ROLE, TEMPLATES_ROLE};
use crate::server::Server;
use crate::session::Session;
use crate::sql::{identifier, literal};

/// `GRANT … WITH INHERIT, SET` came with 16, the built-in locale provider with 17.
const VERSION_MIN: i32 = 170_000;

/// What was found on a prepared server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its version, as `server_version_num`.
    pub version: i32,
    /// Connections that it accepts at once (`max_connections`).
    pub connections: u32,
    /// Those of them that it keeps from logins such as ours (`superuser_reserved_connections` and
    /// `reserved_connections`).
    pub withheld: u32,
    /// Whether a crash of the server's machine may lose what it had confirmed (`fsync` is off).
    pub volatile: bool,
    /// Databases besides `postgres` that every login may connect to. Whoever owns one should `REVOKE CONNECT … FROM PUBLIC`.
    pub open_to_everyone: Vec<String>,
}

impl Server {
    /// Makes the shared roles and checks that the server and our login are fit for use. Idempotent.
    ///
    /// # Errors
    /// When the server or the login is unsuitable, or a shared role exists that we may not use.
    pub async fn prepare(&self) -> Result<Prepared> {
        let mut session = self.session().await?;
        let found = check(&mut session).await?;
        session.lock_in_turn("prepare").await?;
        for role in [OBJECTS_ROLE, TEMPLATES_ROLE] {
            ensure_role(&mut session, role, self.user()).await?;
        }
        session.unlock("prepare").await?;
        let open_to_everyone = open_doors(&mut session).await?;
        self.give_back(session);
        Ok(Prepared {
            open_to_everyone,
            ..found
        })
    }
}

async fn check(session: &mut Session) -> Result<Prepared> {
    let query = sqlx::query_as(
        "SELECT current_setting('server_version_num')::int, current_setting('fsync') = 'off',
                current_setting('max_connections')::int,
                current_setting('superuser_reserved_connections')::int
                    + coalesce(current_setting('reserved_connections', true)::int, 0),
                rolsuper, rolcreatedb, rolcreaterole
         FROM pg_roles WHERE rolname = current_user",
    );
    let row: (i32, bool, i32, i32, bool, bool, bool) = session.one("examining", query).await?;
    let (version, volatile, connections, withheld, superuser, creates_databases, creates_roles) =
        row;
    let login = Login {
        version,
        superuser,
        creates_databases,
        creates_roles,
    };
    if let Some((reason, problem)) = login.unsuitable() {
        return Err(Error::Unsuitable { reason, problem });
    }
    let count = |connections: i32| u32::try_from(connections).unwrap_or(0);
    Ok(Prepared {
        version,
        connections: count(connections),
        withheld: count(withheld),
        volatile,
        open_to_everyone: Vec::new(),
    })
}

/// What must be right before anything else is asked of a server.
struct Login {
    version: i32,
    superuser: bool,
    creates_databases: bool,
    creates_roles: bool,
}

impl Login {
    /// Why it cannot be used: a word, and a sentence.
    fn unsuitable(&self) -> Option<(&'static str, String)> {
        if self.version < VERSION_MIN {
            let version = self.version / 10_000;
            let problem = format!("it is PostgreSQL {version}, and 17 is the oldest we support");
            return Some(("VersionTooOld", problem));
        }
        let (reason, problem) = if self.superuser {
            (
                "IsSuperuser",
                "our login is a superuser, whom nothing on the server would stop when we err; \
                 give us one with CREATEDB and CREATEROLE only",
            )
        } else if !self.creates_databases {
            (
                "LacksCreateDb",
                "our login may not create databases: ALTER ROLE … CREATEDB",
            )
        } else if !self.creates_roles {
            (
                "LacksCreateRole",
                "our login may not create roles: ALTER ROLE … CREATEROLE",
            )
        } else {
            return None;
        };
        Some((reason, problem.to_owned()))
    }
}

/// A NOLOGIN role that we can act as.
async fn ensure_role(session: &mut Session, role: &'static str, user: &str) -> Result<()> {
    let query = sqlx::query_as(
        "SELECT count(*) > 0, bool_or(rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls),
                bool_or(pg_has_role(current_user, oid, 'USAGE') AND pg_has_role(current_user, oid, 'SET')),
                bool_or(pg_has_role(current_user, oid, 'MEMBER WITH ADMIN OPTION'))
         FROM pg_roles WHERE rolname = $1",
    );
    let row: (bool, Option<bool>, Option<bool>, Option<bool>) =
        session.one("examining", query.bind(role)).await?;
    let (name, user) = (identifier(role), identifier(user));
    let grant = format!("GRANT {name} TO {user} WITH INHERIT TRUE, SET TRUE");
    let sql = match row {
        (false, ..) => {
            let text = literal(&format!("Tenantry: {}", purpose(role)));
            format!("CREATE ROLE {name} NOLOGIN; COMMENT ON ROLE {name} IS {text}; {grant}")
        }
        (_, Some(true), ..) => {
            return Err(Error::Unsuitable {
                reason: "RoleHasRights",
                problem: format!("the role {role} has rights of its own; it must have none"),
            });
        }
        (_, _, Some(true), Some(true)) => return Ok(()),
        (_, _, _, Some(true)) => grant,
        _ => return Err(Error::NotPrepared { role }),
    };
    session.run("making the role", role, sql).await
}

fn purpose(role: &str) -> &'static str {
    if role == OBJECTS_ROLE {
        "owns the tables of all tenants"
    } else {
        "owns the templates"
    }
}

/// `postgres` stays open: every Odoo process connects to it.
async fn open_doors(session: &mut Session) -> Result<Vec<String>> {
    let query = sqlx::query_as(
        "SELECT datname::text FROM pg_database d
         WHERE datallowconn AND datname <> 'postgres' AND EXISTS (
             SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))
             WHERE grantee = 0 AND privilege_type = 'CONNECT')
         ORDER BY datname",
    );
    let rows: Vec<(String,)> = session.all("listing open databases of", query).await?;
    Ok(rows.into_iter().map(|(database,)| database).collect())
}

/// The text of a COMMENT statement.
pub(crate) fn comment_on(kind: &str, name: &str, mark: &impl serde::Serialize) -> String {
    let text = literal(&comment::text(mark));
    format!("COMMENT ON {kind} {} IS {text}", identifier(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_a_login_lacks_or_has_too_much_of_has_a_reason() {
        type Change = fn(&mut Login);
        let reason = |change: Change| {
            let mut login = Login {
                version: 170_006,
                superuser: false,
                creates_databases: true,
                creates_roles: true,
            };
            change(&mut login);
            login.unsuitable().map(|(reason, _)| reason)
        };
        assert_eq!(reason(|_| ()), None);
        assert_eq!(
            reason(|login| login.version = 160_004),
            Some("VersionTooOld")
        );
        assert_eq!(reason(|login| login.superuser = true), Some("IsSuperuser"));
        assert_eq!(
            reason(|login| login.creates_databases = false),
            Some("LacksCreateDb")
        );
        assert_eq!(
            reason(|login| login.creates_roles = false),
            Some("LacksCreateRole")
        );
    }
}
