//! A database server, and how we reach it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::error::{Error, Result};
use crate::names::TenantDatabase;
use crate::session::{Permit, Pool, Session};

/// The database every login may connect to; Odoo itself uses it too.
pub(crate) const MAINTENANCE: &str = "postgres";

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: Tls,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Whether the connection is encrypted.
///
/// There is no mode that verifies the authority and not the name: the driver trusts the public
/// authorities beside the given ones, so anybody's certificate from one of them would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Never: for a server beside us that only we and its tenants can reach.
    Disabled,
    /// Always, with whoever answers.
    Required,
    /// Always, with the server's certificate and name verified.
    Verified {
        /// PEM certificates to trust beside the public authorities.
        authorities: Option<Vec<u8>>,
    },
}

/// The login that administers a server: CREATEDB and CREATEROLE, never superuser.
#[derive(Debug, Clone)]
pub struct Login {
    /// Role name.
    pub user: String,
    /// Its password.
    pub password: SecretString,
}

/// What we allow ourselves on one server.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Turns at once. Whoever has one holds a connection, and a clone or template in the making one more.
    pub connections: usize,
    /// Copies of tenants' databases at once, which may take long: each holds a connection and no turn.
    pub copies: usize,
    /// How long a turn, or one to copy, may be waited for.
    pub turn: Duration,
    /// How long opening a connection may take.
    pub connect: Duration,
    /// How long one statement may take. A clone of a large template is one statement.
    pub statement: Duration,
}

impl Limits {
    /// How many connections we hold at once, to all databases of the server.
    #[must_use]
    pub fn at_most(&self) -> usize {
        self.connections
            .saturating_mul(2)
            .saturating_add(self.copies)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8,
            copies: 2,
            turn: Duration::from_mins(2),
            connect: Duration::from_secs(5),
            statement: Duration::from_mins(2),
        }
    }
}

/// A database server. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Server {
    endpoint: Endpoint,
    options: Arc<PgConnectOptions>,
    limits: Limits,
    pool: Pool,
}

