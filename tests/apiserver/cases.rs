//! One table of good and bad specs, judged at every door. The verdicts must agree.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use tenantry_proto::v1alpha1::{CreateTenantRequest, Tenant};
use tenantry_tests::{Doors, Output, TestPartner, false_for, kubectl, until, with_partner};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const PATIENCE: Duration = Duration::from_mins(1);
/// How a refusal ends that is nobody's but the author's.
const ADVICE: &str = "(for the partner to mend; waits for a change of what it depends on)";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Layer {
    Nobody,
    Schema,
    Domain,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    change: Value,
    refused_by: Layer,
    reason: Option<String>,
    #[serde(default)]
    manifest_only: bool,
}

impl Case {
    fn manifest(&self, partner: &TestPartner, name: &str) -> Value {
        let mut manifest = partner.manifest(name);
        merge(&mut manifest, &self.change);
        manifest
    }
}

/// RFC 7386.
pub(crate) fn merge(into: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *into = change.clone();
        return;
    };
    for (key, value) in change {
        if value.is_null() {
            into.as_object_mut().map(|object| object.remove(key));
        } else {
            merge(&mut into[key.as_str()], value);
        }
    }
}

/// What the API server says of `manifest`, which nobody stores.
pub(crate) async fn judged(manifest: &Value) -> Result<Output> {
    let arguments = [
        "create",
        "--dry-run=server",
        "--validate=strict",
        "--filename=-",
    ];
    kubectl(&arguments, &manifest.to_string()).await
}

fn cases() -> Result<Vec<Case>> {
    Ok(serde_yaml::from_str(include_str!("cases.yaml"))?)
}

#[tokio::test]
async fn the_api_server_refuses_what_schema_and_rules_say() -> Result<()> {
    with_partner(async |partner| {
        let mut wrong = Vec::new();
        for case in cases()? {
            let output = judged(&case.manifest(partner, "shop")).await?;
            if output.success == (case.refused_by == Layer::Schema) {
                wrong.push(format!(
                    "{}: {}{}",
                    case.name, output.text, output.complaint
                ));
            }
        }
        ensure!(wrong.is_empty(), "judged otherwise:\n{}", wrong.join("\n"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_domain_rule_is_told_as_a_condition() -> Result<()> {
    with_partner(async |partner| {
        let domain = cases()?
            .into_iter()
            .filter(|case| case.refused_by == Layer::Domain);
        let named: Vec<_> = domain
            .enumerate()
            .map(|(i, case)| (format!("shop{i}"), case))
            .collect();
        for (name, case) in &named {
            let manifest = case.manifest(partner, name).to_string();
            kubectl(&["create", "--filename=-"], &manifest)
                .await?
                .text()
                .with_context(|| case.name.clone())?;
        }
        for (name, case) in &named {
            let reason = case.reason.as_deref().context("no reason")?;
            let refused = false_for("Accepted", reason);
            until(&partner.tenants(), name, PATIENCE, refused)
                .await
                .with_context(|| case.name.clone())?;
            let status = partner.tenants().get(name).await?.status;
            let conditions = status.unwrap_or_default().conditions;
            let told = conditions.iter().find(|found| found.type_ == "Accepted");
            let told = told.map(|accepted| accepted.message.as_str());
            ensure!(
                told.is_some_and(|told| told.ends_with(ADVICE)),
                "{}: {told:?}",
                case.name
            );
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_grpc_door_judges_as_kubectl_does() -> Result<()> {
    with_partner(async |partner| {
        let doors = Doors::open(&partner.environment).await?;
        let mut wrong = Vec::new();
        for case in cases()?.into_iter().filter(|case| !case.manifest_only) {
            let manifest = case.manifest(partner, "shop");
            let verdict = call(&doors, partner, &manifest).await;
            if let Err(error) = agrees(&case, verdict) {
                wrong.push(format!("{}: {error:#}", case.name));
            }
        }
        ensure!(wrong.is_empty(), "judged otherwise:\n{}", wrong.join("\n"));
        Ok(())
    })
    .await
}

/// The verdict of `CreateTenant` with `validate_only`; `None` when a message cannot even be made.
async fn call(
    doors: &Doors,
    partner: &TestPartner,
    manifest: &Value,
) -> Option<Result<(), Status>> {
    let tenant: Tenant = serde_json::from_value(json!({"spec": manifest["spec"]})).ok()?;
    let request = CreateTenantRequest {
        parent: format!("partners/{}", partner.name),
        tenant_id: manifest["metadata"]["name"].as_str()?.to_owned(),
        tenant: Some(tenant),
        validate_only: true,
        ..CreateTenantRequest::default()
    };
    Some(doors.tenants().create_tenant(request).await.map(drop))
}

fn agrees(case: &Case, verdict: Option<Result<(), Status>>) -> Result<()> {
    match (case.refused_by, verdict) {
        (Layer::Nobody, Some(Ok(()))) | (Layer::Schema, None) => Ok(()),
        (Layer::Schema, Some(Err(status))) => {
            ensure!(status.code() == Code::InvalidArgument, "{status}");
            let fields = status.get_error_details().bad_request().cloned();
            ensure!(fields.is_some(), "no field is named: {status}");
            Ok(())
        }
        (Layer::Domain, Some(Err(status))) => {
            let details = status.get_error_details();
            let told = details.error_info().map(|info| info.reason.clone());
            let expected = case.reason.as_deref().map(upper_snake);
            ensure!(told == expected, "{told:?}: {status}");
            Ok(())
        }
        (_, verdict) => bail!("{verdict:?}"),
    }
}

fn upper_snake(camel: &str) -> String {
    let mut snake = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_uppercase());
    }
    snake
}
