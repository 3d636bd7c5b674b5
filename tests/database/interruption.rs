//! Killed after any statement, everything converges when it is asked for again.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use tenantry_database::{
    Database, Limits, Outcome, Phase, Server, Template, TemplateDatabase, TenantDatabase,
};

use crate::cut::{Cut, wire};
use crate::support::{
    BUILDER_PASSWORD, SCHEMA, TENANT_PASSWORD, administrator, assert_no_secret, assert_served,
    bakery, build, connect, connect_tenant, drop_in_turn, endpoint, execute, identity, login,
    provision, provision_in_turn, sealed_template, secret, server, text, unique,
};

/// More statements than anything here has: a loop that gets here counts wrong.
const STATEMENTS_MAX: u32 = 60;

async fn cut_server(cut: Cut, statement: u32) -> Server {
    Server::connect(
        wire(&endpoint(), cut, statement).await,
        &login(),
        Limits::default(),
    )
}

#[tokio::test]
async fn provisioning_converges_from_every_statement() {
    let server = server().await;
    let template = sealed_template(&server).await;
    for cut in [Cut::Before, Cut::After] {
        let mut statement = 1;
        while interrupted_provisioning(&server, &template, cut, statement).await {
            statement += 1;
            assert!(statement < STATEMENTS_MAX);
        }
        assert!(
            statement > 15,
            "only {statement} statements were cut: the wire does not count"
        );
        println!("cut {cut:?}: {} statements", statement - 1);
    }
    server.drop_template(&template).await.unwrap();
}

/// Whether the wire was cut before provisioning was through.
async fn interrupted_provisioning(
    server: &Server,
    template: &TemplateDatabase,
    cut: Cut,
    statement: u32,
) -> bool {
    let tenant = TenantDatabase::new(&unique()).unwrap();
    let identity = identity("bakery");
    let first = provision(
        &cut_server(cut, statement).await,
        &tenant,
        template,
        &identity,
    )
    .await;
    let at = format!("cut {cut:?} statement {statement}");
    if let Err(error) = &first {
        assert_no_secret(error);
        let admitted = connect_tenant(&tenant).await.is_ok();
        let ready = matches!(
            server.database(&tenant).await.unwrap(),
            Database::Present(found) if found.phase == Phase::Ready && found.admitted
        );
        assert!(
            ready || !admitted,
            "{at}: the tenant came in before its database was ready"
        );
    }
    let again = provision_in_turn(server, &tenant, template, &identity).await;
    assert!(again.is_ok(), "{at}: {first:?} and then {again:?}");
    assert_served(&tenant, &identity).await;
    server.drop_tenant(&tenant).await.unwrap();
    first.is_err()
}

/// A tenant whose provisioning was cut off when its clone was there, without an identity.
pub async fn half_cloned(server: &Server, template: &TemplateDatabase) -> TenantDatabase {
    let login = login();
    for statement in 1..STATEMENTS_MAX {
        let tenant = TenantDatabase::new(&unique()).unwrap();
        let broken = cut_server(Cut::Before, statement).await;
        let cut = provision(&broken, &tenant, template, &identity("bakery")).await;
        assert!(
            cut.is_err(),
            "it was never cut off between clone and identity"
        );
        if connect(tenant.name(), &login.user, login.password.expose_secret())
            .await
            .is_ok()
        {
            return tenant;
        }
        drop_in_turn(server, &tenant).await.unwrap();
    }
    panic!("more statements than {STATEMENTS_MAX}");
}

#[tokio::test]
async fn what_a_killed_worker_still_does_in_its_clone_ends_with_the_clone() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = half_cloned(&server, &template).await;
    let login = login();
    let mut left = connect(tenant.name(), &login.user, login.password.expose_secret())
        .await
        .unwrap();
    execute(&mut left, "BEGIN; UPDATE res_users SET login = 'half done'")
        .await
        .unwrap();
    let identity = identity("bakery");
    provision_in_turn(&server, &tenant, &template, &identity)
        .await
        .unwrap();
    assert!(execute(&mut left, "COMMIT").await.is_err());
    assert_served(&tenant, &identity).await;
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

/// How many sessions of the tenant's are at a statement that takes long.
async fn sleepers(tenant: &TenantDatabase) -> String {
    let query = format!(
        "SELECT count(*)::text FROM pg_stat_activity
         WHERE usename = '{}' AND wait_event = 'PgSleep'",
        tenant.name()
    );
    text(&mut administrator().await, &query).await
}

