//! What cannot be deleted, by any door.

use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde::de::DeserializeOwned;
use serde_json::json;
use tenantry_crd::{Blueprint, DatabaseServer, Partner, Release};
use tenantry_proto::v1alpha1::DeleteTenantRequest;
use tenantry_tests::{Doors, TestPartner, until, unused, used, with_partner};
use tonic::Code;

const PATIENCE: Duration = Duration::from_secs(30);

/// A tenant whose spec is refused, so that nothing is built for it.
async fn unbuilt(partner: &TestPartner, deletion: serde_json::Value) -> Result<()> {
    let mut manifest = partner.manifest("shop");
    manifest["spec"]["isolation"]["dedicated"]["size"] = json!("gigantic");
    manifest["spec"]["deletion"] = deletion;
    let tenant = serde_json::from_value(manifest)?;
    let tenants = partner.tenants();
    tenants.create(&PostParams::default(), &tenant).await?;
    Ok(())
}

/// Whether the deletion of `name` is refused with `words` in the message.
async fn refused<K>(api: &Api<K>, name: &str, words: &str) -> Result<()>
where
    K: Clone + Debug + DeserializeOwned,
{
    let dry_run = DeleteParams {
        dry_run: true,
        ..DeleteParams::default()
    };
    match api.delete(name, &dry_run).await {
        Err(kube::Error::Api(status)) => {
            ensure!(status.code == 403, "{status:?}");
            ensure!(status.message.contains(words), "{}", status.message);
            Ok(())
        }
        other => bail!("{name} is not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_protected_tenant_is_not_deleted_by_any_door() -> Result<()> {
    with_partner(async |partner| {
        unbuilt(
            partner,
            json!({"policy": "Delete", "protection": "Enabled"}),
        )
        .await?;
        let tenants = partner.tenants();
        refused(&tenants, "shop", "is protected").await?;
        let delete = DeleteTenantRequest {
            name: format!("partners/{}/tenants/shop", partner.name),
            ..DeleteTenantRequest::default()
        };
        let doors = Doors::open(&partner.environment).await?;
        let status = doors.tenants().delete_tenant(delete).await.err();
        let code = status.map(|status| status.code());
        ensure!(code == Some(Code::FailedPrecondition), "{code:?}");
        let open = json!({"spec": {"deletion": {"protection": "Disabled"}}});
        tenants
            .patch("shop", &PatchParams::default(), &Patch::Merge(open))
            .await?;
        Ok(())
    })
    .await
}

/// Waits until the object is said to be in use, and is refused its deletion.
async fn stays<K>(objects: &Api<K>, name: &str) -> Result<()>
where
    K: kube::Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    until(objects, name, PATIENCE, used).await?;
    refused(objects, name, "is in use").await
}

#[tokio::test]
async fn what_tenants_need_is_not_deleted_until_they_are_gone() -> Result<()> {
    with_partner(async |partner| {
        let kube = &partner.environment.kube;
        let partners: Api<Partner> = Api::all(kube.clone());
        until(&partners, &partner.name, PATIENCE, unused).await?;
        unbuilt(partner, json!({"policy": "Delete"})).await?;
        stays(&partners, &partner.name).await?;
        stays(&Api::<Blueprint>::all(kube.clone()), "base").await?;
        stays(&Api::<Release>::all(kube.clone()), "odoo-19").await?;
        stays(&Api::<DatabaseServer>::all(kube.clone()), "main").await?;
        partner.delete_tenant("shop").await?;
        until(&partners, &partner.name, PATIENCE, unused).await
    })
    .await
}
