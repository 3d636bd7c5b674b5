//! The change of a release: killed after any statement it converges to the updated data or to the
//! data from before, and never to anything in between.

use tenantry_database::{
    Database, Limits, Phase, Result, Server, TemplateDatabase, TenantDatabase,
};

use crate::cut::{Cut, wire};
use crate::support::{
    TENANT_PASSWORD, administrator, assert_no_secret, connect_tenant, endpoint, execute, identity,
    login, provision, sealed_template, secret, server, tenant, text,
};

const STATEMENTS_MAX: u32 = 60;
const COMPANY: &str = "SELECT name FROM res_company";
const BEFORE: &str = "Written before";
const AFTER: &str = "Written by the update";

/// A tenant of its own that has data.
async fn tenant_with_data(server: &Server, template: &TemplateDatabase) -> TenantDatabase {
    let tenant = tenant();
    provision(server, &tenant, template, &identity("bakery"))
        .await
        .unwrap();
    rename(&tenant, BEFORE).await;
    tenant
}

/// Does as the tenant what Odoo's update would do.
async fn rename(tenant: &TenantDatabase, company: &str) {
    let mut own = connect_tenant(tenant).await.unwrap();
    let sql = format!("UPDATE res_company SET name = '{company}'");
    execute(&mut own, &sql).await.unwrap();
    let sql = "UPDATE ir_module_module SET state = 'installed' WHERE name = 'base'";
    execute(&mut own, sql).await.unwrap();
}

async fn company(tenant: &TenantDatabase) -> String {
    text(&mut connect_tenant(tenant).await.unwrap(), COMPANY).await
}

async fn begin(server: &Server, tenant: &TenantDatabase) {
    take(server, Step::Begin, tenant).await.unwrap();
}

async fn look(server: &Server, tenant: &TenantDatabase, odoo_version: &str) -> Vec<String> {
    let password = secret(TENANT_PASSWORD);
    let found = server.update_findings(tenant, &password, odoo_version);
    found.await.unwrap()
}

async fn phase(server: &Server, tenant: &TenantDatabase) -> Option<Phase> {
    match server.database(tenant).await.unwrap() {
        Database::Absent => None,
        Database::Present(found) => Some(found.phase),
    }
}

/// How many databases of the tenant's there are.
async fn databases(tenant: &TenantDatabase) -> String {
    let count = format!(
        "SELECT count(*)::text FROM pg_database WHERE datname LIKE '{}%'",
        tenant.name()
    );
    text(&mut administrator().await, &count).await
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Begin,
    Finish,
    Revert,
}

async fn take(server: &Server, step: Step, tenant: &TenantDatabase) -> Result<()> {
    match step {
        Step::Begin => {
            server
                .begin_release_change(tenant, &secret(TENANT_PASSWORD))
                .await
        }
        Step::Finish => server.finish_release_change(tenant).await,
        Step::Revert => server.revert_release_change(tenant).await,
    }
}

