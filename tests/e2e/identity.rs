//! Clones of one template are different tenants.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use tenantry_tests::{TestPartner, query, with_partner};

const PARAMETERS: [&str; 3] = ["database.uuid", "database.secret", "web.base.url"];

/// What no other tenant may have, by name.
async fn identity(partner: &TestPartner, name: &str) -> Result<Vec<(String, String)>> {
    let tenant = partner.serving(name).await?;
    let status = tenant.status.context("no status")?;
    let database = status.placement.context("no placement")?.database;
    let mut identity = vec![("tenantId".into(), status.tenant_id.context("no id")?)];
    for parameter in PARAMETERS {
        let select = format!("SELECT value FROM ir_config_parameter WHERE key = '{parameter}'");
        identity.push((parameter.into(), query(&database, &select).await?));
    }
    let hash = "SELECT password FROM res_users WHERE id = 2";
    identity.push(("administrator's hash".into(), query(&database, hash).await?));
    for secret in ["odoo-administrator", "odoo-database"] {
        identity.push((
            secret.into(),
            partner.secret(name, secret, "password").await?,
        ));
    }
    Ok(identity)
}

#[tokio::test]
async fn two_clones_share_no_identity_and_no_secret() -> Result<()> {
    with_partner(async |partner| {
        partner.create_tenant("one").await?;
        partner.create_tenant("two").await?;
        let one = identity(partner, "one").await?;
        let two = identity(partner, "two").await?;
        for ((what, first), (_, second)) in one.iter().zip(&two) {
            ensure!(!first.is_empty(), "there is no {what}");
            ensure!(first != second, "both have the {what} {first}");
        }
        let distinct: BTreeSet<_> = one.iter().map(|(_, value)| value).collect();
        ensure!(
            distinct.len() == one.len(),
            "two secrets of a tenant are the same"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_tenants_role_reaches_its_own_database_only() -> Result<()> {
    with_partner(async |partner| {
        partner.create_tenant("one").await?;
        partner.create_tenant("two").await?;
        let mut databases = Vec::new();
        for name in ["one", "two"] {
            let status = partner.serving(name).await?.status.context("no status")?;
            databases.push(status.placement.context("no placement")?.database);
        }
        for role in &databases {
            let select = format!(
                "SELECT datname FROM pg_database WHERE datallowconn AND datname LIKE 't\\_%' \
                 AND has_database_privilege('{role}', oid, 'CONNECT')"
            );
            let reached = query("postgres", &select).await?;
            ensure!(&reached == role, "{role} reaches {reached}");
            let select = format!(
                "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles \
                 WHERE rolname = '{role}'"
            );
            let powerful = query("postgres", &select).await?;
            ensure!(powerful == "f", "{role} may do more than it needs");
        }
        Ok(())
    })
    .await
}
