//! Generated passwords are in their Secrets and in their databases, and nowhere else.

use anyhow::{Result, ensure};
use tenantry_tests::{kubectl, with_partner};

#[tokio::test]
async fn no_generated_password_is_told_anywhere() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let namespace = partner.tenant_namespace("shop");
        let mut places = Vec::new();
        let kinds =
            "configmaps,events,tenants,partners,databaseservers,deployments,pods,jobs,ingresses";
        for arguments in [
            &["get", kinds, "--all-namespaces", "--output=json"][..],
            &[
                "logs",
                "--namespace=tenantry-system",
                "deployment/tenantryd",
            ],
            &["logs", "--namespace", &namespace, "deployment/odoo"],
        ] {
            places.push((arguments.join(" "), kubectl(arguments, "").await?.text()?));
        }
        for secret in ["odoo-administrator", "odoo-database"] {
            let password = partner.secret("shop", secret, "password").await?;
            for (place, text) in &places {
                ensure!(!text.is_empty(), "kubectl {place} says nothing");
                ensure!(
                    !text.contains(&password),
                    "{secret} is told by kubectl {place}"
                );
            }
        }
        let token = &partner.environment.token;
        for (place, text) in &places {
            ensure!(
                !text.contains(token.as_str()),
                "the token is told by kubectl {place}"
            );
        }
        Ok(())
    })
    .await
}
