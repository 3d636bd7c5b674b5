//! Tenants' databases: what they are, how they come to be, how they go.

mod access;
mod drop;
mod identity;
mod provision;
mod release;

pub use release::COPY_MAX;

use std::time::Duration;

use secrecy::SecretString;

use crate::catalog::{self, Found, Pair};
use crate::comment::{Phase, TenantMark};
use crate::error::{Error, Result};
use crate::names::{TemplateDatabase, TenantDatabase};
use crate::server::Server;
use crate::sql::identifier;

/// What exists under a tenant's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// No database. A role of that name may be left; provisioning or dropping deals with it.
    Absent,
    /// Our database of this tenant.
    Present(Tenant),
}

/// A tenant's database, as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// How far it came.
    pub phase: Phase,
    /// The role that owns it.
    pub owner: String,
    /// The template it was cloned from.
    pub template: Option<String>,
    /// Whether the tenant's role exists.
    pub has_role: bool,
    /// Whether that role may log in and connect to it.
    pub admitted: bool,
    /// How many connections the tenant's role may have at once; without a role, or a limit, none.
    pub connections: Option<u16>,
}

/// The wish for a tenant's database: a copy of a sealed template with an identity of its own.
#[derive(Debug, Clone)]
pub struct Clone<'a> {
    /// The tenant.
    pub tenant: &'a TenantDatabase,
    /// What to copy.
    pub template: &'a TemplateDatabase,
    /// The tenant's password for the database; the caller keeps it before it asks.
    pub password: &'a SecretString,
    /// How many connections the tenant's role may have at once.
    pub connections: u16,
    /// Who the tenant is.
    pub identity: &'a Identity,
}

/// What makes a clone somebody's Odoo.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Where it is reached, as `https://shop.example`; frozen, so that no login changes it.
    pub base_url: String,
    /// Where programs that Odoo starts beside itself reach it, such as the one that prints reports:
    /// the address of users may not be reachable from there.
    pub own_url: String,
    /// The company's name.
    pub company: String,
    /// Who administers it: user 2 of every Odoo.
    pub administrator: Administrator,
    /// A language that the template has, as `fr_BE`. Without one, the template's.
    pub language: Option<String>,
    /// An IANA time zone, for the administrator.
    pub timezone: Option<String>,
    /// How far to push the scheduled actions ahead, so that many clones do not run theirs at once.
    pub cron_offset: Duration,
}

/// A tenant's administrator.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// Login name.
    pub login: String,
    /// E-mail address.
    pub email: String,
    /// Password. A generated one of 22 or more mixed letters and digits is hashed faster.
    pub password: SecretString,
}

/// What provisioning did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The database is there, has its identity, and the tenant may connect.
    Provisioned(Timings),
    /// It was handed over earlier. Nothing was changed, neither identity nor password.
    WasReady,
}

/// How long each part took. They follow each other, but for `hash`, which runs beside the clone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// Getting a session, the tenant's lock and the state of things.
    pub observe: Duration,
    /// Making the role.
    pub role: Duration,
    /// Copying the template, and marking the copy.
    pub clone: Duration,
    /// Connecting to the copy.
    pub connect: Duration,
    /// Waiting for the hash after the copy was there; zero when it was done by then.
    pub hash_wait: Duration,
    /// Writing the identity.
    pub identity: Duration,
    /// Reading it back.
    pub verify: Duration,
    /// Handing the database over.
    pub admit: Duration,
    /// Computing the administrator's hash and the role's verifier, on another thread.
    pub hash: Duration,
    /// All of it.
    pub total: Duration,
}

impl Server {
    /// What exists under a tenant's name.
    ///
    /// # Errors
    /// When the server cannot be asked, or the name is taken by something that is not ours.
    pub async fn database(&self, tenant: &TenantDatabase) -> Result<Database> {
        let mut session = self.session().await?;
        let pair = catalog::pair(&mut session, tenant.name()).await?;
        self.give_back(session);
        Ok(judge(&pair, tenant)?.map_or(Database::Absent, Database::Present))
    }

