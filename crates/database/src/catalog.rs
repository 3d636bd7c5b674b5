//! What the server's catalogs say about one database and the role of the same name.

use crate::error::Result;
use crate::names::copy_of;
use crate::session::Session;

/// What `rolconnlimit` says of a role without a limit.
const UNLIMITED: i32 = -1;

/// A role, as found.
pub(crate) struct Role {
    pub(crate) comment: Option<String>,
    pub(crate) can_login: bool,
    pub(crate) connections: i32,
}

/// A database, as found.
pub(crate) struct Found {
    pub(crate) owner: String,
    pub(crate) comment: Option<String>,
    pub(crate) allows_connections: bool,
    pub(crate) role_may_connect: bool,
    /// What a drop that was cut off left of it: nothing but another drop can be done with it.
    pub(crate) cut_off: bool,
}

/// A copy of a database from before a change, as found. What a drop that was cut off left of one
/// counts as one without a comment.
pub(crate) struct Copy {
    pub(crate) owner: String,
    pub(crate) comment: Option<String>,
}

/// The role and the database of one name, and the database's copy, read in one statement.
pub(crate) struct Pair {
    pub(crate) role: Option<Role>,
    pub(crate) database: Option<Found>,
    pub(crate) copy: Option<Copy>,
}

type Row = (
    Option<bool>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<bool>,
    Option<bool>,
    Option<bool>,
    Option<i32>,
    Option<String>,
    Option<String>,
);

const PAIR: &str = "
    SELECT r.rolcanlogin, shobj_description(r.oid, 'pg_authid'),
           pg_get_userbyid(d.datdba)::text, shobj_description(d.oid, 'pg_database'),
           d.datallowconn AND d.datconnlimit <> -2, has_database_privilege(r.oid, d.oid, 'CONNECT'),
           d.datconnlimit = -2, r.rolconnlimit, pg_get_userbyid(c.datdba)::text,
           CASE WHEN c.datconnlimit <> -2 THEN shobj_description(c.oid, 'pg_database') END
    FROM (VALUES ($1, $2)) AS asked (name, copy)
    LEFT JOIN pg_roles r ON r.rolname = asked.name
    LEFT JOIN pg_database d ON d.datname = asked.name
    LEFT JOIN pg_database c ON c.datname = asked.copy";

pub(crate) async fn pair(session: &mut Session, name: &str) -> Result<Pair> {
    let query = sqlx::query_as(PAIR).bind(name).bind(copy_of(name));
    let row: Row = session.one("reading the state of", query).await?;
    let (
        can_login,
        role_comment,
        owner,
        comment,
        allows_connections,
        may_connect,
        cut_off,
        limit,
        copy_owner,
        copy_comment,
    ) = row;
    let role = can_login.map(|can_login| Role {
        comment: role_comment,
        can_login,
        connections: limit.unwrap_or(UNLIMITED),
    });
    let database = owner.map(|owner| Found {
        owner,
        comment,
        allows_connections: allows_connections.unwrap_or(false),
        role_may_connect: may_connect.unwrap_or(false),
        cut_off: cut_off.unwrap_or(false),
    });
    let copy = copy_owner.map(|owner| Copy {
        owner,
        comment: copy_comment,
    });
    Ok(Pair {
        role,
        database,
        copy,
    })
}