async fn wait_for_sleepers(tenant: &TenantDatabase, wanted: &str) {
    let wait = async {
        while sleepers(tenant).await != wanted {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let limit = Duration::from_secs(30);
    let outcome = tokio::time::timeout(limit, wait).await;
    assert!(outcome.is_ok(), "not {wanted} sleepers in {limit:?}");
}

#[tokio::test]
async fn a_long_statement_of_a_killed_worker_ends_with_it() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    let mut own = connect_tenant(&tenant).await.unwrap();
    let slow = "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN PERFORM pg_sleep(100); RETURN new; END $$;
                CREATE TRIGGER sleep BEFORE UPDATE ON ir_module_module
                    FOR EACH ROW EXECUTE FUNCTION sleep()";
    execute(&mut own, slow).await.unwrap();
    let (worker, asked) = (server.clone(), tenant.clone());
    let work = tokio::spawn(async move {
        let password = secret(TENANT_PASSWORD);
        worker.begin_release_change(&asked, &password).await
    });
    wait_for_sleepers(&tenant, "1").await;
    work.abort();
    wait_for_sleepers(&tenant, "0").await;
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn dropping_converges_from_every_statement() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let identity = identity("bakery");
    for cut in [Cut::Before, Cut::After] {
        for statement in 1.. {
            assert!(statement < STATEMENTS_MAX);
            let tenant = TenantDatabase::new(&unique()).unwrap();
            provision(&server, &tenant, &template, &identity)
                .await
                .unwrap();
            let first = cut_server(cut, statement).await.drop_tenant(&tenant).await;
            let again = drop_in_turn(&server, &tenant).await;
            assert!(again.is_ok(), "{cut:?} {statement}: {again:?}");
            assert_eq!(server.database(&tenant).await.unwrap(), Database::Absent);
            if first.is_ok() {
                break;
            }
        }
    }
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn beginning_a_template_converges_from_every_statement() {
    let server = server().await;
    for cut in [Cut::Before, Cut::After] {
        for statement in 1.. {
            assert!(statement < STATEMENTS_MAX);
            let template = TemplateDatabase::new(&unique()).unwrap();
            let password = secret(BUILDER_PASSWORD);
            let first = cut_server(cut, statement)
                .await
                .begin_template(&template, &password)
                .await;
            while let Err(error) = server.begin_template(&template, &password).await {
                assert_eq!(error.category(), "Busy", "{cut:?} {statement}: {error:?}");
            }
            build(&template, SCHEMA).await;
            assert_eq!(
                server.template(&template).await.unwrap(),
                Template::Building
            );
            server.drop_template(&template).await.unwrap();
            if first.is_ok() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn sealing_converges_from_every_statement() {
    let server = server().await;
    for cut in [Cut::Before, Cut::After] {
        for statement in 1.. {
            assert!(statement < STATEMENTS_MAX);
            let template = TemplateDatabase::new(&unique()).unwrap();
            server
                .begin_template(&template, &secret(BUILDER_PASSWORD))
                .await
                .unwrap();
            build(&template, SCHEMA).await;
            let first = cut_server(cut, statement)
                .await
                .seal_template(&template, &["web"])
                .await;
            while let Err(error) = server.seal_template(&template, &["web"]).await {
                assert_eq!(error.category(), "Busy", "{cut:?} {statement}: {error:?}");
            }
            assert!(matches!(
                server.template(&template).await.unwrap(),
                Template::Sealed(_)
            ));
            server.drop_template(&template).await.unwrap();
            if first.is_ok() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn ready_database_is_never_initialised_again() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = TenantDatabase::new(&unique()).unwrap();
    provision(&server, &tenant, &template, &identity("bakery"))
        .await
        .unwrap();
    let mut own = connect_tenant(&tenant).await.unwrap();
    execute(
        &mut own,
        "UPDATE res_company SET name = 'Renamed by its owner'",
    )
    .await
    .unwrap();

    let again = provision(&server, &tenant, &template, &identity("butcher"))
        .await
        .unwrap();
    assert_eq!(again, Outcome::WasReady);
    let company = text(&mut own, "SELECT name FROM res_company").await;
    assert_eq!(company, "Renamed by its owner");

    drop(own);
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn identity_is_written_where_odoo_looks() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = TenantDatabase::new(&unique()).unwrap();
    let outcome = provision(&server, &tenant, &template, &identity("bakery"))
        .await
        .unwrap();
    println!("{outcome:?}");
    let mut own = connect_tenant(&tenant).await.unwrap();
    for (query, expected) in [
        (
            "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'",
            "https://bakery.example",
        ),
        (
            "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url.freeze'",
            "True",
        ),
        (
            "SELECT left(password, 22) FROM res_users WHERE id = 2",
            "$pbkdf2-sha512$10000$",
        ),
        (
            "SELECT concat_ws(' ', email, email_normalized, lang, tz) FROM res_partner WHERE id = 3",
            "Admin@bakery.example admin@bakery.example fr_BE Europe/Brussels",
        ),
        (
            "SELECT concat_ws(' ', name, complete_name, commercial_company_name) FROM res_partner
          WHERE id = 1",
            "bakery bakery bakery",
        ),
        (
            "SELECT count(*)::text FROM ir_cron
          WHERE nextcall > now() AT TIME ZONE 'UTC' + interval '6 minutes'",
            "2",
        ),
        ("SELECT password FROM res_users WHERE id = 1", ""),
    ] {
        assert!(text(&mut own, query).await.starts_with(expected), "{query}");
    }
    drop(own);
    let mut administrator = administrator().await;
    let comment = format!(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{}'",
        tenant.name()
    );
    assert!(
        text(&mut administrator, &comment)
            .await
            .contains(r#""phase":"Ready""#)
    );
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}
