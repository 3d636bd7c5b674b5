//! What a tenant writes in its database never runs with our rights.
//!
//! A tenant owns its database and everything about it, so it may leave there what it likes: here, SQL
//! that takes whatever its runner can give, and notes who that was.

use sqlx::PgConnection;
use tenantry_database::{Database, Outcome, Server, TemplateDatabase, TenantDatabase};

use crate::interruption::half_cloned;
use crate::support::{
    BUILDER_PASSWORD, SCHEMA, TENANT_PASSWORD, administrator, assert_served, bakery, build,
    connect, connect_tenant, execute, identity, provision, sealed_template, secret, server, tenant,
    text, unique,
};

/// A tenant that wants another one's rights, or ours.
struct Hostile {
    template: TemplateDatabase,
    tenant: TenantDatabase,
    victim: TenantDatabase,
}

impl Hostile {
    async fn new(server: &Server) -> Self {
        let hostile = Self {
            template: sealed_template(server).await,
            tenant: tenant(),
            victim: tenant(),
        };
        for tenant in [&hostile.victim, &hostile.tenant] {
            provision(server, tenant, &hostile.template, &identity("bakery"))
                .await
                .unwrap();
        }
        let mut own = connect_tenant(&hostile.tenant).await.unwrap();
        execute(&mut own, &hostile.trap()).await.unwrap();
        hostile
    }

    fn trap(&self) -> String {
        let (tenant, victim) = (self.tenant.name(), self.victim.name());
        let attempts = [
            format!("GRANT {victim} TO {tenant}"),
            format!("ALTER ROLE {tenant} CREATEROLE"),
            format!("ALTER ROLE {victim} PASSWORD ''taken''"),
        ]
        .map(|attempt| format!("BEGIN EXECUTE '{attempt}'; EXCEPTION WHEN OTHERS THEN NULL; END;"))
        .concat();
        format!(
            "CREATE TABLE caught (who text);
             GRANT ALL ON caught TO PUBLIC;
             CREATE FUNCTION spring() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                 INSERT INTO public.caught VALUES (current_user);
                 {attempts}
             END $$;
             CREATE FUNCTION spring_on_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 PERFORM public.spring();
                 RETURN CASE TG_OP WHEN 'DELETE' THEN old ELSE new END;
             END $$;
             CREATE TRIGGER spring BEFORE UPDATE ON ir_module_module
                 FOR EACH ROW EXECUTE FUNCTION spring_on_write();
             CREATE TRIGGER spring BEFORE INSERT OR UPDATE OR DELETE ON ir_config_parameter
                 FOR EACH ROW EXECUTE FUNCTION spring_on_write();
             CREATE FUNCTION format(text, varchar, varchar) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
                 PERFORM public.spring();
                 RETURN 'x';
             END $$;
             UPDATE ir_module_module SET name = repeat('x', 100000), state = 'to upgrade'
                 WHERE name = 'web'"
        )
    }

    /// Who ran what the tenant wrote, each once.
    async fn caught(&self) -> String {
        let mut own = connect_tenant(&self.tenant).await.unwrap();
        let caught = "SELECT string_agg(DISTINCT who, ' ') FROM caught";
        text(&mut own, caught).await
    }

    async fn assert_nothing_was_taken(&self) {
        let taken = format!(
            "SELECT concat_ws(' ', rolcreaterole, pg_has_role('{tenant}', '{victim}', 'MEMBER'))
             FROM pg_roles WHERE rolname = '{tenant}'",
            tenant = self.tenant.name(),
            victim = self.victim.name(),
        );
        assert_eq!(text(&mut administrator().await, &taken).await, "f f");
        connect_tenant(&self.victim).await.unwrap();
    }

    async fn clean(self, server: &Server) {
        for tenant in [&self.tenant, &self.victim] {
            server.drop_tenant(tenant).await.unwrap();
        }
        server.drop_template(&self.template).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_tenant_wrote_runs_with_its_own_rights_when_its_release_is_changed() {
    let server = server().await;
    let hostile = Hostile::new(&server).await;
    let (tenant, password) = (&hostile.tenant, secret(TENANT_PASSWORD));
    server
        .begin_release_change(tenant, &password)
        .await
        .unwrap();
    assert_eq!(hostile.caught().await, tenant.name());
    let findings = server.update_findings(tenant, &password, "20.0");
    let findings = findings.await.unwrap();
    assert_eq!(hostile.caught().await, tenant.name());
    hostile.assert_nothing_was_taken().await;
    let longest = findings.iter().map(String::len).max();
    assert!(longest < Some(1000), "a finding has {longest:?} bytes");
    hostile.clean(&server).await;
}

#[tokio::test]
async fn a_tenant_that_calls_its_database_unfinished_gets_a_new_clone_and_nobodys_rights() {
    let server = server().await;
    let hostile = Hostile::new(&server).await;
    let (tenant, template) = (&hostile.tenant, &hostile.template);
    let mark = "SELECT shobj_description(oid, 'pg_database') FROM pg_database
                WHERE datname = current_database()";
    let mut own = connect_tenant(tenant).await.unwrap();
    let ready = text(&mut own, mark).await;
    let forged = ready.replace("Ready", "Cloning");
    let sql = format!("COMMENT ON DATABASE {} IS '{forged}'", tenant.name());
    execute(&mut own, &sql).await.unwrap();
    let mut elsewhere = connect("postgres", tenant.name(), TENANT_PASSWORD)
        .await
        .unwrap();
    let identity = identity("butcher");
    let made = provision(&server, tenant, template, &identity).await;
    assert!(matches!(made, Ok(Outcome::Provisioned(_))), "{made:?}");
    assert!(execute(&mut elsewhere, "SELECT 1").await.is_err());
    hostile.assert_nothing_was_taken().await;
    assert_served(tenant, &identity).await;
    hostile.clean(&server).await;
}

#[tokio::test]
async fn no_tenant_comes_in_anywhere_before_its_database_is_handed_over() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = half_cloned(&server, &template).await;
    for database in ["postgres", tenant.name()] {
        let refused = connect(database, tenant.name(), TENANT_PASSWORD).await;
        assert!(refused.is_err(), "it came into {database}");
    }
    let Database::Present(found) = server.database(&tenant).await.unwrap() else {
        panic!("it was cloned");
    };
    assert!(!found.admitted);
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

/// Whether a role of that name is there, and may log in.
async fn role(name: &str) -> String {
    let query = format!(
        "SELECT coalesce((SELECT CASE WHEN rolcanlogin THEN 'may log in' ELSE 'can do nothing' END
                          FROM pg_roles WHERE rolname = '{name}'), 'gone')"
    );
    text(&mut administrator().await, &query).await
}