/// Takes the step with the wire cut at every statement in turn, and then again on a whole wire.
/// `prepare` makes the tenant for it, `look` judges what came of it.
async fn cut_everywhere(
    server: &Server,
    step: Step,
    prepare: impl AsyncFn() -> TenantDatabase,
    look: impl AsyncFn(&TenantDatabase, &str),
) {
    for cut in [Cut::Before, Cut::After] {
        for statement in 1.. {
            assert!(statement < STATEMENTS_MAX);
            let at = format!("{step:?} cut {cut:?} statement {statement}");
            let tenant = prepare().await;
            let endpoint = wire(&endpoint(), cut, statement).await;
            let broken = Server::connect(endpoint, &login(), Limits::default());
            let first = take(&broken, step, &tenant).await;
            if let Err(error) = &first {
                assert_no_secret(error);
            }
            while let Err(error) = take(server, step, &tenant).await {
                assert_eq!(error.category(), "Busy", "{at}: {error:?}");
            }
            look(&tenant, &at).await;
            server.drop_tenant(&tenant).await.unwrap();
            assert_eq!(databases(&tenant).await, "0", "{at}");
            if first.is_ok() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn beginning_a_change_converges_from_every_statement() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let prepare = async || tenant_with_data(&server, &template).await;
    cut_everywhere(&server, Step::Begin, prepare, async |tenant, at| {
        assert_eq!(phase(&server, tenant).await, Some(Phase::Updating), "{at}");
        assert_eq!(company(tenant).await, BEFORE, "{at}");
        assert_eq!(databases(tenant).await, "2", "{at}");
        let findings = look(&server, tenant, "19.0").await;
        assert_eq!(findings, ["module base is to upgrade"], "{at}");
    })
    .await;
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn finishing_a_change_converges_from_every_statement() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let prepare = async || {
        let tenant = tenant_with_data(&server, &template).await;
        begin(&server, &tenant).await;
        rename(&tenant, AFTER).await;
        tenant
    };
    cut_everywhere(&server, Step::Finish, prepare, async |tenant, at| {
        assert_eq!(phase(&server, tenant).await, Some(Phase::Ready), "{at}");
        assert_eq!(company(tenant).await, AFTER, "{at}");
        assert_eq!(databases(tenant).await, "1", "{at}");
    })
    .await;
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn the_way_back_converges_from_every_statement() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let prepare = async || {
        let tenant = tenant_with_data(&server, &template).await;
        begin(&server, &tenant).await;
        rename(&tenant, AFTER).await;
        tenant
    };
    cut_everywhere(&server, Step::Revert, prepare, async |tenant, at| {
        assert_eq!(phase(&server, tenant).await, Some(Phase::Ready), "{at}");
        assert_eq!(company(tenant).await, BEFORE, "{at}");
        assert_eq!(databases(tenant).await, "1", "{at}");
    })
    .await;
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_begun_change_can_be_taken_back_from_every_statement() {
    let server = server().await;
    let template = sealed_template(&server).await;
    for cut in [Cut::Before, Cut::After] {
        for statement in 1.. {
            assert!(statement < STATEMENTS_MAX);
            let tenant = tenant_with_data(&server, &template).await;
            let endpoint = wire(&endpoint(), cut, statement).await;
            let broken = Server::connect(endpoint, &login(), Limits::default());
            let begun = take(&broken, Step::Begin, &tenant).await;
            while let Err(error) = server.revert_release_change(&tenant).await {
                assert_eq!(error.category(), "Busy", "{cut:?} {statement}: {error:?}");
            }
            assert_eq!(company(&tenant).await, BEFORE, "{cut:?} {statement}");
            assert_eq!(databases(&tenant).await, "1", "{cut:?} {statement}");
            server.drop_tenant(&tenant).await.unwrap();
            if begun.is_ok() {
                break;
            }
        }
    }
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn an_update_that_did_not_happen_is_found() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant_with_data(&server, &template).await;
    begin(&server, &tenant).await;
    let findings = look(&server, &tenant, "19.0").await;
    assert_eq!(findings, ["module base is to upgrade"]);
    rename(&tenant, AFTER).await;
    let findings = look(&server, &tenant, "19.0").await;
    assert_eq!(findings, Vec::<String>::new());
    let findings = look(&server, &tenant, "20.0").await;
    assert_eq!(findings, ["module base has the version 19.0.1.0"]);
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_database_whose_release_is_changed_is_never_cloned_over() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant_with_data(&server, &template).await;
    begin(&server, &tenant).await;
    let refused = provision(&server, &tenant, &template, &identity("butcher")).await;
    assert_eq!(refused.unwrap_err().category(), "ReleaseChanging");
    assert_eq!(company(&tenant).await, BEFORE);
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn whoever_is_connected_is_cut_off_and_the_copy_is_closed_to_the_tenant() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant_with_data(&server, &template).await;
    let mut own = connect_tenant(&tenant).await.unwrap();
    begin(&server, &tenant).await;
    assert!(execute(&mut own, "SELECT 1").await.is_err());
    let copy = format!("{}_before", tenant.name());
    let refused = crate::support::connect(&copy, tenant.name(), TENANT_PASSWORD);
    assert!(refused.await.is_err());
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn a_change_without_its_copy_is_not_taken_back_and_nothing_is_lost() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant_with_data(&server, &template).await;
    begin(&server, &tenant).await;
    rename(&tenant, AFTER).await;
    let drop = format!("DROP DATABASE \"{}_before\"", tenant.name());
    execute(&mut administrator().await, &drop).await.unwrap();
    let refused = server.revert_release_change(&tenant).await;
    assert_eq!(refused.unwrap_err().category(), "ReleaseChanging");
    assert_eq!(company(&tenant).await, AFTER);
    server.finish_release_change(&tenant).await.unwrap();
    assert_eq!(company(&tenant).await, AFTER);
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}
