//! What one tenant's login can do to others: nothing.

use tenantry_database::{Server, TemplateDatabase, TenantDatabase};

use crate::support::{
    TENANT_PASSWORD, connect, connect_tenant, execute, identity, provision, sealed_template,
    server, sqlstate, tenant, text,
};

const INSUFFICIENT_PRIVILEGE: &str = "42501";

async fn two_tenants(server: &Server) -> (TemplateDatabase, TenantDatabase, TenantDatabase) {
    let template = sealed_template(server).await;
    let (ours, theirs) = (tenant(), tenant());
    for tenant in [&ours, &theirs] {
        provision(server, tenant, &template, &identity("bakery"))
            .await
            .unwrap();
    }
    (template, ours, theirs)
}

async fn clean(server: &Server, template: &TemplateDatabase, tenants: [&TenantDatabase; 2]) {
    for tenant in tenants {
        server.drop_tenant(tenant).await.unwrap();
    }
    server.drop_template(template).await.unwrap();
}

#[tokio::test]
async fn tenant_connects_to_no_other_database() {
    let server = server().await;
    let (template, ours, theirs) = two_tenants(&server).await;
    for database in [theirs.name(), template.name()] {
        let refused = connect(database, ours.name(), TENANT_PASSWORD)
            .await
            .unwrap_err();
        let code = sqlstate(&refused);
        assert!(
            code == INSUFFICIENT_PRIVILEGE || code == "55000",
            "{database}: {refused}"
        );
    }
    // Odoo listens there.
    connect("postgres", ours.name(), TENANT_PASSWORD)
        .await
        .unwrap();
    clean(&server, &template, [&ours, &theirs]).await;
}

#[tokio::test]
async fn tenant_changes_nothing_outside_its_database() {
    let server = server().await;
    let (template, ours, theirs) = two_tenants(&server).await;
    let mut own = connect_tenant(&ours).await.unwrap();
    let (ours_name, theirs_name, template_name) = (ours.name(), theirs.name(), template.name());
    for statement in [
        "CREATE DATABASE mine".to_owned(),
        "CREATE ROLE mine".to_owned(),
        format!("CREATE DATABASE mine TEMPLATE {theirs_name}"),
        format!("DROP DATABASE {theirs_name}"),
        format!("DROP DATABASE {template_name}"),
        format!("ALTER DATABASE {template_name} WITH ALLOW_CONNECTIONS true"),
        format!("ALTER DATABASE {theirs_name} OWNER TO {ours_name}"),
        format!("ALTER ROLE {theirs_name} PASSWORD 'x'"),
        format!("ALTER ROLE {ours_name} CONNECTION LIMIT 100"),
        format!("ALTER ROLE {ours_name} CREATEDB"),
        format!("GRANT {theirs_name} TO {ours_name}"),
        format!("SET ROLE {theirs_name}"),
        "SET ROLE tenantry_objects".to_owned(),
        "SET ROLE tenantry_templates".to_owned(),
        format!("COMMENT ON DATABASE {theirs_name} IS NULL"),
    ] {
        let refused = execute(&mut own, &statement).await.expect_err(&statement);
        assert_eq!(
            sqlstate(&refused),
            INSUFFICIENT_PRIVILEGE,
            "{statement}: {refused}"
        );
    }
    // These only warn, so what counts is that nothing came of them.
    let statement = format!("REVOKE CONNECT ON DATABASE {theirs_name} FROM {theirs_name}");
    let _ = execute(&mut own, &statement).await;
    connect_tenant(&theirs)
        .await
        .expect("the other tenant still may");
    drop(own);
    clean(&server, &template, [&ours, &theirs]).await;
}

#[tokio::test]
async fn tenant_neither_sees_nor_ends_anothers_queries() {
    let server = server().await;
    let (template, ours, theirs) = two_tenants(&server).await;
    let mut victim = connect_tenant(&theirs).await.unwrap();
    let pid = text(&mut victim, "SELECT pg_backend_pid()::text").await;
    text(&mut victim, "SELECT 'card 4111'").await;
    let mut own = connect_tenant(&ours).await.unwrap();
    let seen = format!("SELECT string_agg(query, ';') FROM pg_stat_activity WHERE pid = {pid}");
    assert_eq!(text(&mut own, &seen).await, "<insufficient privilege>");
    let kill = format!("SELECT pg_terminate_backend({pid})::text");
    let refused = execute(&mut own, &kill).await.unwrap_err();
    assert_eq!(sqlstate(&refused), INSUFFICIENT_PRIVILEGE);
    text(&mut victim, "SELECT 'alive'").await;
    drop((own, victim));
    clean(&server, &template, [&ours, &theirs]).await;
}

#[tokio::test]
async fn tenant_does_in_its_database_what_odoo_does() {
    let server = server().await;
    let (template, ours, theirs) = two_tenants(&server).await;
    let mut own = connect_tenant(&ours).await.unwrap();
    for statement in [
        "ALTER TABLE res_partner ADD COLUMN vat varchar",
        "ALTER TABLE res_partner ADD COLUMN rank serial",
        "CREATE INDEX ON res_partner USING gin (unaccent(name) gin_trgm_ops)",
        "CREATE TABLE sale_order (id serial PRIMARY KEY, partner_id int REFERENCES res_partner ON DELETE CASCADE)",
        "INSERT INTO sale_order (partner_id) VALUES (3)",
        "CREATE VIEW sale_report AS SELECT o.id, p.name FROM sale_order o JOIN res_partner p ON p.id = o.partner_id",
        "SELECT * FROM sale_report",
        "ALTER TABLE ir_cron ADD CONSTRAINT future CHECK (nextcall > '2000-01-01')",
        "INSERT INTO res_partner (name) VALUES ('new')",
        "DELETE FROM res_partner WHERE name = 'new'",
        "TRUNCATE ir_mail_server",
        "DROP TABLE res_users_apikeys",
        "COMMENT ON TABLE res_partner IS 'contacts'",
        "ANALYZE res_partner",
        "CREATE SCHEMA reporting",
        "CREATE TEMPORARY TABLE scratch (id int)",
    ] {
        execute(&mut own, statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    // As Odoo asks for "its" databases.
    let owned = "SELECT string_agg(datname, ' ') FROM pg_database
                 WHERE datdba = (SELECT usesysid FROM pg_user WHERE usename = current_user)";
    assert_eq!(text(&mut own, owned).await, ours.name());
    drop(own);
    clean(&server, &template, [&ours, &theirs]).await;
}

#[tokio::test]
async fn tenant_has_no_more_connections_than_it_was_given() {
    let server = server().await;
    let (template, ours, theirs) = two_tenants(&server).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(connect_tenant(&ours).await.unwrap());
    }
    let refused = connect_tenant(&ours).await.unwrap_err();
    assert_eq!(sqlstate(&refused), "53300");
    connect_tenant(&theirs)
        .await
        .expect("one tenant's limit is not another's");
    drop(held);
    clean(&server, &template, [&ours, &theirs]).await;
}
