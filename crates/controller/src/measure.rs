//! What is told of reconciles: metrics, a trace of each one, and a log line when it failed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kube::runtime::controller::Action;
use kube::runtime::reflector::{self, ObjectRef};
use kube::{Resource, ResourceExt as _};
use tenantry_crd::{StepStatus, Tenant, labels};
use tenantry_domain::Step;
use tenantry_telemetry::{Condition, Metrics, trace};
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::error::{Error, Result};

/// What is reconciled.
const KINDS: [&str; 3] = ["Partner", "DatabaseServer", "Tenant"];

/// What is told of reconciles.
pub(crate) struct Measure {
    pub(crate) metrics: Metrics,
    waiting: Arc<Mutex<Waiting>>,
}

/// Kind of each changed object, and since when it waits for its reconcile.
type Waiting = HashMap<String, (String, Instant)>;

impl Measure {
    pub(crate) fn new(metrics: Metrics) -> Self {
        let waiting = Arc::<Mutex<Waiting>>::default();
        let queue = Arc::clone(&waiting);
        metrics.watch_queue(move || {
            let waiting = queue.lock().unwrap_or_else(PoisonError::into_inner);
            KINDS.map(|kind| (kind, oldest(&waiting, kind))).to_vec()
        });
        Self { metrics, waiting }
    }

    /// `object`, or something that it depends on, has changed: it waits for its reconcile.
    pub(crate) fn changed<K: reflector::Lookup>(&self, object: &ObjectRef<K>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .entry(object.to_string())
            .or_insert_with(|| (K::kind(&object.dyntype).into_owned(), Instant::now()));
    }

    /// `object` waits no more. How long it did; `None` when it had not changed.
    pub(crate) fn taken(&self, object: &impl ToString) -> Option<Duration> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, since) = waiting.remove(&object.to_string())?;
        Some(since.elapsed())
    }

    /// Runs `work`, which is the reconcile of `object`, in a span of its own.
    pub(crate) async fn reconcile<K>(
        &self,
        kind: &'static str,
        object: &K,
        work: impl Future<Output = Result<Action>>,
    ) -> Result<Action>
    where
        K: Resource<DynamicType = ()>,
    {
        if let Some(waited) = self.taken(&ObjectRef::from_obj(object)) {
            self.metrics.began(kind, waited);
        }
        let began = Instant::now();
        let outcome = telling(work).instrument(span(kind, object)).await;
        let category = outcome.as_ref().map(drop).map_err(Error::category);
        self.metrics.reconciled(kind, category, began.elapsed());
        outcome
    }

    /// A tenant has come to its login page by these steps.
    pub(crate) fn provisioned(&self, steps: &[StepStatus]) {
        let begin = steps.iter().map(|step| step.start_time.0).min();
        let end = steps.iter().filter_map(end).max();
        if let (Some(begin), Some(end)) = (begin, end) {
            let durations = steps.iter().filter_map(|step| {
                let known = Step::ALL.into_iter().find(|it| it.as_str() == step.step)?;
                Some((known, between(step.start_time.0, self::end(step)?)))
            });
            self.metrics.provisioned(between(begin, end), durations);
        }
    }
}

/// Logs a failure once, where it is handled.
async fn telling(work: impl Future<Output = Result<Action>>) -> Result<Action> {
    let outcome = work.await;
    if let Err(error) = &outcome {
        tracing::warn!(
            category = error.category(),
            fault = ?error.fault(),
            error = error.chain(),
            "reconcile failed"
        );
    }
    outcome
}

/// The root of a reconcile's trace, linked to the call that wrote the object.
fn span(kind: &'static str, object: &impl Resource) -> Span {
    let span = tracing::info_span!(
        parent: None,
        "reconcile",
        kind,
        namespace = object.namespace(),
        // Not `name`: a log line calls the span by that.
        object = object.name_any(),
        tenant_id = object.labels().get(labels::TENANT_ID),
        trace_id = Empty,
    );
    let call = object.annotations().get(labels::TRACEPARENT);
    trace::begin(&span, None, call.map(String::as_str));
    span
}

fn end(step: &StepStatus) -> Option<Timestamp> {
    step.end_time.as_ref().map(|time| time.0)
}

/// Never less than nothing, although clocks are set.
fn between(begin: Timestamp, end: Timestamp) -> Duration {
    Duration::try_from(end.duration_since(begin)).unwrap_or_default()
}

/// How long the object of this kind has waited that waits longest.
fn oldest(waiting: &Waiting, kind: &str) -> Duration {
    let of_kind = waiting.values().filter(|(its, _)| its == kind);
    let waited = of_kind.map(|(_, since)| since.elapsed());
    waited.max().unwrap_or_default()
}

