//! A template is sealed only when it is whole, and a sealed one is closed.

use tenantry_database::{Error, Server, Template, TemplateDatabase};

use crate::support::{
    BUILDER_PASSWORD, SCHEMA, administrator, build, connect, identity, provision, sealed_template,
    secret, server, tenant, text, unique,
};

async fn begun(server: &Server) -> TemplateDatabase {
    let template = TemplateDatabase::new(&unique()).unwrap();
    server
        .begin_template(&template, &secret(BUILDER_PASSWORD))
        .await
        .unwrap();
    template
}

#[tokio::test]
async fn half_made_template_is_not_sealed() {
    let server = server().await;
    for (fault, finding) in [
        (
            "UPDATE ir_module_module SET state = 'to install' WHERE name = 'web'",
            "module web is to install",
        ),
        (
            "UPDATE ir_module_module SET state = 'to upgrade' WHERE name = 'sale'",
            "module sale is to upgrade",
        ),
        (
            "UPDATE ir_module_module SET demo = true WHERE name = 'base'",
            "module base has demo data",
        ),
        (
            "DELETE FROM ir_module_module WHERE name = 'web'",
            "module web is unknown",
        ),
        (
            "UPDATE ir_attachment SET store_fname = 'ab/abc'",
            "attachments are in files",
        ),
        (
            "DELETE FROM ir_config_parameter WHERE key = 'tenantry.template'",
            "did not come to its end",
        ),
        (
            "INSERT INTO res_users (login, active) VALUES ('mallory', true)",
            "there is a user mallory",
        ),
        (
            "INSERT INTO res_users_apikeys DEFAULT VALUES",
            "there are API keys: 1",
        ),
        (
            "INSERT INTO ir_mail_server DEFAULT VALUES",
            "there are outgoing mail servers: 1",
        ),
        ("RESET ROLE; SET ROLE NONE; CREATE TEMPORARY TABLE t ()", ""),
    ] {
        let template = begun(&server).await;
        build(&template, SCHEMA).await;
        build(&template, fault).await;
        let sealed = server.seal_template(&template, &["web"]).await;
        if finding.is_empty() {
            assert!(sealed.is_ok(), "{fault}: {sealed:?}");
        } else {
            let Err(Error::TemplateUnfit { findings, .. }) = sealed else {
                panic!("{fault}: {sealed:?}");
            };
            assert!(
                findings.iter().any(|it| it.contains(finding)),
                "{fault}: {findings:?}"
            );
            assert_eq!(
                server.template(&template).await.unwrap(),
                Template::Building
            );
            let cloned = provision(&server, &tenant(), &template, &identity("bakery")).await;
            assert!(
                matches!(cloned, Err(Error::TemplateNotSealed { .. })),
                "{cloned:?}"
            );
        }
        server.drop_template(&template).await.unwrap();
    }
}

#[tokio::test]
async fn empty_template_is_not_sealed_and_may_go_on() {
    let server = server().await;
    let template = begun(&server).await;
    let sealed = server.seal_template(&template, &[]).await;
    assert!(
        matches!(sealed, Err(Error::TemplateUnfit { .. })),
        "{sealed:?}"
    );
    // The builder was not locked out by the look.
    build(&template, SCHEMA).await;
    server.seal_template(&template, &["web"]).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn sealed_template_is_closed_and_can_be_dropped() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let Template::Sealed(seal) = server.template(&template).await.unwrap() else {
        panic!("sealed");
    };
    assert_eq!((seal.modules, seal.bundles), (2, 1));
    assert!(
        connect(template.name(), template.name(), BUILDER_PASSWORD)
            .await
            .is_err()
    );
    let again = server
        .begin_template(&template, &secret(BUILDER_PASSWORD))
        .await;
    assert!(
        matches!(again, Err(Error::TemplateSealed { .. })),
        "{again:?}"
    );
    let again = server.seal_template(&template, &["web"]).await.unwrap();
    assert_eq!(again, seal);
    let query = format!(
        "SELECT concat_ws(' ', datistemplate, datallowconn, pg_get_userbyid(datdba))
         FROM pg_database WHERE datname = '{}'",
        template.name()
    );
    assert_eq!(
        text(&mut administrator().await, &query).await,
        "t f tenantry_templates"
    );
    server.drop_template(&template).await.unwrap();
    server.drop_template(&template).await.unwrap();
    assert_eq!(server.template(&template).await.unwrap(), Template::Absent);
}

#[tokio::test]
async fn builder_reaches_only_its_template() {
    let server = server().await;
    let sealed = sealed_template(&server).await;
    let template = begun(&server).await;
    assert!(
        connect(sealed.name(), template.name(), BUILDER_PASSWORD)
            .await
            .is_err()
    );
    let mut builder = connect(template.name(), template.name(), BUILDER_PASSWORD)
        .await
        .unwrap();
    assert_eq!(
        text(&mut builder, "SELECT current_user::text").await,
        "tenantry_objects"
    );
    let refused = crate::support::execute(&mut builder, "CREATE DATABASE mine").await;
    assert!(refused.is_err());
    drop(builder);
    server.drop_template(&template).await.unwrap();
    server.drop_template(&sealed).await.unwrap();
}

#[tokio::test]
async fn table_that_tenants_could_not_use_is_found() {
    let server = server().await;
    let template = begun(&server).await;
    build(&template, SCHEMA).await;
    let role = template.name();
    let mine = format!(
        "GRANT CREATE ON SCHEMA public TO {role}; SET ROLE {role}; CREATE TABLE mine (id int)"
    );
    let mut builder = connect(role, role, BUILDER_PASSWORD).await.unwrap();
    if crate::support::execute(&mut builder, &mine).await.is_ok() {
        let sealed = server.seal_template(&template, &["web"]).await;
        let Err(Error::TemplateUnfit { findings, .. }) = sealed else {
            panic!("{sealed:?}")
        };
        assert!(
            findings.iter().any(|it| it.starts_with("mine belongs to")),
            "{findings:?}"
        );
    }
    drop(builder);
    server.drop_template(&template).await.unwrap();
}
