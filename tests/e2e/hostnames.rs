//! Hostnames of tenants that run.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::networking::v1::Ingress;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tenantry_proto::v1alpha1::CreateTenantRequest;
use tenantry_tests::{Browser, Doors, TestPartner, condition, until, with_partner};
use tonic::Code;
use tonic_types::StatusExt as _;

const PATIENCE: Duration = Duration::from_mins(3);

async fn wish(partner: &TestPartner, name: &str, hostnames: &[String]) -> Result<()> {
    let spec = json!({"spec": {"hostnames": hostnames}});
    partner
        .tenants()
        .patch(name, &PatchParams::default(), &Patch::Merge(spec))
        .await?;
    Ok(())
}

/// Waits until the Ingress of the tenant `name` publishes these hostnames and no others.
async fn published(partner: &TestPartner, name: &str, hostnames: &[String]) -> Result<()> {
    let ingresses = partner.objects_of::<Ingress>(name);
    until(&ingresses, "odoo", PATIENCE, |ingress| {
        let spec = ingress.and_then(|ingress| ingress.spec.clone());
        let rules = spec.and_then(|spec| spec.rules).unwrap_or_default();
        let hosts: Vec<_> = rules.into_iter().filter_map(|rule| rule.host).collect();
        (hosts == hostnames)
            .then_some(())
            .ok_or_else(|| format!("{hosts:?}"))
    })
    .await
}

async fn answers(partner: &TestPartner, hostname: &str) -> Result<()> {
    let mut browser = Browser::new(&partner.environment, hostname);
    let page = browser.get("/web/login").await?;
    ensure!(page.is_login_page(), "{hostname}: {}", page.status);
    Ok(())
}

#[tokio::test]
async fn a_running_tenant_that_wants_a_taken_hostname_keeps_what_it_had() -> Result<()> {
    with_partner(async |partner| {
        partner.create_tenant("one").await?;
        partner.serving_tenant("two").await?;
        partner.serving("one").await?;
        let [one, two, extra] = ["one", "two", "extra"].map(|name| partner.hostname(name));
        wish(partner, "two", &[one.clone(), extra.clone()]).await?;
        let refused = condition("Accepted", "False");
        let reason = until(&partner.tenants(), "two", PATIENCE, refused).await?;
        ensure!(reason == "HostnameTaken", "{reason}");
        published(partner, "two", &[extra.clone(), two.clone()]).await?;
        answers(partner, &two).await?;
        partner.settled("two").await?;

        // The other gives it up, and nobody touches this one.
        let moved = partner.hostname("moved");
        wish(partner, "one", std::slice::from_ref(&moved)).await?;
        published(partner, "one", std::slice::from_ref(&moved)).await?;
        published(partner, "two", &[one.clone(), extra]).await?;
        let accepted = condition("Accepted", "True");
        until(&partner.tenants(), "two", PATIENCE, accepted).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_grpc_door_refuses_a_hostname_that_another_tenant_has() -> Result<()> {
    with_partner(async |partner| {
        let doors = Doors::open(&partner.environment).await?;
        partner.serving_tenant("one").await?;
        let mut manifest = partner.manifest("two");
        manifest["spec"]["hostnames"] = json!([partner.hostname("one")]);
        let refused = doors
            .tenants()
            .create_tenant(CreateTenantRequest {
                parent: format!("partners/{}", partner.name),
                tenant_id: "two".to_owned(),
                tenant: Some(serde_json::from_value(json!({"spec": manifest["spec"]}))?),
                ..CreateTenantRequest::default()
            })
            .await;
        let status = refused.err().context("it was taken")?;
        ensure!(status.code() == Code::FailedPrecondition, "{status}");
        let details = status.get_error_details();
        let reason = details.error_info().map(|info| info.reason.as_str());
        ensure!(reason == Some("HOSTNAME_TAKEN"), "{status}");
        ensure!(
            partner.tenants().get_opt("two").await?.is_none(),
            "it exists"
        );
        Ok(())
    })
    .await
}
