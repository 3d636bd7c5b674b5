//! What Events say when the same is wrong again, and when it is something else.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::events::v1::Event;
use kube::api::{ListParams, Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use tenantry_tests::{TestPartner, until, with_partner};

use crate::story::{create, told};

const PATIENCE: Duration = Duration::from_mins(1);
const REASON: &str = "SizeNotFound";

async fn wish(partner: &TestPartner, size: &str) -> Result<()> {
    let isolation = json!({"dedicated": {"size": size}});
    let spec = Patch::Merge(json!({"spec": {"isolation": isolation}}));
    let params = PatchParams::default();
    partner.tenants().patch("shop", &params, &spec).await?;
    Ok(())
}

/// The name of the Event that says these words.
async fn saying(events: &Api<Event>, words: &str) -> Result<String> {
    let events = events.list(&ListParams::default()).await?;
    let said = events.into_iter().find(|event| {
        let note = event.note.as_deref().unwrap_or_default();
        event.reason.as_deref() == Some(REASON) && note.contains(words)
    });
    Ok(said.context("it is not told any more")?.name_any())
}

#[tokio::test]
async fn refusals_are_told_each_in_its_own_words_and_one_that_comes_again_is_counted() -> Result<()>
{
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["isolation"]["dedicated"]["size"] = json!("gigantic");
        create(partner, manifest).await?;
        let events: Api<Event> = partner.objects();
        told(&events, REASON, "gigantic").await?;
        wish(partner, "colossal").await?;
        told(&events, REASON, "colossal").await?;
        wish(partner, "gigantic").await?;
        let first = saying(&events, "gigantic").await?;
        until(&events, &first, PATIENCE, |event| {
            let series = event.and_then(|event| event.series.as_ref());
            let times = series.map(|series| series.count);
            (times == Some(2))
                .then_some(())
                .ok_or_else(|| format!("{times:?}"))
        })
        .await
    })
    .await
}