    /// Sets how many connections the tenant's role may have at once. Those that it has stay.
    ///
    /// # Errors
    /// When there is no such role of ours, or the server cannot be asked.
    pub async fn limit_connections(&self, tenant: &TenantDatabase, connections: u16) -> Result<()> {
        let mut session = self.session().await?;
        let pair = catalog::pair(&mut session, tenant.name()).await?;
        judge(&pair, tenant)?;
        let name = identifier(tenant.name());
        let sql = format!("ALTER ROLE {name} WITH CONNECTION LIMIT {connections}");
        session
            .run("limiting the connections of", tenant.name(), sql)
            .await?;
        self.give_back(session);
        Ok(())
    }
}

/// Tells ours from foreign.
///
/// Between `CREATE DATABASE` and its comment lies a moment in which we can be killed.
/// What such a moment leaves is recognised by three facts that nobody else leaves together:
/// the role of that name carries our comment, owns the database, and nobody ever could connect to it.
fn judge(pair: &Pair, tenant: &TenantDatabase) -> Result<Option<Tenant>> {
    let name = || tenant.name().to_owned();
    let our_role = match &pair.role {
        None => false,
        Some(role) if TenantMark::read(role.comment.as_deref(), tenant.id()).is_some() => true,
        Some(_) => {
            return Err(Error::Foreign {
                kind: "role",
                name: name(),
            });
        }
    };
    let whole_copy = copy(pair, tenant)?;
    let Some(database) = &pair.database else {
        return Ok(whole_copy);
    };
    let mark = TenantMark::read(database.comment.as_deref(), tenant.id());
    let (phase, template) = match mark {
        // In the other phases a drop is on the way to something, and is finished on that way.
        Some(mark) if database.cut_off && matches!(mark.phase, Phase::Ready | Phase::Copying) => {
            (Phase::Dropping, mark.template)
        }
        Some(mark) => (mark.phase, mark.template),
        None if our_role && unfinished(database, tenant) => (Phase::Cloning, None),
        None => {
            return Err(Error::Foreign {
                kind: "database",
                name: name(),
            });
        }
    };
    let can_login = pair.role.as_ref().is_some_and(|role| role.can_login);
    let limit = pair.role.as_ref().map(|role| role.connections);
    Ok(Some(Tenant {
        phase,
        owner: database.owner.clone(),
        template,
        has_role: our_role,
        admitted: can_login && database.allows_connections && database.role_may_connect,
        connections: limit.and_then(|limit| u16::try_from(limit).ok()),
    }))
}

/// The copy of a tenant's database, which stands for a database that is not there: it is about to
/// take its place. A copy without a comment is not whole, and ours when the tenant owns it.
fn copy(pair: &Pair, tenant: &TenantDatabase) -> Result<Option<Tenant>> {
    let Some(copy) = &pair.copy else {
        return Ok(None);
    };
    if release::is_whole(copy.comment.as_deref(), tenant) {
        let mark = TenantMark::read(copy.comment.as_deref(), tenant.id());
        return Ok(Some(Tenant {
            phase: Phase::Reverting,
            owner: copy.owner.clone(),
            template: mark.and_then(|mark| mark.template),
            has_role: pair.role.is_some(),
            admitted: false,
            connections: None,
        }));
    }
    if copy.comment.is_none() && copy.owner == tenant.name() {
        return Ok(None);
    }
    Err(Error::Foreign {
        kind: "database",
        name: tenant.copy_name(),
    })
}

