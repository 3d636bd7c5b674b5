//! A hostname belongs to one tenant, whoever asks and however often.
//!
//! The tenants of these tests wait for a database server that does not exist: they claim their
//! hostnames, and nothing is built for them.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::future::{try_join, try_join_all};
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::json;
use tenantry_crd::{Blueprint, HostnameClaim, Partner, Tenant, claim_name};
use tenantry_tests::{
    Environment, TestPartner, audit, condition, delete_unused, false_for, gone, until, with_partner,
};

const PATIENCE: Duration = Duration::from_secs(30);
const RACES: u32 = 20;
/// How often a tenant is looked at again while its claims are counted.
const CHANGES: u32 = 10;

/// Runs `test` with a partner and a blueprint by which nothing is built.
async fn with_nothing_built(test: impl AsyncFnOnce(&TestPartner) -> Result<()>) -> Result<()> {
    with_partner(async |partner| {
        let blueprints: Api<Blueprint> = Api::all(partner.environment.kube.clone());
        let blueprint = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Blueprint",
            "metadata": {"name": partner.name},
            "spec": {
                "databaseServer": "nowhere",
                "sizes": {"small": {
                    "workers": 2, "cpu": "100m", "memory": "512Mi", "memoryLimit": "2Gi",
                    "storage": "2Gi",
                }},
                "channels": {"stable": "odoo-19"},
            },
        }))?;
        blueprints
            .create(&PostParams::default(), &blueprint)
            .await?;
        let outcome = test(partner).await;
        // Nothing could drop the databases that the partner's own removal would ask for.
        let removed = remove_all(partner).await;
        delete_unused(&blueprints, &partner.name, PATIENCE).await?;
        outcome.and(removed)
    })
    .await
}

async fn remove_all(partner: &TestPartner) -> Result<()> {
    let tenants = partner.tenants().list(&ListParams::default()).await?;
    let names: Vec<_> = tenants.iter().map(ResourceExt::name_any).collect();
    let removals = names.iter().map(|name| partner.delete_tenant(name));
    try_join_all(removals).await.map(drop)
}

/// Creates a tenant that wants `hostnames`.
async fn create(partner: &TestPartner, name: &str, hostnames: &[String]) -> Result<Tenant> {
    let mut manifest = partner.manifest(name);
    manifest["spec"]["blueprint"] = json!(partner.name);
    manifest["spec"]["hostnames"] = json!(hostnames);
    manifest["spec"]["deletion"] = json!(null);
    let tenant = serde_json::from_value(manifest)?;
    let create = PostParams::default();
    Ok(partner.tenants().create(&create, &tenant).await?)
}

fn claims(environment: &Environment) -> Api<HostnameClaim> {
    Api::all(environment.kube.clone())
}

fn name_of_claim(hostname: &str) -> Result<String> {
    Ok(claim_name(&hostname.parse()?))
}

/// Waits until a tenant other than `except` has `hostname`, and tells which.
async fn holder(partner: &TestPartner, hostname: &str, except: &str) -> Result<String> {
    let name = name_of_claim(hostname)?;
    let held = |claim: Option<&HostnameClaim>| {
        let holder = claim.map(|claim| claim.spec.tenant.clone());
        let another = holder.filter(|holder| holder != except);
        another.ok_or_else(|| format!("not held by another than {except:?}"))
    };
    until(&claims(&partner.environment), &name, PATIENCE, held).await
}

/// Waits until the tenant `name` is refused, and tells with which words.
async fn refusal(partner: &TestPartner, name: &str) -> Result<String> {
    let refused = false_for("Accepted", "HostnameTaken");
    until(&partner.tenants(), name, PATIENCE, refused).await?;
    let status = partner.tenants().get(name).await?.status;
    let conditions = status.context("no status")?.conditions;
    let accepted = conditions.into_iter().find(|c| c.type_ == "Accepted");
    Ok(accepted.context("no condition Accepted")?.message)
}

async fn accepted(partner: &TestPartner, name: &str) -> Result<()> {
    let accepted = condition("Accepted", "True");
    until(&partner.tenants(), name, PATIENCE, accepted).await?;
    Ok(())
}

/// Two tenants want `hostname` at once; then the winner goes.
async fn race(partner: &TestPartner, round: u32) -> Result<()> {
    let wanted = [partner.hostname(&format!("race{round}"))];
    let names = ["one", "two"].map(|name| format!("{name}{round}"));
    try_join(
        create(partner, &names[0], &wanted),
        create(partner, &names[1], &wanted),
    )
    .await?;
    let winner = holder(partner, &wanted[0], "").await?;
    let loser = names.iter().find(|name| **name != winner);
    let loser = loser.context("both won")?;
    let told = refusal(partner, loser).await?;
    ensure!(told.contains(&winner), "{told} does not name {winner}");
    accepted(partner, &winner).await?;

    partner.delete_tenant(&winner).await?;
    let heir = holder(partner, &wanted[0], &winner).await?;
    ensure!(heir == *loser, "{heir} came after {winner}");
    accepted(partner, loser).await?;

    partner.delete_tenant(loser).await?;
    let name = name_of_claim(&wanted[0])?;
    until(&claims(&partner.environment), &name, PATIENCE, gone).await
}

