//! The administrator logs in with the generated password, and nobody else does.

use anyhow::{Result, ensure};
use hyper::StatusCode;
use tenantry_tests::{Browser, with_partner};

const SECRET: &str = "odoo-administrator";

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
        let status = browser.upgrade("/websocket").await?;
        ensure!(status == StatusCode::SWITCHING_PROTOCOLS, "{status}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_database_manager_is_closed() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let hostname = partner.hostname("shop");
        for path in ["/web/database/manager", "/web/database/selector"] {
            let answer = Browser::new(&partner.environment, &hostname)
                .get(path)
                .await?;
            let offered = answer.body.contains("master_pwd") || answer.body.contains("t_");
            ensure!(
                !offered || answer.status != StatusCode::OK,
                "{path}: {}",
                answer.body
            );
        }
        Ok(())
    })
    .await
}
