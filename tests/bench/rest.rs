//! What a tenant and tenantryd cost while nobody wants anything.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tenantry_tests::{TestPartner, audit, query};

use crate::sample::Rest;
use crate::{machine, ours};

const SETTLING: Duration = Duration::from_secs(20);

pub(crate) async fn measure(partner: &TestPartner, blueprint: &str, seconds: u64) -> Result<Rest> {
    let name = ours::create(partner, "rest", blueprint).await?;
    let tenant = ours::until_told(partner, &name).await?;
    let placement = tenant.status.and_then(|status| status.placement);
    let database = placement.context("no placement")?.database;
    tokio::time::sleep(SETTLING).await;
    let log = audit::Log::from_now()?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let requests = log.requests()?;

    let role = format!("PGUSER={database} ");
    let tenant = machine::proportional_bytes(|_, environment| environment.contains(&role));
    let daemon = machine::resident_bytes(|command, _| {
        command
            .split(' ')
            .next()
            .is_some_and(|program| program.ends_with("tenantryd"))
    });
    ensure!(
        !tenant.is_empty(),
        "the tenant's processes are not on this machine"
    );
    ensure!(
        daemon.len() == 1,
        "{} processes are tenantryd",
        daemon.len()
    );
    let select = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{database}'");
    let connections = query("postgres", &select).await?.parse()?;
    partner.delete_tenant(&name).await?;
    Ok(Rest {
        seconds,
        writes: requests.iter().filter(|request| request.is_write()).count(),
        requests: requests.len(),
        requests_by_kind: audit::count(&requests),
        tenantryd_rss_bytes: daemon.iter().sum(),
        tenant_pss_bytes: tenant.iter().sum(),
        tenant_processes: tenant.len(),
        tenant_connections: connections,
    })
}
