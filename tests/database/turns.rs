//! Tenantry's own connections to a server are few: who takes a turn of them, and who waits for whom.

use std::time::Duration;

use tenantry_database::{Database, Limits, Phase, Server, TenantDatabase};

use crate::support::{TENANT_PASSWORD, bakery, endpoint, login, secret, server};

/// A server on which so many may be busy at once.
fn crowded(connections: usize, copies: usize) -> Server {
    let limits = Limits {
        connections,
        copies,
        turn: Duration::from_millis(50),
        ..Limits::default()
    };
    Server::connect(endpoint(), &login(), limits)
}

async fn phase(server: &Server, tenant: &TenantDatabase) -> Option<Phase> {
    match server.database(tenant).await.unwrap() {
        Database::Absent => None,
        Database::Present(found) => Some(found.phase),
    }
}

#[tokio::test]
async fn nobody_waits_for_a_copy_but_other_copies() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    let password = secret(TENANT_PASSWORD);

    let begun = crowded(1, 0).begin_release_change(&tenant, &password).await;
    assert_eq!(begun.unwrap_err().category(), "DatabaseQueued");
    assert_eq!(phase(&server, &tenant).await, Some(Phase::Ready));

    // The copy is made; what is left to do in the database waits for its turn.
    let begun = crowded(0, 1).begin_release_change(&tenant, &password).await;
    assert_eq!(begun.unwrap_err().category(), "DatabaseQueued");
    assert_eq!(phase(&server, &tenant).await, Some(Phase::Updating));

    crowded(1, 1)
        .begin_release_change(&tenant, &password)
        .await
        .unwrap();
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn whoever_comes_into_a_tenants_database_takes_a_turn() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    let password = secret(TENANT_PASSWORD);
    let full = crowded(0, 1);
    let looked = full.accepts(&tenant, &password).await;
    assert_eq!(looked.unwrap_err().category(), "DatabaseQueued");
    let looked = full.update_findings(&tenant, &password, "19.0").await;
    assert_eq!(looked.unwrap_err().category(), "DatabaseQueued");
    assert!(crowded(1, 0).accepts(&tenant, &password).await.unwrap());
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}