#[tokio::test]
async fn of_two_that_race_for_a_hostname_one_wins_and_the_other_comes_after_it() -> Result<()> {
    with_nothing_built(async |partner| {
        for round in 0..RACES {
            race(partner, round)
                .await
                .with_context(|| format!("race {round}"))?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn two_that_want_the_same_hostnames_in_opposite_order_do_not_hold_each_other_up() -> Result<()>
{
    with_nothing_built(async |partner| {
        for round in 0..RACES {
            let [a, b] = ["a", "b"].map(|name| partner.hostname(&format!("{name}{round}")));
            let names = ["one", "two"].map(|name| format!("{name}{round}"));
            try_join(
                create(partner, &names[0], &[a.clone(), b.clone()]),
                create(partner, &names[1], &[b.clone(), a.clone()]),
            )
            .await?;
            let winner = holder(partner, &a, "").await?;
            let loser = names.iter().find(|name| **name != winner);
            refusal(partner, loser.context("both won")?).await?;
            let other = holder(partner, &b, "").await?;
            ensure!(other == winner, "{winner} and {other} have one each");
            accepted(partner, &winner).await?;
            remove_all(partner).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_tenant_that_is_refused_holds_nothing() -> Result<()> {
    with_nothing_built(async |partner| {
        let [taken, free] = ["taken", "free"].map(|name| partner.hostname(name));
        create(partner, "first", std::slice::from_ref(&taken)).await?;
        accepted(partner, "first").await?;
        create(partner, "second", &[free.clone(), taken]).await?;
        refusal(partner, "second").await?;
        let held = claims(&partner.environment)
            .get_opt(&name_of_claim(&free)?)
            .await?;
        ensure!(held.is_none(), "{held:?}");
        create(partner, "third", std::slice::from_ref(&free)).await?;
        accepted(partner, "third").await
    })
    .await
}

#[tokio::test]
async fn a_hostname_that_leaves_a_spec_is_free_for_others() -> Result<()> {
    with_nothing_built(async |partner| {
        let [first, second] = ["first", "second"].map(|name| partner.hostname(name));
        create(partner, "one", std::slice::from_ref(&first)).await?;
        accepted(partner, "one").await?;
        create(partner, "two", std::slice::from_ref(&first)).await?;
        refusal(partner, "two").await?;
        let moved = json!({"spec": {"hostnames": [second]}});
        partner
            .tenants()
            .patch("one", &PatchParams::default(), &Patch::Merge(moved))
            .await?;
        accepted(partner, "two").await?;
        ensure!(holder(partner, &first, "one").await? == "two");
        ensure!(holder(partner, &second, "").await? == "one");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_partner_hears_nothing_but_that_a_hostname_is_taken() -> Result<()> {
    with_nothing_built(async |owner| {
        let wanted = [owner.hostname("shop")];
        create(owner, "secret-project", &wanted).await?;
        accepted(owner, "secret-project").await?;
        with_nothing_built(async |other| {
            let partners: Api<Partner> = Api::all(other.environment.kube.clone());
            let domains = json!({"spec": {"domains": [other.domain(), owner.domain()]}});
            partners
                .patch(&other.name, &PatchParams::default(), &Patch::Merge(domains))
                .await?;
            create(other, "shop", &wanted).await?;
            let told = refusal(other, "shop").await?;
            ensure!(told.contains("is taken"), "{told}");
            ensure!(!told.contains("secret-project"), "{told}");
            Ok(())
        })
        .await
    })
    .await
}

#[tokio::test]
async fn a_claim_of_nobody_is_removed_by_whoever_wants_its_hostname() -> Result<()> {
    with_nothing_built(async |partner| {
        let wanted = [partner.hostname("shop")];
        let left_over = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Hostname",
            "metadata": {"name": name_of_claim(&wanted[0])?},
            "spec": {
                "hostname": wanted[0],
                "partner": partner.name,
                "tenant": "long-gone",
                "tenantId": "0000000000000000",
            },
        }))?;
        claims(&partner.environment)
            .create(&PostParams::default(), &left_over)
            .await?;
        create(partner, "shop", &wanted).await?;
        accepted(partner, "shop").await?;
        ensure!(holder(partner, &wanted[0], "long-gone").await? == "shop");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_claim_is_written_once_however_often_its_tenant_is_looked_at() -> Result<()> {
    with_nothing_built(async |partner| {
        let log = audit::Log::from_now()?;
        let wanted = ["a", "b", "c"].map(|name| partner.hostname(name));
        create(partner, "shop", &wanted).await?;
        accepted(partner, "shop").await?;
        for change in 0..CHANGES {
            let spec = json!({"spec": {"displayName": format!("Shop {change}")}});
            partner
                .tenants()
                .patch("shop", &PatchParams::default(), &Patch::Merge(spec))
                .await?;
            accepted(partner, "shop").await?;
        }
        let mut names = Vec::new();
        for hostname in &wanted {
            names.push(name_of_claim(hostname)?);
        }
        let requests = log.requests()?;
        let mut written: Vec<_> = requests
            .iter()
            .filter(|request| request.is_write() && request.response_status.code < 400)
            .filter(|request| request.object_ref.resource == "hostnames")
            .filter(|request| names.contains(&request.object_ref.name))
            .map(|request| (request.object_ref.name.clone(), request.verb.as_str()))
            .collect();
        written.sort();
        names.sort();
        let once: Vec<_> = names.into_iter().map(|name| (name, "create")).collect();
        ensure!(written == once, "{written:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_claim_never_changes() -> Result<()> {
    with_nothing_built(async |partner| {
        let wanted = [partner.hostname("shop")];
        create(partner, "shop", &wanted).await?;
        holder(partner, &wanted[0], "").await?;
        let moved = json!({"spec": {"tenant": "another"}});
        let refused = claims(&partner.environment)
            .patch(
                &name_of_claim(&wanted[0])?,
                &PatchParams::default(),
                &Patch::Merge(moved),
            )
            .await;
        let Err(kube::Error::Api(status)) = refused else {
            anyhow::bail!("not refused: {refused:?}");
        };
        ensure!(
            status.message.contains("a claim is immutable"),
            "{status:?}"
        );
        Ok(())
    })
    .await
}
