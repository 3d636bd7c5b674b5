//! What is found of a tenant whose role was changed past Tenantry, and what is set back.

use tenantry_database::{Database, Error, Phase, Tenant, TenantDatabase};

use crate::support::{
    TENANT_PASSWORD, administrator, bakery, connect_tenant, execute, identity, provision, secret,
    server, tenant, text,
};

async fn found(server: &tenantry_database::Server, tenant: &TenantDatabase) -> Tenant {
    match server.database(tenant).await.unwrap() {
        Database::Present(found) => found,
        Database::Absent => panic!("there is no {}", tenant.name()),
    }
}

#[tokio::test]
async fn a_password_that_was_changed_is_rejected_until_it_is_reset_and_no_data_is_touched() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    let right = secret(TENANT_PASSWORD);
    assert!(server.accepts(&tenant, &right).await.unwrap());

    let mut own = connect_tenant(&tenant).await.unwrap();
    execute(&mut own, "INSERT INTO res_partner (name) VALUES ('kept')")
        .await
        .unwrap();
    drop(own);
    let mut administrator = administrator().await;
    let change = format!("ALTER ROLE {} PASSWORD 'something-else'", tenant.name());
    execute(&mut administrator, &change).await.unwrap();
    assert!(!server.accepts(&tenant, &right).await.unwrap());
    assert!(found(&server, &tenant).await.admitted);

    server.reset_password(&tenant, &right).await.unwrap();
    assert!(server.accepts(&tenant, &right).await.unwrap());
    let mut own = connect_tenant(&tenant).await.unwrap();
    let kept = "SELECT count(*)::text FROM res_partner WHERE name = 'kept'";
    assert_eq!(text(&mut own, kept).await, "1");
    drop(own);
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_role_that_may_not_log_in_or_connect_is_told_and_stays_as_it_is() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    let name = tenant.name();
    let mut administrator = administrator().await;
    for (withheld, given) in [
        (
            format!("ALTER ROLE {name} NOLOGIN"),
            format!("ALTER ROLE {name} LOGIN"),
        ),
        (
            format!("REVOKE CONNECT ON DATABASE {name} FROM {name}"),
            format!("GRANT CONNECT ON DATABASE {name} TO {name}"),
        ),
        (
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
            format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"),
        ),
    ] {
        execute(&mut administrator, &withheld).await.unwrap();
        let seen = found(&server, &tenant).await;
        assert!(seen.has_role && !seen.admitted, "{withheld}: {seen:?}");
        assert_eq!(seen.phase, Phase::Ready);
        // Provisioning leaves what was handed over alone.
        provision(&server, &tenant, &template, &identity("bakery"))
            .await
            .unwrap();
        assert!(!found(&server, &tenant).await.admitted, "{withheld}");
        execute(&mut administrator, &given).await.unwrap();
        assert!(found(&server, &tenant).await.admitted, "{given}");
    }
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_role_that_is_not_let_in_has_no_wrong_password() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    let lock = format!("ALTER ROLE {} NOLOGIN", tenant.name());
    execute(&mut administrator().await, &lock).await.unwrap();
    let asked = server.accepts(&tenant, &secret(TENANT_PASSWORD)).await;
    assert!(
        matches!(asked, Err(Error::LoginRefused { .. })),
        "{asked:?}"
    );
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn the_password_of_a_role_that_is_not_there_is_not_reset() {
    let server = server().await;
    let right = secret(TENANT_PASSWORD);
    let error = server.reset_password(&tenant(), &right).await.unwrap_err();
    assert_eq!(error.category(), "Unverified");
}
