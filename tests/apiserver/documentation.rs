//! `kubectl explain` says something about every field.

use anyhow::{Context as _, Result, ensure};
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

/// What `kubectl explain` says, without its line breaks.
async fn explained(what: &str) -> Result<String> {
    let version = format!("{}/{}", tenantry_crd::GROUP, tenantry_crd::VERSION);
    let output = kubectl(&["explain", what, "--api-version", &version], "").await?;
    Ok(in_one_line(&output.text()?))
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn explain_tells_what_each_kind_is_for_and_what_is_said_in_it() -> Result<()> {
    for kind in tenantry_crd::all() {
        let name = &kind.spec.names.plural;
        let kind = serde_json::to_value(&kind)?;
        let schema = &kind["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let spec = &schema["properties"]["spec"];
        for (what, schema) in [(name.clone(), schema), (format!("{name}.spec"), spec)] {
            let text = schema["description"].as_str();
            let text = text.with_context(|| format!("nothing is said about {what}"))?;
            let told = explained(&what).await?;
            ensure!(told.contains(&in_one_line(text)), "{what}: {told}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn explain_tells_what_a_field_is_for_and_what_its_words_mean() -> Result<()> {
    let told = explained("tenants.spec.hostnames").await?;
    ensure!(told.contains("The first is its address"), "{told}");
    let told = explained("tenants.spec.runState").await?;
    for words in [
        "`Running` when left out",
        "`Running`: It serves its users.",
        "`Suspended`: Nothing of it runs",
        "`Deleted`: As `Suspended`",
    ] {
        ensure!(told.contains(words), "{words}: {told}");
    }
    Ok(())
}
