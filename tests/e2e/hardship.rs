//! A database server that has no connection left, no room, or is away: it is told as that, and
//! tenants are well again by themselves when it is.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tenantry_tests::{Postgresql, TestPartner, condition, until, with_partner, with_postgresql};

use crate::external::create_tenant;
use crate::sickness::sick;

const PATIENCE: Duration = Duration::from_mins(10);
/// What a clone needs is more than this leaves.
const LEFT_BYTES: u64 = 4 << 20;

/// Waits until the tenant is told to be sick for `reason`: by what it met itself, or by what was met
/// for its server, whoever looks first.
async fn told(partner: &TestPartner, tenant: &str, reason: &str) -> Result<()> {
    let of_server = format!("which is not ready: {reason}: ");
    until(&partner.tenants(), tenant, PATIENCE, |tenant| {
        sick("DatabaseReady", reason, "database server")(tenant)
            .or_else(|_| sick("DatabaseReady", "DatabaseServerSick", &of_server)(tenant))
    })
    .await
}

async fn serves(partner: &TestPartner, tenant: &str) -> Result<()> {
    let ready = condition("Ready", "True");
    until(&partner.tenants(), tenant, PATIENCE, ready).await?;
    Ok(())
}

async fn without_connections(server: &Postgresql, partner: &TestPartner) -> Result<()> {
    let sessions = server.take_all_connections().await?;
    create_tenant(server, partner, "crowded").await?;
    told(partner, "crowded", "DatabaseOutOfConnections").await?;
    drop(sessions);
    serves(partner, "crowded").await
}

async fn without_room(server: &Postgresql, partner: &TestPartner) -> Result<()> {
    server.fill_disk(LEFT_BYTES).await?;
    create_tenant(server, partner, "cramped").await?;
    let seen = told(partner, "cramped", "DatabaseDiskFull").await;
    // Or what there is on the server could not be removed.
    server.free_disk().await?;
    seen?;
    serves(partner, "cramped").await
}

async fn away(server: &Postgresql, partner: &TestPartner) -> Result<()> {
    server.stop().await?;
    let seen = told(partner, "crowded", "DatabaseUnreachable").await;
    server.go_on().await?;
    seen?;
    serves(partner, "crowded").await
}

#[tokio::test]
async fn a_server_that_is_full_crowded_or_away_is_told_as_that_and_tenants_recover() -> Result<()> {
    with_postgresql(async |server| {
        server.register(server.manifest()).await?;
        server.create_blueprint().await?;
        with_partner(async |partner| {
            create_tenant(server, partner, "first").await?;
            serves(partner, "first").await?;
            without_connections(server, partner)
                .await
                .context("without connections")?;
            without_room(server, partner)
                .await
                .context("without room")?;
            away(server, partner).await.context("away")
        })
        .await
    })
    .await
}