/// What a tenant says of itself.
pub(crate) fn conditions_of(tenant: &Tenant) -> Vec<Condition> {
    let conditions = tenant.status.iter().flat_map(|status| &status.conditions);
    let told = conditions.map(|condition| Condition {
        kind: condition.type_.clone(),
        status: match condition.status.as_str() {
            "True" => "True",
            "False" => "False",
            _ => "Unknown",
        },
        reason: condition.reason.clone(),
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn tenant(status: &Value) -> Tenant {
        serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1", "kind": "Tenant",
            "metadata": {"name": "shop42", "namespace": "partner-acme"},
            "spec": {
                "displayName": "Shop 42", "isolation": {"dedicated": {"size": "small"}},
                "blueprint": "retail", "hostnames": ["shop42.acme.example"],
                "administrator": {"email": "ana@acme.example"}
            },
            "status": status
        }))
        .unwrap()
    }

    async fn reconcile(measure: &Measure, outcome: Result<Action>) {
        let tenant = tenant(&json!({}));
        let _ = measure
            .reconcile("Tenant", &tenant, std::future::ready(outcome))
            .await;
    }

    #[tokio::test]
    async fn the_page_tells_how_reconciles_ended_and_of_no_name() {
        let measure = Measure::new(Metrics::default());
        reconcile(&measure, Ok(Action::await_change())).await;
        reconcile(&measure, Err(Error::Invalid("shop42 is wrong".into()))).await;
        let page = measure.metrics.page();
        for line in [
            r#"tenantry_reconciles_total{kind="Tenant",outcome="Succeeded"} 1"#,
            r#"tenantry_reconciles_total{kind="Tenant",outcome="Failed"} 1"#,
            r#"tenantry_reconcile_errors_total{kind="Tenant",category="Invalid"} 1"#,
            r#"tenantry_reconcile_seconds_count{kind="Tenant"} 2"#,
        ] {
            assert!(page.lines().any(|it| it == line), "{line} in\n{page}");
        }
        assert!(!page.contains("shop42") && !page.contains("acme"), "{page}");
    }

    #[tokio::test]
    async fn only_what_changed_has_waited() {
        let measure = Measure::new(Metrics::default());
        let waited = r#"tenantry_queue_seconds_count{kind="Tenant"} 1"#;
        reconcile(&measure, Ok(Action::await_change())).await;
        assert!(
            !measure
                .metrics
                .page()
                .contains("tenantry_queue_seconds_count")
        );
        let reference = ObjectRef::from_obj(&tenant(&json!({})));
        measure.changed(&reference);
        measure.changed(&reference);
        reconcile(&measure, Ok(Action::await_change())).await;
        reconcile(&measure, Ok(Action::await_change())).await;
        assert!(measure.metrics.page().contains(waited));
        assert_eq!(measure.taken(&reference), None);
    }

    #[test]
    fn a_provisioning_is_measured_as_a_whole_and_by_its_steps() {
        let measure = Measure::new(Metrics::default());
        let status = tenant(&json!({"provisioning": [
            {"step": "Accept", "startTime": "2026-11-22T19:40:04.000000Z",
                "endTime": "2026-11-22T19:40:04.500000Z"},
            {"step": "Serve", "startTime": "2026-11-22T19:40:06.000000Z",
                "endTime": "2026-11-22T19:40:07.250000Z"},
            {"step": "Invented", "startTime": "2026-11-22T19:40:06.000000Z",
                "endTime": "2026-11-22T19:40:06.000000Z"}
        ]}))
        .status
        .unwrap();
        measure.provisioned(&status.provisioning);
        let page = measure.metrics.page();
        assert!(
            page.contains("tenantry_provisioning_seconds_sum 3.25\n"),
            "{page}"
        );
        assert!(
            page.contains(r#"step_seconds_sum{step="Serve"} 1.25"#),
            "{page}"
        );
        assert!(!page.contains("Invented"), "{page}");
    }

    #[test]
    fn a_queue_that_is_stuck_is_on_the_page() {
        let measure = Measure::new(Metrics::default());
        let oldest = |kind: &str| {
            let sample = format!(r#"tenantry_queue_oldest_seconds{{kind="{kind}"}} "#);
            let page = measure.metrics.page();
            let value = page.lines().find_map(|line| line.strip_prefix(&sample));
            value.unwrap().parse::<f64>().unwrap()
        };
        let [first, second] =
            ["shop42", "shop43"].map(|name| ObjectRef::<Tenant>::new(name).within("partner-acme"));
        measure.changed(&first);
        let before = oldest("Tenant");
        measure.changed(&second);
        measure.changed(&first);
        assert!(
            oldest("Tenant") > before,
            "it waits no longer for being changed again"
        );
        assert!(oldest("Partner") <= 0.0);
        measure.taken(&first);
        measure.taken(&second);
        assert!(oldest("Tenant") <= 0.0);
    }

    #[test]
    fn a_tenant_is_counted_by_each_of_its_conditions() {
        let condition = |kind: &str, status: &str| {
            json!({
                "type": kind, "status": status, "reason": "PodStarting", "message": "",
                "lastTransitionTime": "2026-11-22T19:40:06Z"
            })
        };
        let told = conditions_of(&tenant(&json!({"conditions": [
            condition("Accepted", "True"), condition("Ready", "Perhaps"),
        ]})));
        let told: Vec<_> = told
            .iter()
            .map(|it| (it.kind.as_str(), it.status))
            .collect();
        assert_eq!(told, [("Accepted", "True"), ("Ready", "Unknown")]);
        assert_eq!(conditions_of(&tenant(&json!({}))), []);
    }
}