#[tokio::test]
async fn rights_that_a_tenant_gives_to_another_keep_neither_its_database_nor_a_way_in() {
    let server = server().await;
    let hostile = Hostile::new(&server).await;
    let victim = &hostile.victim;
    let mut own = connect_tenant(&hostile.tenant).await.unwrap();
    let give = format!(
        "CREATE TABLE gift (); GRANT SELECT ON gift TO {}",
        victim.name()
    );
    execute(&mut own, &give).await.unwrap();
    drop(own);
    server.drop_tenant(victim).await.unwrap();
    assert_eq!(server.database(victim).await.unwrap(), Database::Absent);
    assert_eq!(role(victim.name()).await, "can do nothing");
    let refused = connect("postgres", victim.name(), TENANT_PASSWORD).await;
    assert!(refused.is_err(), "it came in");
    server.drop_tenant(&hostile.tenant).await.unwrap();
    hostile.clean(&server).await;
}

#[tokio::test]
async fn rights_that_a_tenant_gives_to_a_builder_keep_no_template_from_being_sealed() {
    let server = server().await;
    let (first, tenant) = bakery(&server).await;
    let second = TemplateDatabase::new(&unique()).unwrap();
    let password = secret(BUILDER_PASSWORD);
    server.begin_template(&second, &password).await.unwrap();
    let mut own = connect_tenant(&tenant).await.unwrap();
    let give = format!(
        "CREATE TABLE gift (); GRANT SELECT ON gift TO {}",
        second.name()
    );
    execute(&mut own, &give).await.unwrap();
    drop(own);
    build(&second, SCHEMA).await;
    server.seal_template(&second, &["web"]).await.unwrap();
    assert_eq!(role(second.name()).await, "can do nothing");
    server.drop_tenant(&tenant).await.unwrap();
    for template in [&first, &second] {
        server.drop_template(template).await.unwrap();
        assert_eq!(role(template.name()).await, "gone");
    }
}

#[tokio::test]
async fn a_tenant_that_writes_another_comment_is_dropped_all_the_same() {
    let server = server().await;
    let hostile = Hostile::new(&server).await;
    let tenant = &hostile.tenant;
    let mut own = connect_tenant(tenant).await.unwrap();
    let sql = format!("COMMENT ON DATABASE {} IS 'mine'", tenant.name());
    execute(&mut own, &sql).await.unwrap();
    drop(own);
    server.drop_tenant(tenant).await.unwrap();
    assert_eq!(role(tenant.name()).await, "gone");
    assert_eq!(server.database(tenant).await.unwrap(), Database::Absent);
    hostile.clean(&server).await;
}

/// A session of the tenant's that holds the lock `on` something. Whoever else wants it has those
/// ended that wait for it, too.
async fn lock(tenant: &TenantDatabase, on: &str) -> PgConnection {
    let take = format!("SELECT pg_advisory_lock(hashtextextended('tenantry/{on}', 0))");
    loop {
        let mut session = connect("postgres", tenant.name(), TENANT_PASSWORD)
            .await
            .unwrap();
        if execute(&mut session, &take).await.is_ok() {
            return session;
        }
    }
}

#[tokio::test]
async fn a_lock_that_a_tenant_takes_holds_nobody_up() {
    let server = server().await;
    let hostile = Hostile::new(&server).await;
    let mut held = Vec::new();
    for on in [hostile.victim.name(), "prepare"] {
        held.push(lock(&hostile.tenant, on).await);
    }
    server.drop_tenant(&hostile.victim).await.unwrap();
    server.prepare().await.unwrap();
    for mut elsewhere in held {
        assert!(execute(&mut elsewhere, "SELECT 1").await.is_err());
    }
    hostile.clean(&server).await;
}
