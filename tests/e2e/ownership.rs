//! What is not ours is never touched.

use std::time::Duration;

use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::{Namespace, Secret, Service};
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use serde_json::json;
use tenantry_tests::{false_for, until, with_partner};

const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test]
async fn a_foreign_namespace_is_refused_and_left_alone() -> Result<()> {
    with_partner(async |partner| {
        let namespaces: Api<Namespace> = Api::all(partner.environment.kube.clone());
        let name = partner.tenant_namespace("shop");
        let foreign = serde_json::from_value(json!({
            "metadata": {"name": name, "labels": {"team": "somebody-else"}},
        }))?;
        let before = namespaces.create(&PostParams::default(), &foreign).await?;
        partner.create_tenant("shop").await?;
        let refused = false_for("Ready", "ObjectNotOurs");
        let outcome = until(&partner.tenants(), "shop", PATIENCE, refused).await;
        let deleted = partner.delete_tenant("shop").await;
        let after = namespaces.get(&name).await?;
        let secrets: Api<Secret> = partner.objects_of("shop");
        let services: Api<Service> = partner.objects_of("shop");
        let inside = secrets.list(&ListParams::default()).await?.items.len()
            + services.list(&ListParams::default()).await?.items.len();
        namespaces.delete(&name, &DeleteParams::default()).await?;
        outcome?;
        deleted?;
        ensure!(before.metadata.labels == after.metadata.labels, "{after:?}");
        ensure!(
            before.metadata.annotations == after.metadata.annotations,
            "{after:?}"
        );
        ensure!(
            after.metadata.deletion_timestamp.is_none(),
            "it was deleted"
        );
        ensure!(inside == 0, "{inside} objects were put into it");
        Ok(())
    })
    .await
}
