//! The server under test, names nobody else uses, hand-made templates, and eyes of our own.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tenantry_database::{
    Administrator, Clone, Endpoint, Error, Identity, Limits, Login, Outcome, Result, Server,
    TemplateDatabase, TenantDatabase, Tls,
};

pub const ADMINISTRATOR_PASSWORD: &str = "Adm1nistratorsGeneratedSecret0042";
pub const TENANT_PASSWORD: &str = "T3nantsGeneratedSecret00000000042";
pub const BUILDER_PASSWORD: &str = "Bu1ldersGeneratedSecret0000000042";

pub fn endpoint() -> Endpoint {
    let address = variable("TENANTRY_TEST_POSTGRES");
    let (host, port) = address
        .rsplit_once(':')
        .expect("TENANTRY_TEST_POSTGRES is host:port");
    let port = port
        .parse()
        .expect("the port in TENANTRY_TEST_POSTGRES is a number");
    Endpoint {
        host: host.to_owned(),
        port,
        tls: Tls::Disabled,
    }
}

pub fn login() -> Login {
    Login {
        user: variable("TENANTRY_TEST_POSTGRES_LOGIN"),
        password: variable("TENANTRY_TEST_POSTGRES_PASSWORD").into(),
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: this suite needs a PostgreSQL 17 to administer (see its main.rs)"
        )
    })
}

/// The server, prepared.
pub async fn server() -> Server {
    let server = Server::connect(endpoint(), &login(), Limits::default());
    server
        .prepare()
        .await
        .expect("the test server can be prepared");
    server
}

/// A tenant on `server`, and the template that it was cloned from.
pub async fn bakery(server: &Server) -> (TemplateDatabase, TenantDatabase) {
    let (template, tenant) = (sealed_template(server).await, tenant());
    provision(server, &tenant, &template, &identity("bakery"))
        .await
        .expect("a tenant is cloned from a sealed template");
    (template, tenant)
}

/// A name that no other test and no earlier run uses.
pub fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("it{:x}x{next}", since.as_micros())
}

pub fn tenant() -> TenantDatabase {
    TenantDatabase::new(&unique()).expect("unique names are plain")
}

pub fn identity(company: &str) -> Identity {
    Identity {
        base_url: format!("https://{company}.example"),
        own_url: "http://127.0.0.1:8069".to_owned(),
        company: company.to_owned(),
        administrator: Administrator {
            login: format!("admin@{company}.example"),
            email: format!("Admin@{company}.example"),
            password: ADMINISTRATOR_PASSWORD.into(),
        },
        language: Some("fr_BE".to_owned()),
        timezone: Some("Europe/Brussels".to_owned()),
        cron_offset: Duration::from_mins(7),
    }
}

pub fn secret(text: &str) -> SecretString {
    text.into()
}

/// Provisions with the suite's passwords.
pub async fn provision(
    server: &Server,
    tenant: &TenantDatabase,
    template: &TemplateDatabase,
    identity: &Identity,
) -> Result<Outcome> {
    let password = secret(TENANT_PASSWORD);
    let wish = Clone {
        tenant,
        template,
        password: &password,
        connections: 3,
        identity,
    };
    server.provision(&wish).await
}

