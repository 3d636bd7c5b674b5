//! Database servers that somebody else runs: how they are reached, what is said when they cannot
//! be, and a tenant on one.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Service;
use kube::Api;
use kube::api::PostParams;
use serde_json::json;
use tenantry_tests::{
    Authority, Postgresql, TestPartner, condition, false_for, until, with_partner, with_postgresql,
};

const PATIENCE: Duration = Duration::from_mins(2);

/// A partner's tenant on this server.
pub(crate) async fn create_tenant(
    server: &Postgresql,
    partner: &TestPartner,
    name: &str,
) -> Result<()> {
    let mut manifest = partner.manifest(name);
    manifest["spec"]["blueprint"] = json!(server.name);
    partner
        .tenants()
        .create(&PostParams::default(), &serde_json::from_value(manifest)?)
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_verified_server_is_ready_and_one_with_another_authority_is_refused() -> Result<()> {
    with_postgresql(async |server| {
        server.register(server.manifest()).await?;
        server.told("True", "Prepared").await?;
        server.write_authority(&Authority::new()?).await?;
        server.told("False", "DatabaseTlsRefused").await?;
        server.write_authority(&server.authority).await?;
        server.told("True", "Prepared").await
    })
    .await
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() -> Result<()> {
    with_postgresql(async |server| {
        let services: Api<Service> = Api::namespaced(server.environment.kube.clone(), &server.name);
        let service = services.get("postgresql").await?;
        let address = service.spec.and_then(|spec| spec.cluster_ip);
        let mut manifest = server.manifest();
        manifest["spec"]["external"]["host"] = json!(address.context("no address")?);
        server.register(manifest).await?;
        server.told("False", "DatabaseTlsRefused").await
    })
    .await
}

#[tokio::test]
async fn encryption_is_enough_where_no_more_is_required_and_asked_for_where_it_is() -> Result<()> {
    with_postgresql(async |server| {
        server.write_good_login().await?;
        let mut manifest = server.manifest();
        manifest["spec"]["external"]["tls"] = json!({"mode": "Require"});
        server.create(manifest).await?;
        server.told("True", "Prepared").await?;
        // The managed server offers no encryption, and is not spoken to in clear.
        let plain = json!({"spec": {"external": {"host": "postgresql.database-main.svc"}}});
        server.patch(plain).await?;
        server.told("False", "DatabaseTlsRefused").await
    })
    .await
}

#[tokio::test]
async fn a_server_that_wants_encryption_refuses_a_login_without_it() -> Result<()> {
    with_postgresql(async |server| {
        server.write_good_login().await?;
        let mut manifest = server.manifest();
        manifest["spec"]["external"]["tls"] = json!({"mode": "Disabled"});
        server.create(manifest).await?;
        server.told("False", "DatabaseLoginRefused").await
    })
    .await
}

#[tokio::test]
async fn a_login_is_waited_for_and_a_changed_password_is_taken_up() -> Result<()> {
    with_postgresql(async |server| {
        server.write_authority(&server.authority).await?;
        server.create(server.manifest()).await?;
        server.told("False", "CredentialsMissing").await?;
        server.write_login("tenantry", "not-the-password").await?;
        server.told("False", "DatabaseLoginRefused").await?;
        server.write_good_login().await?;
        server.told("True", "Prepared").await
    })
    .await
}

#[tokio::test]
async fn a_login_with_too_few_rights_or_too_many_is_refused() -> Result<()> {
    with_postgresql(async |server| {
        server.write_authority(&server.authority).await?;
        server.create(server.manifest()).await?;
        for (role, reason) in [
            ("mighty", "IsSuperuser"),
            ("without_createdb", "LacksCreateDb"),
            ("without_createrole", "LacksCreateRole"),
        ] {
            server.write_login(role, server.password()).await?;
            server.told("False", reason).await.context(role)?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_tenant_on_an_external_server_serves_and_speaks_to_it_encrypted() -> Result<()> {
    with_postgresql(async |server| {
        server.register(server.manifest()).await?;
        server.create_blueprint().await?;
        with_partner(async |partner| {
            create_tenant(server, partner, "shop").await?;
            let status = partner.serving("shop").await?.status.context("no status")?;
            let database = status.placement.context("no placement")?.database;
            let sessions = format!(
                "SELECT count(*) > 0, bool_and(ssl) FROM pg_stat_ssl \
                 JOIN pg_stat_activity USING (pid) WHERE usename = '{database}'"
            );
            let sessions = server.query("postgres", &sessions).await?;
            ensure!(sessions == "t|t", "sessions, all encrypted: {sessions}");
            let limit = format!("SELECT rolconnlimit FROM pg_roles WHERE rolname = '{database}'");
            let limit = server.query("postgres", &limit).await?;
            ensure!(limit == "45", "its role may have {limit} connections");
            partner.delete_tenant("shop").await?;
            let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
            let left = server.query("postgres", &left).await?;
            ensure!(left == "0", "{database} is left");
            Ok(())
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_tenant_that_does_not_fit_waits_until_another_goes() -> Result<()> {
    with_postgresql(async |server| {
        let mut manifest = server.manifest();
        // 47 are reserved; 53 are enough for one small tenant.
        manifest["spec"]["external"]["maxConnections"] = json!(100);
        server.register(manifest).await?;
        server.create_blueprint().await?;
        with_partner(async |partner| {
            let tenants = partner.tenants();
            create_tenant(server, partner, "first").await?;
            until(&tenants, "first", PATIENCE, condition("Placed", "True")).await?;
            create_tenant(server, partner, "second").await?;
            let refused = false_for("Placed", "DatabaseServerFull");
            until(&tenants, "second", PATIENCE, refused).await?;
            let second = tenants.get("second").await?.status.context("no status")?;
            ensure!(second.placement.is_none(), "it was placed nevertheless");
            until(&server.servers(), &server.name, PATIENCE, |found| {
                let status = found.and_then(|server: &tenantry_crd::DatabaseServer| {
                    server.status.as_ref()?.connections
                });
                (status.is_some_and(|status| (status.allocated, status.tenants) == (45, 1)))
                    .then_some(())
                    .ok_or_else(|| format!("{status:?}"))
            })
            .await?;
            partner.delete_tenant("first").await?;
            until(&tenants, "second", PATIENCE, condition("Placed", "True")).await?;
            Ok(())
        })
        .await
    })
    .await
}

#[tokio::test]
async fn of_tenants_that_come_at_once_no_more_are_placed_than_fit() -> Result<()> {
    with_postgresql(async |server| {
        // The server accepts 200, of which 153 are for tenants: three small ones.
        server.register(server.manifest()).await?;
        server.told("True", "Prepared").await?;
        server.create_blueprint().await?;
        with_partner(async |partner| {
            let names: Vec<String> = (0..8).map(|number| format!("shop{number}")).collect();
            let creations = names
                .iter()
                .map(|name| create_tenant(server, partner, name));
            futures::future::try_join_all(creations).await?;
            let mut placed = 0;
            for name in &names {
                let tenants = partner.tenants();
                let told = until(&tenants, name, PATIENCE, |tenant| {
                    condition("Placed", "True")(tenant)
                        .map(|_| true)
                        .or_else(|_| {
                            false_for("Placed", "DatabaseServerFull")(tenant).map(|()| false)
                        })
                });
                placed += usize::from(told.await?);
            }
            ensure!(placed == 3, "{placed} were placed");
            Ok(())
        })
        .await
    })
    .await
}