impl Server {
    /// Describes a server. Nothing is opened before the first use.
    #[must_use]
    pub fn connect(endpoint: Endpoint, login: &Login, limits: Limits) -> Self {
        let options = Arc::new(options(&endpoint, login, &limits));
        let pool = Pool::new(&limits);
        Self {
            endpoint,
            options,
            limits,
            pool,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A session on the maintenance database, from the pool.
    pub(crate) async fn session(&self) -> Result<Session> {
        self.maintain(self.turn().await?).await
    }

    async fn turn(&self) -> Result<Permit> {
        self.pool.turn(&self.endpoint, self.limits.turn).await
    }

    async fn maintain(&self, permit: Permit) -> Result<Session> {
        let session = match self.pool.idle().await {
            Some(session) => session,
            None => self.open_with(&self.options, MAINTENANCE).await?,
        };
        Ok(session.holding(permit))
    }

    /// A session of our login in another database, for whoever has one on the maintenance database.
    /// It closes when dropped.
    ///
    /// Only where nobody but the platform ever wrote, in a template or a clone that nobody had yet:
    /// what somebody wrote in a database, a trigger or a view, runs with the rights of whoever meets it.
    pub(crate) async fn open(&self, database: &str) -> Result<Session> {
        self.open_with(&self.elsewhere(), database).await
    }

    /// A session in a tenant's database as its own role: what the tenant wrote there runs with its
    /// own rights.
    pub(crate) async fn enter(
        &self,
        tenant: &TenantDatabase,
        password: &SecretString,
    ) -> Result<Session> {
        let permit = self.turn().await?;
        let options = self
            .elsewhere()
            .username(tenant.name())
            .password(password.expose_secret());
        let session = self.open_with(&options, tenant.name()).await?;
        Ok(session.holding(permit))
    }

    /// Outside the maintenance database there are Odoo's tables, and what Odoo or its modules made
    /// finds them by this path.
    fn elsewhere(&self) -> PgConnectOptions {
        (*self.options).clone().options([("search_path", "public")])
    }

    async fn open_with(&self, options: &PgConnectOptions, database: &str) -> Result<Session> {
        let options = options.clone().database(database);
        Session::open(&options, &self.endpoint, database, &self.limits).await
    }

    /// Gives a session back, in a state fit for the next user.
    pub(crate) fn give_back(&self, session: Session) {
        self.pool.keep(session);
    }

    /// A session that holds the lock of one tenant or template.
    ///
    /// It must go through [`Server::release`]. When it is dropped instead, the server frees the lock once it
    /// notices, which is after the statement that was running; that is what fences a killed worker.
    pub(crate) async fn locked(&self, on: &str) -> Result<Session> {
        self.lock(self.session().await?, on).await
    }

    /// The same to copy a database, which may take long: it waits for other copies alone, and nobody
    /// else waits for it.
    pub(crate) async fn locked_to_copy(&self, on: &str) -> Result<Session> {
        let limit = self.limits.turn;
        let permit = self.pool.turn_to_copy(&self.endpoint, limit).await?;
        self.lock(self.maintain(permit).await?, on).await
    }

    async fn lock(&self, mut session: Session, on: &str) -> Result<Session> {
        match session.lock(on).await {
            Ok(()) => Ok(session),
            Err(busy @ Error::Busy { .. }) => {
                self.give_back(session);
                Err(busy)
            }
            Err(error) => Err(error),
        }
    }

    /// Frees the lock and gives the session back, whether its work succeeded or not.
    pub(crate) async fn release<T>(
        &self,
        mut session: Session,
        on: &str,
        result: Result<T>,
    ) -> Result<T> {
        // A connection that failed would only make us wait for it once more.
        let away = matches!(
            result,
            Err(Error::Unreachable { .. } | Error::HostUnknown { .. } | Error::Starting { .. })
        );
        if !away && session.unlock(on).await.is_ok() {
            self.give_back(session);
        }
        result
    }

    /// Our login's name.
    pub(crate) fn user(&self) -> &str {
        self.options.get_username()
    }
}

impl fmt::Debug for Server {
    /// The driver's options would print the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

fn options(endpoint: &Endpoint, login: &Login, limits: &Limits) -> PgConnectOptions {
    use sqlx::ConnectOptions as _;

    let statement_ms = limits.statement.as_millis().to_string();
    let options = PgConnectOptions::new_without_pgpass()
        .host(&endpoint.host)
        .port(endpoint.port)
        .username(&login.user)
        .password(login.password.expose_secret())
        .application_name("tenantry")
        .options([
            ("statement_timeout", statement_ms.as_str()),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
            ("client_min_messages", "error"),
            // No function that somebody left in `public` is taken for the server's own.
            ("search_path", "pg_catalog"),
        ])
        // The driver would log statements, and among them are verifiers of passwords.
        .disable_statement_logging();
    match &endpoint.tls {
        Tls::Disabled => options.ssl_mode(PgSslMode::Disable),
        Tls::Required => options.ssl_mode(PgSslMode::Require),
        Tls::Verified { authorities: None } => options.ssl_mode(PgSslMode::VerifyFull),
        Tls::Verified {
            authorities: Some(pem),
        } => options
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert_from_pem(pem.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_connections_for_each_turn_and_one_for_each_copy_are_set_aside() {
        let limits = Limits {
            connections: 3,
            copies: 2,
            ..Limits::default()
        };
        assert_eq!(limits.at_most(), 8);
    }

    #[test]
    fn debug_shows_no_password() {
        let endpoint = Endpoint {
            host: "db".to_owned(),
            port: 5432,
            tls: Tls::Disabled,
        };
        let login = Login {
            user: "tenantry".to_owned(),
            password: "s3cret-word".into(),
        };
        let server = Server::connect(endpoint, &login, Limits::default());
        assert!(!format!("{server:?} {login:?}").contains("s3cret-word"));
    }
}
