//! A database server that has no connection left, no room, or is away: it is told as that, and
//! tenants are well again by themselves when it is.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Probe;
use tenantry_tests::{
    Postgresql, TestPartner, condition, kubectl, until, with_partner, with_postgresql,
};
use tokio::time::{Instant, sleep};

use crate::external::create_tenant;
use crate::story::{explains_itself, falls_sick, is_told_to_recover, is_told_to_serve};

/// How long a tenant may go on to be told to serve whose database is away.
const TOLD: Duration = Duration::from_mins(2);
const RETRY: Duration = Duration::from_secs(1);
/// What a clone needs is more than this leaves.
const LEFT_BYTES: u64 = 4 << 20;
const WORDS: &str = "database server";

async fn told(partner: &TestPartner, tenant: &str, reason: &str) -> Result<()> {
    falls_sick(partner, tenant, "DatabaseReady", reason, WORDS).await?;
    explains_itself(partner, tenant, reason, WORDS).await
}

async fn without_connections(server: &Postgresql, partner: &TestPartner) -> Result<()> {
    let sessions = server.take_all_connections().await?;
    create_tenant(server, partner, "crowded").await?;
    told(partner, "crowded", "DatabaseOutOfConnections").await?;
    drop(sessions);
    is_told_to_serve(partner, "crowded").await
}

async fn without_room(server: &Postgresql, partner: &TestPartner) -> Result<()> {
    server.fill_disk(LEFT_BYTES).await?;
    create_tenant(server, partner, "cramped").await?;
    let seen = told(partner, "cramped", "DatabaseDiskFull").await;
    // Or what there is on the server could not be removed.
    server.free_disk().await?;
    seen?;
    is_told_to_serve(partner, "cramped").await
}

/// Odoo is not restarted for it: that would not bring PostgreSQL back.
async fn away(server: &Postgresql, partner: &TestPartner) -> Result<()> {
    partner.runs("crowded").await?;
    let pods = partner.pods_of("crowded").await?;
    let restarts: Vec<_> = pods.values().collect();
    ensure!(restarts == [&0], "before: {pods:?}");
    server.stop().await?;
    let seen = while_away(partner, &pods).await;
    server.go_on().await?;
    seen?;
    is_told_to_recover(partner, "crowded").await?;
    partner.runs("crowded").await?;
    let now = partner.pods_of("crowded").await?;
    ensure!(now == pods, "after it was away, {pods:?} became {now:?}");
    Ok(())
}

async fn while_away(partner: &TestPartner, pods: &BTreeMap<String, i32>) -> Result<()> {
    for kind in ["Serving", "Ready"] {
        let is_false = condition(kind, "False");
        until(&partner.tenants(), "crowded", TOLD, is_false).await?;
    }
    told(partner, "crowded", "DatabaseUnreachable").await?;
    probes_tell_it_apart(partner, "crowded").await?;
    let now = partner.pods_of("crowded").await?;
    ensure!(now == *pods, "while it is away, {pods:?} became {now:?}");
    Ok(())
}

/// Waits until the pod is not ready, and alive: the kubelet would not restart it, however long the
/// database is away.
async fn probes_tell_it_apart(partner: &TestPartner, tenant: &str) -> Result<()> {
    let deployment = partner.objects_of::<Deployment>(tenant).get("odoo").await?;
    let spec = deployment.spec.and_then(|spec| spec.template.spec);
    let container = spec.and_then(|spec| spec.containers.into_iter().next());
    let container = container.context("no container")?;
    let path = |probe: Option<Probe>| probe?.http_get?.path;
    let alive = path(container.liveness_probe).context("no liveness probe")?;
    let ready = path(container.readiness_probe).context("no readiness probe")?;
    let deadline = Instant::now() + TOLD;
    loop {
        let answers = (
            answer(partner, tenant, &alive).await?,
            answer(partner, tenant, &ready).await?,
        );
        if answers.0 == "200" && answers.1 != "200" {
            return Ok(());
        }
        ensure!(
            Instant::now() < deadline,
            "{alive} and {ready} answer {answers:?}"
        );
        sleep(RETRY).await;
    }
}

/// What Odoo answers to a probe of this path, asked inside its pod.
async fn answer(partner: &TestPartner, tenant: &str, path: &str) -> Result<String> {
    let ask = format!(
        "import urllib.request, urllib.error
try:
    print(urllib.request.urlopen('http://127.0.0.1:8069{path}', timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
except Exception as error:
    print(error)
"
    );
    let namespace = partner.tenant_namespace(tenant);
    let exec = ["exec", "--namespace", &namespace, "deployment/odoo", "--"];
    let ask = [&exec[..], &["python3", "-c", &ask]].concat();
    Ok(kubectl(&ask, "").await?.text()?.trim().to_owned())
}

#[tokio::test]
async fn a_server_that_is_full_crowded_or_away_is_told_as_that_and_tenants_recover() -> Result<()> {
    with_postgresql(async |server| {
        server.register(server.manifest()).await?;
        server.create_blueprint().await?;
        with_partner(async |partner| {
            create_tenant(server, partner, "first").await?;
            is_told_to_serve(partner, "first").await?;
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