fn unfinished(database: &Found, tenant: &TenantDatabase) -> bool {
    let untouched = database.comment.is_none() && !database.allows_connections;
    untouched && database.owner == tenant.name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Copy, Role};
    use crate::comment::text;

    fn tenant() -> TenantDatabase {
        TenantDatabase::new("a1").unwrap()
    }

    fn our_role() -> Role {
        Role {
            comment: Some(text(&TenantMark::new("a1", Phase::Cloning, None))),
            can_login: true,
            connections: 45,
        }
    }

    fn database(comment: Option<&str>, allows_connections: bool) -> Found {
        let comment = comment.map(ToOwned::to_owned);
        let owner = "t_a1".to_owned();
        Found {
            owner,
            comment,
            allows_connections,
            role_may_connect: false,
            cut_off: false,
        }
    }

    #[test]
    fn interrupted_clone_is_ours() {
        let pair = Pair {
            role: Some(our_role()),
            database: Some(database(None, false)),
            copy: None,
        };
        let found = judge(&pair, &tenant()).unwrap().unwrap();
        assert_eq!(found.phase, Phase::Cloning);
    }

    #[test]
    fn database_without_our_comment_is_foreign() {
        let nobodys = Role {
            comment: None,
            ..our_role()
        };
        for (role, comment, open) in [
            (Some(our_role()), None, true),
            (Some(our_role()), Some("my own"), false),
            (None, None, false),
            (Some(nobodys), None, false),
        ] {
            let pair = Pair {
                role,
                database: Some(database(comment, open)),
                copy: None,
            };
            assert!(matches!(
                judge(&pair, &tenant()),
                Err(Error::Foreign { .. })
            ));
        }
    }

    #[test]
    fn what_a_cut_off_drop_left_is_being_dropped_unless_something_else_follows() {
        for (noted, seen) in [
            (Phase::Ready, Phase::Dropping),
            (Phase::Copying, Phase::Dropping),
            (Phase::Dropping, Phase::Dropping),
            (Phase::Cloning, Phase::Cloning),
            (Phase::Updating, Phase::Updating),
            (Phase::Reverting, Phase::Reverting),
        ] {
            let comment = text(&TenantMark::new("a1", noted, None));
            let pair = Pair {
                role: Some(our_role()),
                database: Some(Found {
                    cut_off: true,
                    ..database(Some(&comment), false)
                }),
                copy: None,
            };
            let found = judge(&pair, &tenant()).unwrap().unwrap();
            assert_eq!(found.phase, seen, "{noted:?}");
        }
    }

    #[test]
    fn a_role_that_is_gone_or_may_not_log_in_or_connect_is_not_admitted() {
        let ready = text(&TenantMark::new("a1", Phase::Ready, None));
        let handed_over = || Found {
            role_may_connect: true,
            ..database(Some(&ready), true)
        };
        let look = |role: Option<Role>, database: Found| {
            let pair = Pair {
                role,
                database: Some(database),
                copy: None,
            };
            let found = judge(&pair, &tenant()).unwrap().unwrap();
            (found.has_role, found.admitted)
        };
        assert_eq!(look(Some(our_role()), handed_over()), (true, true));
        let locked = Role {
            can_login: false,
            ..our_role()
        };
        assert_eq!(look(Some(locked), handed_over()), (true, false));
        let closed = database(Some(&ready), true);
        assert_eq!(look(Some(our_role()), closed), (true, false));
        assert_eq!(look(None, database(Some(&ready), true)), (false, false));
    }

    fn copy_of_ours(comment: Option<String>) -> Copy {
        let owner = "t_a1".to_owned();
        Copy { owner, comment }
    }

    #[test]
    fn a_whole_copy_stands_for_a_database_that_is_gone() {
        let whole = text(&TenantMark::new("a1", Phase::Before, Some("base")));
        let pair = Pair {
            role: Some(our_role()),
            database: None,
            copy: Some(copy_of_ours(Some(whole))),
        };
        let found = judge(&pair, &tenant()).unwrap().unwrap();
        assert_eq!(found.phase, Phase::Reverting);
        assert_eq!(found.template.as_deref(), Some("base"));
    }

    #[test]
    fn a_copy_that_is_not_whole_stands_for_nothing_and_a_strangers_is_refused() {
        let pair = |copy| Pair {
            role: Some(our_role()),
            database: None,
            copy: Some(copy),
        };
        let begun = judge(&pair(copy_of_ours(None)), &tenant());
        assert_eq!(begun.unwrap(), None);
        let mut strangers = copy_of_ours(None);
        strangers.owner = "somebody".to_owned();
        for foreign in [strangers, copy_of_ours(Some("mine".to_owned()))] {
            let refused = judge(&pair(foreign), &tenant());
            assert!(matches!(refused, Err(Error::Foreign { .. })));
        }
    }
}
