//! How a sick tenant explains itself to whoever asks, and that it is well again by itself.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::events::v1::Event;
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use serde_json::Value;
use tenantry_crd::Tenant;
use tenantry_tests::{Output, TestPartner, condition, kubectl, tenantry, until};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_mins(6);
/// A `ReplicaSet` waits twice as long after each refusal of its pod.
const RECOVERY: Duration = Duration::from_mins(10);
const RETRY: Duration = Duration::from_millis(500);

/// Whether something that is told under the reason `found` tells of `reason`: by itself, or as what
/// a database server is sick of that a tenant waits for.
fn is_of(reason: &str, found: &str, message: &str) -> bool {
    found == reason || message.contains(&format!("{reason}: "))
}

/// Content when the condition `kind` is False for `reason`, with a message that says `words` and
/// ends with who acts.
fn sick<'a>(
    kind: &'a str,
    reason: &'a str,
    words: &'a str,
) -> impl Fn(Option<&Tenant>) -> Result<(), String> {
    let is_false = condition(kind, "False");
    move |tenant| {
        let found = is_false(tenant)?;
        let status = tenant.and_then(|tenant| tenant.status.as_ref());
        let conditions = status.map(|status| &status.conditions[..]);
        let message = conditions
            .unwrap_or_default()
            .iter()
            .find(|condition| condition.type_ == kind)
            .map_or("", |condition| condition.message.as_str());
        let told = is_of(reason, &found, message)
            && message.contains(words)
            && message.contains("to mend; ");
        told.then_some(())
            .ok_or_else(|| format!("{kind}=False for {found}: {message}"))
    }
}

/// Waits until the condition `kind` of the tenant `name` is False for `reason` and says `words`.
pub(crate) async fn falls_sick(
    partner: &TestPartner,
    name: &str,
    kind: &str,
    reason: &str,
    words: &str,
) -> Result<()> {
    let sick = sick(kind, reason, words);
    until(&partner.tenants(), name, PATIENCE, sick).await
}

/// Waits until the tenant `name` is not ready for `reason`, and until all who can be asked say so
/// in these words: its status, an Event, `kubectl describe` and `tenantry describe`.
pub(crate) async fn explains_itself(
    partner: &TestPartner,
    name: &str,
    reason: &str,
    words: &str,
) -> Result<()> {
    is_described(partner, name, reason, words).await?;
    told(&partner.objects(), reason, words).await
}

/// The same without the Event: of a tenant that is on its way none is told.
pub(crate) async fn is_described(
    partner: &TestPartner,
    name: &str,
    reason: &str,
    words: &str,
) -> Result<()> {
    falls_sick(partner, name, "Ready", reason, words).await?;
    let namespace = partner.namespace();
    let describe = ["describe", "tenant", name, "--namespace", &namespace];
    let by_kubectl = async || kubectl(&describe, "").await;
    answers(by_kubectl, |text| {
        let missing = [reason, words, "to mend; "]
            .into_iter()
            .find(|words| !text.contains(words));
        missing.map_or(Ok(()), |words| Err(format!("no {words:?}")))
    })
    .await
    .context("kubectl describe")?;
    let tenant = format!("{}/{name}", partner.name);
    let by_tenantry = async || tenantry(&["describe", &tenant]).await;
    answers(by_tenantry, |text| tells_the_story(text, reason, words))
        .await
        .context("tenantry describe")?;
    Ok(())
}

/// Whether `tenantry describe` says why, what, who acts, and what happens next.
fn tells_the_story(text: &str, reason: &str, words: &str) -> Result<(), String> {
    let told = |row: &str| {
        let found = text.lines().find_map(|line| {
            let value = line.trim_start().strip_prefix(row)?;
            value.starts_with("  ").then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    let [why, what, who, next] = ["Why", "What", "Who acts", "What next"].map(told);
    let is_told = is_of(reason, &why, &what)
        && what.contains(words)
        && who.contains("to mend")
        && ["tried again", "waits for"]
            .iter()
            .any(|begin| next.contains(begin));
    is_told
        .then_some(())
        .ok_or_else(|| format!("why {why:?}, what {what:?}, who {who:?}, next {next:?}"))
}

/// Asks again until `look` is content with the answer, and returns that: it may have been given a
/// moment before, and whoever answers may be busy for one.
pub(crate) async fn answers(
    ask: impl AsyncFn() -> Result<Output>,
    look: impl Fn(&str) -> Result<(), String>,
) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let missed = match ask().await?.text() {
            Ok(text) => match look(&text) {
                Ok(()) => return Ok(text),
                Err(missed) => format!("{missed} in:\n{text}"),
            },
            Err(error) => format!("{error:#}"),
        };
        ensure!(Instant::now() < deadline, "{missed}");
        sleep(RETRY).await;
    }
}

/// Waits until one of `events` has this reason and says these words.
pub(crate) async fn told(events: &Api<Event>, reason: &str, words: &str) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = events.list(&ListParams::default()).await?;
        let notes: Vec<_> = told
            .into_iter()
            .map(|event| {
                let found = event.reason.unwrap_or_default();
                (found, event.note.unwrap_or_default())
            })
            .collect();
        let mut of_reason = notes
            .iter()
            .filter(|(found, note)| is_of(reason, found, note));
        if of_reason.any(|(_, note)| note.contains(words)) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("no Event {reason} says {words:?}; there are {notes:?}");
        }
        sleep(RETRY).await;
    }
}

/// Waits until all is well with the tenant `name`.
pub(crate) async fn recovers(partner: &TestPartner, name: &str) -> Result<()> {
    for kind in ["WorkloadReady", "DatabaseReady", "Serving", "Ready"] {
        let is_true = condition(kind, "True");
        until(&partner.tenants(), name, RECOVERY, is_true).await?;
    }
    Ok(())
}

/// The same for one that served before it was told to be sick: that it is well is told, too.
pub(crate) async fn is_told_to_recover(partner: &TestPartner, name: &str) -> Result<()> {
    recovers(partner, name).await?;
    let note = format!("serves again at {}", url(partner, name).await?);
    told(&partner.objects(), "Recovered", &note).await
}

/// The same for one that had never served.
pub(crate) async fn is_told_to_serve(partner: &TestPartner, name: &str) -> Result<()> {
    recovers(partner, name).await?;
    let note = format!("serves at {}", url(partner, name).await?);
    told(&partner.objects(), "Provisioned", &note).await
}

async fn url(partner: &TestPartner, name: &str) -> Result<String> {
    let status = partner.tenants().get(name).await?.status;
    status.and_then(|status| status.url).context("no URL")
}

pub(crate) async fn create(partner: &TestPartner, manifest: Value) -> Result<()> {
    let tenant = serde_json::from_value(manifest)?;
    partner
        .tenants()
        .create(&PostParams::default(), &tenant)
        .await?;
    Ok(())
}

/// Applies what somebody else would, as that would do it.
pub(crate) async fn apply(manifest: &Value) -> Result<()> {
    kubectl(&["apply", "--filename=-"], &manifest.to_string())
        .await?
        .text()?;
    Ok(())
}

pub(crate) async fn restart_pods(partner: &TestPartner) -> Result<()> {
    let pods: Api<Pod> = partner.objects_of("shop");
    pods.delete_collection(&DeleteParams::default(), &ListParams::default())
        .await?;
    Ok(())
}

pub(crate) async fn database_of(partner: &TestPartner) -> Result<String> {
    let tenant = partner.tenants().get("shop").await?;
    let placement = tenant.status.and_then(|status| status.placement);
    Ok(placement.context("no placement")?.database)
}
