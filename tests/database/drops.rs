//! A drop that was cut off is finished, and nobody keeps a database from being dropped.
//!
//! What such a drop leaves is in `pg_database` still, closed, and can be dropped and not altered.

use std::time::Duration;

use sqlx::PgConnection;
use tenantry_database::{Database, Error, Phase, Server, Template};

use crate::interruption::half_cloned;
use crate::support::{
    TENANT_PASSWORD, administrator, assert_served, bakery, connect_tenant, execute, identity,
    provision, provision_in_turn, sealed_template, secret, server, text,
};

const TRIES_MAX: u64 = 400;

/// How a database of that name stands.
async fn state(administrator: &mut PgConnection, database: &str) -> String {
    let query = format!(
        "SELECT coalesce((SELECT CASE WHEN datconnlimit = -2 THEN 'cut off' ELSE 'whole' END
                          FROM pg_database WHERE datname = '{database}'), 'gone')"
    );
    text(administrator, &query).await
}

/// Drops a database and is cut off while the server waits for its checkpoint, as a worker is that
/// dies, or whose statement takes too long.
async fn drop_halfway(database: &str) {
    let mut unhurried = administrator().await;
    for attempt in 0..TRIES_MAX {
        // A connection for one drop: nothing else can be said on it in so short a time.
        let mut hurried = administrator().await;
        let limit = Duration::from_millis(1 + attempt / 10).as_millis();
        let sql = format!("SET statement_timeout = {limit}");
        execute(&mut hurried, &sql).await.unwrap();
        let dropped = execute(&mut hurried, &format!("DROP DATABASE {database}")).await;
        match state(&mut unhurried, database).await.as_str() {
            "cut off" => return,
            "whole" => assert!(dropped.is_err()),
            gone => panic!("{database} is {gone}: it was dropped before it could be cut off"),
        }
    }
    panic!("{database} is whole after {TRIES_MAX} drops that were cut off");
}

async fn phase(server: &Server, tenant: &tenantry_database::TenantDatabase) -> Option<Phase> {
    match server.database(tenant).await.unwrap() {
        Database::Absent => None,
        Database::Present(found) => Some(found.phase),
    }
}

#[tokio::test]
async fn a_cut_off_drop_of_a_tenants_database_is_finished() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    drop_halfway(tenant.name()).await;
    assert_eq!(phase(&server, &tenant).await, Some(Phase::Dropping));
    let refused = provision(&server, &tenant, &template, &identity("bakery")).await;
    assert!(
        matches!(refused, Err(Error::BeingDropped { .. })),
        "{refused:?}"
    );
    server.drop_tenant(&tenant).await.unwrap();
    assert_eq!(server.database(&tenant).await.unwrap(), Database::Absent);
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_cut_off_drop_of_an_unfinished_clone_is_finished_and_it_is_cloned_again() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = half_cloned(&server, &template).await;
    drop_halfway(tenant.name()).await;
    let identity = identity("bakery");
    provision_in_turn(&server, &tenant, &template, &identity)
        .await
        .unwrap();
    assert_served(&tenant, &identity).await;
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_cut_off_drop_of_a_template_is_finished() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let open = format!("ALTER DATABASE {} IS_TEMPLATE false", template.name());
    execute(&mut administrator().await, &open).await.unwrap();
    drop_halfway(template.name()).await;
    assert_eq!(
        server.template(&template).await.unwrap(),
        Template::Dropping
    );
    server.drop_template(&template).await.unwrap();
    assert_eq!(server.template(&template).await.unwrap(), Template::Absent);
}

#[tokio::test]
async fn a_cut_off_drop_on_the_way_back_is_finished_and_the_copy_takes_its_place() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    server
        .begin_release_change(&tenant, &secret(TENANT_PASSWORD))
        .await
        .unwrap();
    drop_halfway(tenant.name()).await;
    server.revert_release_change(&tenant).await.unwrap();
    assert_served(&tenant, &identity("bakery")).await;
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn what_is_left_of_a_copy_takes_nothings_place_and_goes() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    server
        .begin_release_change(&tenant, &secret(TENANT_PASSWORD))
        .await
        .unwrap();
    drop_halfway(&format!("{}_before", tenant.name())).await;
    let refused = server.revert_release_change(&tenant).await;
    assert!(
        matches!(refused, Err(Error::ReleaseChange { .. })),
        "{refused:?}"
    );
    server.finish_release_change(&tenant).await.unwrap();
    assert_served(&tenant, &identity("bakery")).await;
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_tenant_that_makes_its_databases_templates_is_dropped_nevertheless() {
    let server = server().await;
    let (template, tenant) = bakery(&server).await;
    server
        .begin_release_change(&tenant, &secret(TENANT_PASSWORD))
        .await
        .unwrap();
    let mut own = connect_tenant(&tenant).await.unwrap();
    for database in [tenant.name(), &format!("{}_before", tenant.name())] {
        let sql = format!("ALTER DATABASE {database} IS_TEMPLATE true");
        execute(&mut own, &sql).await.unwrap();
    }
    drop(own);
    server.drop_tenant(&tenant).await.unwrap();
    assert_eq!(server.database(&tenant).await.unwrap(), Database::Absent);
    server.drop_template(&template).await.unwrap();
}
