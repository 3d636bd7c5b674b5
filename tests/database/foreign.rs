//! What exists under our names and is not ours is left alone.

use tenantry_database::{Database, Error, TemplateDatabase, TenantDatabase};

use crate::support::{
    BUILDER_PASSWORD, administrator, bakery, execute, identity, provision, sealed_template, secret,
    server, tenant, text, unique,
};

#[tokio::test]
async fn foreign_database_is_refused_and_survives() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let mut administrator = administrator().await;
    for comment in [
        "NULL",
        "'production, do not touch'",
        r#"'{"v":1,"tenantId":"else","phase":"Ready"}'"#,
    ] {
        let tenant = tenant();
        let name = tenant.name();
        execute(&mut administrator, &format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        let sql = format!("COMMENT ON DATABASE {name} IS {comment}");
        execute(&mut administrator, &sql).await.unwrap();

        let provisioned = provision(&server, &tenant, &template, &identity("bakery")).await;
        assert!(
            matches!(
                provisioned,
                Err(Error::Foreign {
                    kind: "database",
                    ..
                })
            ),
            "{provisioned:?}"
        );
        let dropped = server.drop_tenant(&tenant).await;
        assert!(matches!(dropped, Err(Error::Foreign { .. })), "{dropped:?}");
        let read = server.database(&tenant).await;
        assert!(matches!(read, Err(Error::Foreign { .. })), "{read:?}");

        let query = format!("SELECT count(*)::text FROM pg_database WHERE datname = '{name}'");
        assert_eq!(text(&mut administrator, &query).await, "1");
        execute(&mut administrator, &format!("DROP DATABASE {name}"))
            .await
            .unwrap();
    }
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn foreign_role_is_refused_and_survives() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant();
    let mut administrator = administrator().await;
    execute(
        &mut administrator,
        &format!("CREATE ROLE {}", tenant.name()),
    )
    .await
    .unwrap();
    let provisioned = provision(&server, &tenant, &template, &identity("bakery")).await;
    assert!(
        matches!(provisioned, Err(Error::Foreign { kind: "role", .. })),
        "{provisioned:?}"
    );
    assert!(matches!(
        server.drop_tenant(&tenant).await,
        Err(Error::Foreign { .. })
    ));
    execute(&mut administrator, &format!("DROP ROLE {}", tenant.name()))
        .await
        .unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn foreign_template_is_refused() {
    let server = server().await;
    let template = TemplateDatabase::new(&unique()).unwrap();
    let mut administrator = administrator().await;
    execute(
        &mut administrator,
        &format!("CREATE DATABASE {}", template.name()),
    )
    .await
    .unwrap();
    let begun = server
        .begin_template(&template, &secret(BUILDER_PASSWORD))
        .await;
    assert!(matches!(begun, Err(Error::Foreign { .. })), "{begun:?}");
    assert!(matches!(
        server.drop_template(&template).await,
        Err(Error::Foreign { .. })
    ));
    execute(
        &mut administrator,
        &format!("DROP DATABASE {}", template.name()),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn dropping_is_idempotent_and_complete() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    // Open sessions, and something left in the maintenance database, do not keep it.
    let mut own = crate::support::connect_tenant(&tenant).await.unwrap();
    let password = crate::support::TENANT_PASSWORD;
    let mut listening = crate::support::connect("postgres", tenant.name(), password)
        .await
        .unwrap();
    execute(&mut listening, "LISTEN imbus; SELECT lo_create(0)")
        .await
        .unwrap();

    server.drop_tenant(&tenant).await.unwrap();
    server.drop_tenant(&tenant).await.unwrap();
    assert_eq!(server.database(&tenant).await.unwrap(), Database::Absent);
    assert!(execute(&mut own, "SELECT 1").await.is_err());
    let name = tenant.name();
    let left = format!(
        "SELECT (SELECT count(*) FROM pg_roles WHERE rolname = '{name}')
              + (SELECT count(*) FROM pg_database WHERE datname = '{name}') || ''"
    );
    assert_eq!(text(&mut administrator().await, &left).await, "0");
    let never = TenantDatabase::new(&unique()).unwrap();
    server.drop_tenant(&never).await.unwrap();
    server.drop_template(&template).await.unwrap();
}
