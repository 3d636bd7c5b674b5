//! What a change of a spec does to a tenant that runs.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use k8s_openapi::api::networking::v1::Ingress;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::{Value, json};
use tenantry_tests::{TestPartner, condition, until, with_partner};

const PATIENCE: Duration = Duration::from_secs(90);

async fn pods(partner: &TestPartner) -> Result<Vec<String>> {
    let pods: Api<Pod> = partner.objects_of("shop");
    let list = pods.list(&ListParams::default()).await?;
    Ok(list.items.iter().filter_map(Pod::uid).collect())
}

async fn change(partner: &TestPartner, spec: Value) -> Result<()> {
    let patch = Patch::Merge(json!({"spec": spec}));
    let tenants = partner.tenants();
    tenants
        .patch("shop", &PatchParams::default(), &patch)
        .await?;
    Ok(())
}

#[tokio::test]
async fn names_brand_and_hostnames_change_without_a_restart() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let before = pods(partner).await?;
        let alias = format!("alias.{}", partner.domain());
        let hostnames = [partner.hostname("shop"), alias.clone()];
        change(
            partner,
            json!({"displayName": "Renamed", "brand": {"productName": "Other"}, "hostnames": hostnames}),
        )
        .await?;
        let maps: Api<ConfigMap> = partner.objects_of("shop");
        until(&maps, "branding", PATIENCE, |map| {
            let data = map.and_then(|map| map.data.as_ref());
            let name = data.and_then(|data| data.get("displayName"));
            (name.map(String::as_str) == Some("Renamed"))
                .then_some(())
                .ok_or_else(|| format!("{name:?}"))
        })
        .await?;
        let ingresses: Api<Ingress> = partner.objects_of("shop");
        until(&ingresses, "odoo", PATIENCE, |ingress| {
            let spec = ingress.and_then(|ingress| ingress.spec.as_ref());
            let rules = spec.and_then(|spec| spec.rules.as_ref());
            let hosts: Vec<_> = rules.into_iter().flatten().map(|rule| &rule.host).collect();
            hosts
                .contains(&&Some(alias.clone()))
                .then_some(())
                .ok_or_else(|| format!("{hosts:?}"))
        })
        .await?;
        ensure!(pods(partner).await? == before, "it was restarted");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_larger_size_restarts_it_once_and_it_serves_again() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let before = pods(partner).await?;
        change(
            partner,
            json!({"isolation": {"dedicated": {"size": "medium"}}}),
        )
        .await?;
        let pods_api: Api<Pod> = partner.objects_of("shop");
        let old = pods_api.list(&ListParams::default()).await?.items;
        let old = old.first().context("it has no pod")?.name_any();
        until(&pods_api, &old, PATIENCE, tenantry_tests::gone).await?;
        until(
            &partner.tenants(),
            "shop",
            PATIENCE,
            condition("WorkloadReady", "True"),
        )
        .await?;
        let after = pods(partner).await?;
        ensure!(after.len() == 1 && after != before, "{before:?} {after:?}");
        Ok(())
    })
    .await
}
