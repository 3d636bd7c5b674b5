//! The administrator logs in with the generated password, and nobody else does.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hyper::StatusCode;
use tenantry_tests::{Browser, with_partner};
use tokio::time::{Instant, sleep};

const SECRET: &str = "odoo-administrator";
/// How long after `Serving` websockets may be refused.
const RECONNECTING: Duration = Duration::from_mins(2);
const RETRY: Duration = Duration::from_millis(250);

#[tokio::test]
async fn the_generated_password_logs_in_and_the_usual_ones_do_not() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let hostname = partner.hostname("shop");
        let login = partner.secret("shop", SECRET, "login").await?;
        let password = partner.secret("shop", SECRET, "password").await?;
        ensure!(login == "owner@shop.example", "{login}");
        ensure!(
            password.len() >= 20,
            "a password of {} characters",
            password.len()
        );

        let browser = || Browser::new(&partner.environment, &hostname);
        let known = browser().log_in(&login, &password).await?;
        ensure!(known, "the generated password is refused");
        for (login, password) in [
            ("admin", "admin"),
            (login.as_str(), "admin"),
            (login.as_str(), ""),
            ("admin", password.as_str()),
            ("demo", "demo"),
        ] {
            let known = browser().log_in(login, password).await?;
            ensure!(!known, "{login} logs in with {password:?}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn websockets_pass_the_ingress() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let hostname = partner.hostname("shop");
        let mut browser = Browser::new(&partner.environment, &hostname);
        let begin = Instant::now();
        let mut status = browser.upgrade("/websocket").await?;
        // Odoo's process for websockets starts after the others; browsers try again, too.
        while status == StatusCode::SERVICE_UNAVAILABLE && begin.elapsed() < RECONNECTING {
            sleep(RETRY).await;
            status = browser.upgrade("/websocket").await?;
        }
        ensure!(status == StatusCode::SWITCHING_PROTOCOLS, "{status}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_database_manager_is_closed() -> Result<()> {
    with_partner(async |partner| {
        let tenant = partner.serving_tenant("shop").await?;
        let status = tenant.status.context("no status")?;
        let database = status.placement.context("no placement")?.database;
        let hostname = partner.hostname("shop");
        let mut browser = Browser::new(&partner.environment, &hostname);
        for path in ["/web/database/manager", "/web/database/selector"] {
            let answer = browser.get(path).await?;
            ensure!(!answer.body.contains(&database), "{path} tells {database}");
        }
        let list = browser.call("/web/database/list").await?;
        ensure!(
            list["error"]["data"]["message"] == "Access Denied",
            "{list}"
        );
        for action in ["create", "duplicate", "drop", "backup", "change_password"] {
            let path = format!("/web/database/{action}");
            let fields = [
                ("master_pwd", "admin"),
                ("master_pwd_new", "mine"),
                ("name", database.as_str()),
                ("new_name", "another"),
                ("login", "admin"),
                ("password", "admin"),
                ("lang", "en_US"),
            ];
            let answer = browser.submit(&path, &fields).await?;
            ensure!(!answer.status.is_redirection(), "{path}: {answer:?}");
            let refused = answer.status == StatusCode::FORBIDDEN
                || answer.body.contains("Access Denied")
                || answer.body.contains("disabled by the administrator");
            ensure!(refused, "{path}: {answer:?}");
        }
        Ok(())
    })
    .await
}
