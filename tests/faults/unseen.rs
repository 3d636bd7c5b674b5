//! What is deleted while nobody watches is missed all the same.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::core::v1::ResourceQuota;
use kube::api::DeleteParams;
use kube::{Api, ResourceExt as _};
use tenantry_tests::until;

use crate::daemon::in_control;
use crate::end_state::End;
use crate::proxy::Fate;
use crate::watch_stream::Trouble;

/// A watch that expired begins again after a second or two.
const PATIENCE: Duration = Duration::from_secs(15);
const QUOTA: &str = "baseline";

#[tokio::test]
async fn a_child_whose_deletion_no_watch_told_is_back_after_the_next_list() -> Result<()> {
    in_control(async |control, partner| {
        control.proxy.decide(|seen| {
            if seen.is_watch() && seen.path.ends_with("/resourcequotas") {
                Fate::Troubled(Trouble::ExpiresAtDeletion)
            } else {
                Fate::Pass
            }
        });
        let daemon = control.start()?;
        partner.create_tenant("shop").await?;
        // Nothing else is to wake its reconciler.
        End::Serves.reached(partner, "shop").await?;
        let quotas: Api<ResourceQuota> = partner.objects_of("shop");
        let before = quotas.get(QUOTA).await?.uid();
        quotas.delete(QUOTA, &DeleteParams::default()).await?;
        let is_back = |quota: Option<&ResourceQuota>| {
            let now = quota.and_then(ResourceQuota::uid);
            (now.is_some() && now != before)
                .then_some(())
                .ok_or_else(|| format!("{now:?}, which was {before:?}"))
        };
        let back = until(&quotas, QUOTA, PATIENCE, is_back).await;
        back.with_context(|| control.said())?;
        partner.delete_tenant("shop").await?;
        daemon.kill().await
    })
    .await
}
