//! `kubectl explain` says something about every field.

use anyhow::{Result, ensure};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use serde_json::Value;
use tenantry_tests::{Environment, kubectl};

fn undocumented(schema: &Value, path: &str, found: &mut Vec<String>) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        if field["description"].as_str().is_none_or(str::is_empty) {
            found.push(path.clone());
        }
        undocumented(field, &path, found);
        undocumented(&field["items"], &path, found);
        undocumented(&field["additionalProperties"], &path, found);
    }
}

#[tokio::test]
async fn every_field_is_documented() -> Result<()> {
    let installed: Api<CustomResourceDefinition> = Api::all(Environment::load().await?.kube);
    let mut found = Vec::new();
    for kind in tenantry_crd::all() {
        let name = kind.metadata.name.unwrap_or_default();
        let kind = serde_json::to_value(installed.get(&name).await?)?;
        let schema = &kind["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        undocumented(&schema["properties"]["spec"], &name, &mut found);
        undocumented(&schema["properties"]["status"], &name, &mut found);
    }
    ensure!(
        found.is_empty(),
        "nothing is said about {}",
        found.join(", ")
    );
    Ok(())
}

#[tokio::test]
async fn every_kind_has_a_short_name_and_columns() -> Result<()> {
    let installed: Api<CustomResourceDefinition> = Api::all(Environment::load().await?.kube);
    for kind in tenantry_crd::all() {
        let name = kind.metadata.name.unwrap_or_default();
        let spec = installed.get(&name).await?.spec;
        ensure!(spec.names.short_names.is_some(), "{name} has no short name");
        let columns = spec.versions.iter().all(|version| {
            let columns = version.additional_printer_columns.as_ref();
            columns.is_some_and(|columns| columns.len() > 1)
        });
        ensure!(columns, "{name} has no columns");
    }
    Ok(())
}

#[tokio::test]
async fn explain_tells_what_a_field_is_for() -> Result<()> {
    let output = kubectl(&["explain", "tenant.spec.hostnames"], "").await?;
    let text = output.text()?;
    ensure!(text.contains("The first is its address"), "{text}");
    Ok(())
}
