//! What may never change.

use anyhow::{Result, ensure};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::json;
use tenantry_crd::{Release, Tenant};
use tenantry_tests::{Environment, with_partner};

fn dry_run() -> PatchParams {
    PatchParams {
        dry_run: true,
        ..PatchParams::default()
    }
}

/// Whether `patch` of `name` was refused with `words` in the message.
async fn refused<K>(api: &Api<K>, name: &str, patch: serde_json::Value, words: &str) -> Result<()>
where
    K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    match api.patch(name, &dry_run(), &Patch::Merge(patch)).await {
        Err(kube::Error::Api(status)) => {
            ensure!(status.code == 422, "{status:?}");
            ensure!(status.message.contains(words), "{}", status.message);
            Ok(())
        }
        other => anyhow::bail!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_release_never_changes() -> Result<()> {
    let releases: Api<Release> = Api::all(Environment::load().await?.kube);
    let name = format!("test-{}", std::process::id());
    let release = serde_json::from_value(json!({
        "apiVersion": "tenantry.dev/v1alpha1",
        "kind": "Release",
        "metadata": {"name": name},
        "spec": {
            "odooVersion": "19.0",
            "image": format!("odoo@sha256:{}", "0".repeat(64)),
            "contract": {"command": ["odoo"], "uid": 100, "gid": 101, "dataDirectory": "/data"},
        },
    }))?;
    releases.create(&PostParams::default(), &release).await?;
    let another = format!("odoo@sha256:{}", "1".repeat(64));
    let outcome = refused(
        &releases,
        &name,
        json!({"spec": {"image": another}}),
        "a release is immutable",
    )
    .await;
    releases.delete(&name, &DeleteParams::default()).await?;
    outcome
}

#[tokio::test]
async fn a_tenant_keeps_its_blueprint() -> Result<()> {
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        // It is refused, so that nothing is built for it.
        manifest["spec"]["isolation"]["dedicated"]["size"] = json!("gigantic");
        let tenants = partner.tenants();
        let tenant: Tenant = serde_json::from_value(manifest)?;
        tenants.create(&PostParams::default(), &tenant).await?;
        let other = json!({"spec": {"blueprint": "retail"}});
        refused(&tenants, "shop", other, "keeps its blueprint").await?;
        for initial in [
            json!({"administrator": {"email": "other@shop.example"}}),
            json!({"modules": ["contacts"]}),
            json!({"language": "fr_FR"}),
            json!({"country": "FR"}),
            json!({"timezone": "Europe/Paris"}),
        ] {
            let change = json!({"spec": initial});
            refused(&tenants, "shop", change, "what a tenant begins with").await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_installed_kinds_are_those_of_this_code() -> Result<()> {
    let installed: Api<CustomResourceDefinition> = Api::all(Environment::load().await?.kube);
    for kind in tenantry_crd::all() {
        let name = kind.metadata.name.clone().unwrap_or_default();
        let found = installed.get(&name).await?;
        let (ours, theirs) = (&kind.spec.versions, &found.spec.versions);
        ensure!(ours.len() == theirs.len(), "{name}");
        for (ours, theirs) in ours.iter().zip(theirs) {
            ensure!(
                serde_json::to_value(&ours.schema)? == serde_json::to_value(&theirs.schema)?,
                "the schema of {name} is another; was the chart of the kinds upgraded?"
            );
            ensure!(
                ours.additional_printer_columns == theirs.additional_printer_columns,
                "the columns of {name} are others"
            );
        }
        ensure!(
            kind.spec.names.short_names == found.spec.names.short_names,
            "{name}"
        );
    }
    Ok(())
}