/// The same, waiting while a killed worker's last statement is still running on the server.
pub async fn provision_in_turn(
    server: &Server,
    tenant: &TenantDatabase,
    template: &TemplateDatabase,
    identity: &Identity,
) -> Result<Outcome> {
    loop {
        match provision(server, tenant, template, identity).await {
            Err(Error::Busy { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            other => return other,
        }
    }
}

/// Drops a tenant. A worker that was cut off a moment ago may still hold the lock on it.
pub async fn drop_in_turn(server: &Server, tenant: &TenantDatabase) -> Result<()> {
    loop {
        match server.drop_tenant(tenant).await {
            Err(Error::Busy { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            other => return other,
        }
    }
}

/// A sealed template with the hand-made schema.
pub async fn sealed_template(server: &Server) -> TemplateDatabase {
    let template = TemplateDatabase::new(&unique()).expect("unique names are plain");
    server
        .begin_template(&template, &secret(BUILDER_PASSWORD))
        .await
        .expect("begun");
    build(&template, SCHEMA).await;
    server
        .seal_template(&template, &["web"])
        .await
        .expect("sealed");
    template
}

/// Does what the Job would do, as the Job's login.
pub async fn build(template: &TemplateDatabase, sql: &str) {
    let mut builder = connect(template.name(), template.name(), BUILDER_PASSWORD)
        .await
        .unwrap();
    execute(&mut builder, sql)
        .await
        .expect("the builder may build");
    builder.close().await.expect("closed");
}

/// A connection that has nothing to do with the crate under test.
pub async fn connect(
    database: &str,
    user: &str,
    password: &str,
) -> Result<PgConnection, sqlx::Error> {
    let endpoint = endpoint();
    PgConnectOptions::new_without_pgpass()
        .host(&endpoint.host)
        .port(endpoint.port)
        .ssl_mode(PgSslMode::Disable)
        .username(user)
        .password(password)
        .database(database)
        .connect()
        .await
}

/// Our own login, on the maintenance database.
pub async fn administrator() -> PgConnection {
    let login = login();
    connect("postgres", &login.user, login.password.expose_secret())
        .await
        .expect("connected")
}

pub async fn connect_tenant(tenant: &TenantDatabase) -> Result<PgConnection, sqlx::Error> {
    connect(tenant.name(), tenant.name(), TENANT_PASSWORD).await
}

pub async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .map(|_| ())
}

/// The single text a query gives.
pub async fn text(connection: &mut PgConnection, sql: &str) -> String {
    let query = sqlx::query_as(AssertSqlSafe(sql.to_owned()));
    let (text,): (Option<String>,) = query.fetch_one(connection).await.expect("one row");
    text.unwrap_or_default()
}

pub fn sqlstate(error: &sqlx::Error) -> String {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.map_or_else(|| format!("{error}"), std::borrow::Cow::into_owned)
}

/// An error's whole chain, as text and as `Debug`, shows no secret.
pub fn assert_no_secret(error: &Error) {
    let mut told = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let _ = write!(told, "{error} {error:?}");
        source = error.source();
    }
    let login = login();
    for secret in [
        ADMINISTRATOR_PASSWORD,
        TENANT_PASSWORD,
        BUILDER_PASSWORD,
        login.password.expose_secret(),
        "SCRAM-SHA-256$",
        "$pbkdf2-sha512$",
    ] {
        assert!(!told.contains(secret), "an error shows a secret: {told}");
    }
}

/// Checks from the tenant's own login that the database is its own and whole.
pub async fn assert_served(tenant: &TenantDatabase, identity: &Identity) {
    let mut own = connect_tenant(tenant)
        .await
        .expect("the tenant may connect to its database");
    let company = text(&mut own, "SELECT name FROM res_company").await;
    assert_eq!(company, identity.company);
    let login = text(&mut own, "SELECT login FROM res_users WHERE id = 2").await;
    assert_eq!(login, identity.administrator.login);
    let uuid = "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'";
    assert_ne!(text(&mut own, uuid).await, "the-templates-uuid");
    let left = "SELECT count(*)::text FROM ir_config_parameter
                WHERE key IN ('ir_attachment.location', 'tenantry.template')";
    assert_eq!(text(&mut own, left).await, "0");
    own.close().await.expect("closed");
}

/// The tables of Odoo that an identity and a seal touch, as its builder leaves them.
pub const SCHEMA: &str = "
    CREATE TABLE ir_config_parameter (id serial PRIMARY KEY, key varchar NOT NULL UNIQUE,
        value text NOT NULL, create_uid int, write_uid int, create_date timestamp, write_date timestamp);
    INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', 'the-templates-uuid'),
        ('database.secret', 'the-templates-secret'), ('web.base.url', 'http://localhost:8069'),
        ('ir_attachment.location', 'db'), ('tenantry.template', 'finished');
    CREATE TABLE ir_module_module (id serial PRIMARY KEY, name varchar, state varchar, demo boolean,
        latest_version varchar DEFAULT '19.0.1.0');
    INSERT INTO ir_module_module (name, state, demo) VALUES
        ('base', 'installed', false), ('web', 'installed', false), ('sale', 'uninstalled', false);
    CREATE TABLE ir_attachment (id serial PRIMARY KEY, name varchar, url varchar,
        store_fname varchar, db_datas bytea);
    INSERT INTO ir_attachment (url, db_datas) VALUES ('/web/assets/1/web.assets_web.min.js', 'x');
    CREATE TABLE res_lang (id serial PRIMARY KEY, code varchar, active boolean);
    INSERT INTO res_lang (code, active) VALUES ('en_US', true), ('fr_BE', true), ('de_DE', false);
    CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar, complete_name varchar,
        commercial_company_name varchar, email varchar, email_normalized varchar, lang varchar,
        tz varchar, write_date timestamp);
    INSERT INTO res_partner (name) VALUES ('My Company'), ('OdooBot'), ('Administrator');
    CREATE TABLE res_company (id serial PRIMARY KEY, name varchar, write_date timestamp,
        partner_id int REFERENCES res_partner);
    INSERT INTO res_company (name, partner_id) VALUES ('My Company', 1);
    CREATE TABLE res_users (id serial PRIMARY KEY, login varchar, password varchar, active boolean,
        company_id int REFERENCES res_company, partner_id int REFERENCES res_partner, write_date timestamp);
    INSERT INTO res_users (login, password, active, company_id, partner_id) VALUES
        ('__system__', NULL, false, 1, 2), ('admin', 'admin', true, 1, 3);
    CREATE TABLE ir_model_data (module varchar, name varchar, model varchar, res_id int);
    INSERT INTO ir_model_data VALUES ('base', 'user_root', 'res.users', 1),
        ('base', 'user_admin', 'res.users', 2);
    CREATE TABLE ir_cron (id serial PRIMARY KEY, nextcall timestamp);
    INSERT INTO ir_cron (nextcall) VALUES ('2020-01-01'), ('2120-01-01');
    CREATE TABLE ir_mail_server (id serial PRIMARY KEY);
    CREATE TABLE res_users_apikeys (id serial PRIMARY KEY)";
