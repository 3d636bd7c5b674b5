//! Each way to fail has a name of its own.

use std::time::{Duration, Instant};

use tenantry_database::{Endpoint, Error, Limits, Login, Server, TemplateDatabase, Tls};

use crate::support::{
    assert_no_secret, endpoint, identity, login, provision, sealed_template, server, tenant, unique,
};

#[tokio::test]
async fn nobody_listening_is_unreachable_and_said_at_once() {
    let endpoint = Endpoint {
        host: "127.0.0.1".to_owned(),
        port: 1,
        tls: Tls::Disabled,
    };
    let begun = Instant::now();
    let error = Server::connect(endpoint, &login(), Limits::default())
        .prepare()
        .await
        .unwrap_err();
    assert_eq!(error.category(), "DatabaseUnreachable");
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_no_secret(&error);
}

#[tokio::test]
async fn wrong_password_is_an_authentication_error() {
    let login = Login {
        user: login().user,
        password: "not-the-password".into(),
    };
    let error = Server::connect(endpoint(), &login, Limits::default())
        .prepare()
        .await
        .unwrap_err();
    assert_eq!(error.category(), "DatabaseLoginRefused");
    assert!(!format!("{error:?}").contains("not-the-password"));
}

#[tokio::test]
async fn our_own_connections_in_use_are_not_told_as_the_servers() {
    let limits = Limits {
        connections: 0,
        turn: Duration::from_millis(50),
        ..Limits::default()
    };
    let error = Server::connect(endpoint(), &login(), limits)
        .prepare()
        .await
        .unwrap_err();
    assert_eq!(error.category(), "DatabaseQueued");
}

#[tokio::test]
async fn missing_template_leaves_nothing_behind() {
    let server = server().await;
    let template = TemplateDatabase::new(&unique()).unwrap();
    let tenant = tenant();
    let error = provision(&server, &tenant, &template, &identity("bakery"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TemplateMissing { .. }), "{error:?}");
    server.drop_tenant(&tenant).await.unwrap();
}

#[tokio::test]
async fn language_the_template_lacks_is_refused_and_can_be_put_right() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant();
    let mut wish = identity("bakery");
    wish.language = Some("de_DE".to_owned());
    let error = provision(&server, &tenant, &template, &wish)
        .await
        .unwrap_err();
    assert!(matches!(&error, Error::Identity { problem, .. } if problem.contains("de_DE")));
    wish.language = None;
    provision(&server, &tenant, &template, &wish).await.unwrap();
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}

#[tokio::test]
async fn preparing_is_idempotent() {
    let server = server().await;
    let prepare = async || {
        let mut found = server.prepare().await.unwrap();
        // Other tests make databases like that meanwhile.
        found.open_to_everyone.clear();
        found
    };
    let first = prepare().await;
    assert_eq!(prepare().await, first);
    assert!(first.version >= 170_000);
}
