//! SQL on a database server, past Tenantry, as its superuser.

use anyhow::Result;

use crate::kubectl::kubectl;

const SERVER_NAMESPACE: &str = "database-main";

/// What `statement` returns in `database`: one line for each row, columns separated by `|`.
///
/// # Errors
/// The server refuses it.
pub async fn query(database: &str, statement: &str) -> Result<String> {
    query_in(SERVER_NAMESPACE, database, statement).await
}

/// The same on the server that runs in `namespace`.
///
/// # Errors
/// As [`query`].
pub async fn query_in(namespace: &str, database: &str, statement: &str) -> Result<String> {
    let arguments = [
        "exec",
        "--namespace",
        namespace,
        "postgresql-0",
        "--",
        "psql",
        "--host=/var/run/postgresql",
        "--username=postgres",
        "--dbname",
        database,
        "--no-align",
        "--tuples-only",
        "--command",
        statement,
    ];
    Ok(kubectl(&arguments, "").await?.text()?.trim().to_owned())
}
