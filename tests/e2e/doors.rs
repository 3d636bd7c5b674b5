//! A tenant by manifest and by call, and both doors telling the same.

use anyhow::{Context as _, Result, bail, ensure};
use kube::ResourceExt as _;
use prost::Message as _;
use serde_json::{Value, json};
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::v1alpha1::{
    CreateTenantMetadata, CreateTenantRequest, GetTenantRequest, ListTenantsRequest, Tenant,
};
use tenantry_tests::{Browser, Doors, TestPartner, follow, kubectl, with_partner};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

fn request(partner: &TestPartner, name: &str) -> Result<CreateTenantRequest> {
    let spec = &partner.manifest(name)["spec"];
    Ok(CreateTenantRequest {
        parent: format!("partners/{}", partner.name),
        tenant_id: name.to_owned(),
        tenant: Some(serde_json::from_value(json!({"spec": spec}))?),
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
    })
}

#[tokio::test]
async fn a_manifest_becomes_a_login_page() -> Result<()> {
    with_partner(async |partner| {
        let manifest = partner.manifest("shop").to_string();
        kubectl(&["apply", "--filename=-"], &manifest)
            .await?
            .text()?;
        let tenant = partner.serving("shop").await?;
        let hostname = partner.hostname("shop");
        let page = Browser::new(&partner.environment, &hostname)
            .get("/web/login")
            .await?;
        ensure!(page.is_login_page(), "{}: {}", page.status, page.body);
        let status = tenant.status.context("no status")?;
        let url = status.url.context("no URL")?;
        ensure!(url.contains(&hostname), "{url}");
        ensure!(
            status.provisioned_in.is_some(),
            "the time it took is not told"
        );
        for step in &status.provisioning {
            ensure!(step.end_time.is_some(), "{} never ended", step.step);
        }
        let listed = kubectl(&["get", "tenants", "--all-namespaces"], "")
            .await?
            .text()?;
        ensure!(
            listed.contains(&url),
            "kubectl get does not tell the URL:\n{listed}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_call_becomes_a_login_page() -> Result<()> {
    with_partner(async |partner| {
        let doors = Doors::open(&partner.environment).await?;
        let request = request(partner, "shop")?;
        let begun = doors
            .tenants()
            .create_tenant(request.clone())
            .await?
            .into_inner();
        let again = doors
            .tenants()
            .create_tenant(request.clone())
            .await?
            .into_inner();
        ensure!(
            begun.name == again.name,
            "{} and {}",
            begun.name,
            again.name
        );
        let another = CreateTenantRequest {
            request_id: String::new(),
            ..request
        };
        let refused = doors.tenants().create_tenant(another).await;
        let code = refused.err().map(|status| status.code());
        ensure!(code == Some(Code::AlreadyExists), "{code:?}");

        let done = follow(&doors, begun).await?;
        let Some(Outcome::Response(answer)) = done.result else {
            bail!("{:?}", done.result);
        };
        let tenant = Tenant::decode(answer.value)?;
        ensure!(tenant.name == format!("partners/{}/tenants/shop", partner.name));
        let metadata = done.metadata.context("no metadata")?;
        let metadata = CreateTenantMetadata::decode(metadata.value)?;
        ensure!(!metadata.steps.is_empty(), "no steps are told");
        ensure!(!metadata.provisioned_in.is_empty(), "no time is told");

        // Done means that it serves, not that something was written.
        let hostname = partner.hostname("shop");
        let page = Browser::new(&partner.environment, &hostname)
            .get("/web/login")
            .await?;
        ensure!(page.is_login_page(), "{}: {}", page.status, page.body);
        agree(partner, &doors, "shop").await
    })
    .await
}

/// What both doors must tell alike.
fn essence(status: &Value) -> Value {
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let mut conditions: Vec<_> = conditions
        .map(|c| {
            format!(
                "{}={} {} {}",
                c["type"], c["status"], c["reason"], c["message"]
            )
        })
        .collect();
    conditions.sort();
    let fields = ["tenantId", "url", "placement", "release", "provisionedIn"];
    let mut essence: Value = fields.iter().map(|field| status[*field].clone()).collect();
    essence
        .as_array_mut()
        .into_iter()
        .for_each(|list| list.push(json!(conditions)));
    essence
}

/// A tenant as both doors have it, between two of its changes.
async fn by_both(
    partner: &TestPartner,
    doors: &Doors,
    name: &str,
) -> Result<(tenantry_crd::Tenant, Tenant)> {
    loop {
        let object = partner.tenants().get(name).await?;
        let full = format!("partners/{}/tenants/{name}", partner.name);
        let request = GetTenantRequest { name: full };
        let got = doors.tenants().get_tenant(request).await?.into_inner();
        let after = partner.tenants().get(name).await?;
        if after.resource_version() == object.resource_version() {
            return Ok((object, got));
        }
    }
}

async fn agree(partner: &TestPartner, doors: &Doors, name: &str) -> Result<()> {
    let (object, got) = by_both(partner, doors, name).await?;
    let (spec, status) = (
        serde_json::to_value(&object.spec)?,
        serde_json::to_value(&object.status)?,
    );
    let full = format!("partners/{}/tenants/{name}", partner.name);
    let told = serde_json::to_value(&got)?;
    ensure!(told["spec"] == spec, "{}\nis not\n{spec}", told["spec"]);
    let (one, other) = (essence(&told["status"]), essence(&status));
    ensure!(one == other, "{one}\nis not\n{other}");
    ensure!(Some(&got.uid) == object.uid().as_ref(), "{}", got.uid);
    let list = ListTenantsRequest {
        parent: format!("partners/{}", partner.name),
        ..ListTenantsRequest::default()
    };
    let page = doors.tenants().list_tenants(list).await?.into_inner();
    let names: Vec<_> = page.tenants.iter().map(|tenant| &tenant.name).collect();
    ensure!(names == [&full], "{names:?}");
    Ok(())
}

#[tokio::test]
async fn without_the_token_only_health_and_reflection_answer() -> Result<()> {
    let environment = tenantry_tests::Environment::load().await?;
    for token in [None, Some("wrong")] {
        let doors = Doors::with_token(&environment, token).await?;
        let list = ListTenantsRequest {
            parent: "partners/-".into(),
            ..ListTenantsRequest::default()
        };
        let refused = doors.tenants().list_tenants(list).await.err();
        let code = refused.map(|status| status.code());
        ensure!(code == Some(Code::Unauthenticated), "{token:?}: {code:?}");

        let mut health = HealthClient::new(doors.channel.clone());
        let answer = health
            .check(HealthCheckRequest::default())
            .await?
            .into_inner();
        ensure!(answer.status() == ServingStatus::Serving, "{answer:?}");
        let services = services(&doors).await?;
        let ours = "tenantry.v1alpha1.TenantService";
        ensure!(
            services.iter().any(|service| service == ours),
            "{services:?}"
        );
    }
    Ok(())
}

/// What reflection lists.
async fn services(doors: &Doors) -> Result<Vec<String>> {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut reflection = ServerReflectionClient::new(doors.channel.clone());
    let asked = futures::stream::iter([request]);
    let mut answers = reflection.server_reflection_info(asked).await?.into_inner();
    let answer = answers.message().await?.context("no answer")?;
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        bail!("{answer:?}");
    };
    Ok(list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect())
}
