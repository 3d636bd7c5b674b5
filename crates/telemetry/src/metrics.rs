//! The metrics of this process: what happens is recorded, and read as one page.
//!
//! Label values are words of ours: `&'static str`, or bounded here.

use std::fmt::{Debug, Write as _};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};
use tenantry_domain::Step;

use crate::probed::Probed;
use crate::queue::Oldest;
use crate::table::{self, Row};
use crate::tenants::{Condition, Tenants};

const RECONCILE_BUCKETS: [f64; 12] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
const PROVISIONING_BUCKETS: [f64; 14] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
];
const WAIT_BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 10.0, 60.0];

/// Names and values of labels.
type Labels<const N: usize> = [(&'static str, &'static str); N];
/// The same, where a value is a text that the caller has bounded.
type CallLabels<const N: usize> = [(&'static str, Arc<str>); N];

/// The metrics of this process. A clone records into the same ones.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Families>);

#[derive(Debug)]
struct Families {
    registry: Registry,
    reconciles: Family<Labels<2>, Counter>,
    reconcile_errors: Family<Labels<2>, Counter>,
    reconcile_seconds: Family<Labels<1>, Histogram>,
    queue_seconds: Family<Labels<1>, Histogram>,
    oldest: Oldest,
    last_success: Family<Labels<1>, Gauge<f64, AtomicU64>>,
    provisioning_seconds: Histogram,
    provisioning_step_seconds: Family<Labels<1>, Histogram>,
    tenants: Tenants,
    calls: Family<CallLabels<2>, Counter>,
    call_seconds: Family<CallLabels<1>, Histogram>,
    probes: Family<Labels<1>, Counter>,
}

impl Default for Metrics {
    /// With nothing recorded.
    fn default() -> Self {
        let mut registry = Registry::with_prefix(table::PREFIX);
        let to = &mut registry;
        let tenants = Tenants::default();
        to.register_collector(Box::new(tenants.clone()));
        let oldest = Oldest::default();
        to.register_collector(Box::new(oldest.clone()));
        Self(Arc::new(Families {
            reconciles: register(to, &table::RECONCILES, Family::default()),
            reconcile_errors: register(to, &table::RECONCILE_ERRORS, Family::default()),
            reconcile_seconds: timed(to, &table::RECONCILE_SECONDS, || {
                Histogram::new(RECONCILE_BUCKETS)
            }),
            queue_seconds: timed(to, &table::QUEUE_SECONDS, || Histogram::new(WAIT_BUCKETS)),
            last_success: register(to, &table::LAST_SUCCESS, Family::default()),
            provisioning_seconds: register(
                to,
                &table::PROVISIONING_SECONDS,
                Histogram::new(PROVISIONING_BUCKETS),
            ),
            provisioning_step_seconds: timed(to, &table::PROVISIONING_STEP_SECONDS, || {
                Histogram::new(PROVISIONING_BUCKETS)
            }),
            calls: register(to, &table::CALLS, Family::default()),
            call_seconds: timed(to, &table::CALL_SECONDS, || Histogram::new(WAIT_BUCKETS)),
            probes: register(to, &table::PROBES, Family::default()),
            oldest,
            tenants,
            registry,
        }))
    }
}

fn register<M: Metric + Clone>(registry: &mut Registry, row: &Row, metric: M) -> M {
    registry.register(row.name, row.help, metric.clone());
    metric
}

fn timed<S>(
    registry: &mut Registry,
    row: &Row,
    histogram: fn() -> Histogram,
) -> Family<S, Histogram>
where
    S: Clone + Debug + Hash + Eq + EncodeLabelSet + Send + Sync + 'static,
{
    register(registry, row, Family::new_with_constructor(histogram))
}

impl Metrics {
    /// A reconcile of an object of `kind` took `took`, and succeeded or failed for a reason of
    /// that category.
    pub fn reconciled(
        &self,
        kind: &'static str,
        outcome: Result<(), &'static str>,
        took: Duration,
    ) {
        let word = match outcome {
            Ok(()) => {
                let gauge = self.0.last_success.get_or_create(&[("kind", kind)]);
                gauge.set(since_1970(SystemTime::now()));
                "Succeeded"
            }
            Err(category) => {
                let labels = [("kind", kind), ("category", category)];
                self.0.reconcile_errors.get_or_create(&labels).inc();
                "Failed"
            }
        };
        let labels = [("kind", kind), ("outcome", word)];
        self.0.reconciles.get_or_create(&labels).inc();
        observe(&self.0.reconcile_seconds, [("kind", kind)], took);
    }

    /// An object of `kind` changed `waited` before its reconcile began.
    pub fn began(&self, kind: &'static str, waited: Duration) {
        observe(&self.0.queue_seconds, [("kind", kind)], waited);
    }

    /// A tenant has been provisioned: how long it took from receipt to login page, and how long
    /// each of its steps did.
    pub fn provisioned(&self, total: Duration, steps: impl IntoIterator<Item = (Step, Duration)>) {
        self.0.provisioning_seconds.observe(total.as_secs_f64());
        for (step, took) in steps {
            let labels = [("step", step.as_str())];
            observe(&self.0.provisioning_step_seconds, labels, took);
        }
    }

    /// Has `look` say how long the object of each kind has waited that waits longest, whenever the
    /// page is asked for. Only the first counts.
    pub fn watch_queue(
        &self,
        look: impl Fn() -> Vec<(&'static str, Duration)> + Send + Sync + 'static,
    ) {
        self.0.oldest.0.set(look);
    }

    /// Has `look` say the conditions of every tenant whenever the page is asked for. Only the first
    /// counts.
    pub fn count_tenants(&self, look: impl Fn() -> Vec<Vec<Condition>> + Send + Sync + 'static) {
        self.0.tenants.0.set(look);
    }

    /// A call of `method`, which exists, was answered with `code` after `took`.
    pub fn called(&self, method: &Arc<str>, code: &str, took: Duration) {
        let method = ("method", Arc::clone(method));
        let labels = [method.clone(), ("code", code.into())];
        self.0.calls.get_or_create(&labels).inc();
        self.0
            .call_seconds
            .get_or_create(&[method])
            .observe(took.as_secs_f64());
    }

    /// A tenant was asked for its login page.
    pub fn probed(&self, result: Probed) {
        let labels = [("result", result.as_str())];
        self.0.probes.get_or_create(&labels).inc();
    }

    /// All of them in the text format of Prometheus, which [`CONTENT_TYPE`] names.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::new();
        if encode(&mut page, &self.0.registry).is_err() {
            // A page without its last line is refused by whoever reads it.
            let _ = writeln!(page, "# incomplete");
        }
        page
    }
}

/// The media type of the page.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

fn observe<const N: usize>(
    family: &Family<Labels<N>, Histogram>,
    labels: Labels<N>,
    took: Duration,
) {
    family.get_or_create(&labels).observe(took.as_secs_f64());
}

fn since_1970(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of everything.
    fn recorded() -> Metrics {
        let metrics = Metrics::default();
        metrics.reconciled("Tenant", Ok(()), Duration::from_millis(40));
        metrics.reconciled("Tenant", Err("DiskFull"), Duration::from_secs(2));
        metrics.began("Partner", Duration::from_millis(3));
        let steps = [(Step::Database, Duration::from_millis(300))];
        metrics.provisioned(Duration::from_millis(3400), steps);
        metrics.watch_queue(|| vec![("Tenant", Duration::from_secs(90))]);
        let condition = |kind: &str| Condition {
            kind: kind.into(),
            status: "True",
            reason: "Serving".into(),
        };
        metrics.count_tenants(move || vec![vec![condition("Accepted"), condition("Ready")]]);
        metrics.called(&"a.B/C".into(), "NotFound", Duration::from_millis(5));
        metrics.probed(Probed::LoginPage);
        metrics
    }

    #[test]
    fn what_was_recorded_is_on_the_page() {
        let page = recorded().page();
        for line in [
            r#"tenantry_reconciles_total{kind="Tenant",outcome="Succeeded"} 1"#,
            r#"tenantry_reconciles_total{kind="Tenant",outcome="Failed"} 1"#,
            r#"tenantry_reconcile_errors_total{kind="Tenant",category="DiskFull"} 1"#,
            r#"tenantry_reconcile_seconds_bucket{le="0.05",kind="Tenant"} 1"#,
            r#"tenantry_reconcile_seconds_bucket{le="60.0",kind="Tenant"} 2"#,
            r#"tenantry_queue_seconds_count{kind="Partner"} 1"#,
            r#"tenantry_queue_oldest_seconds{kind="Tenant"} 90.0"#,
            "tenantry_provisioning_seconds_sum 3.4",
            r#"tenantry_provisioning_step_seconds_sum{step="Database"} 0.3"#,
            r#"tenantry_tenants{ready="True",reason="Serving"} 1"#,
            r#"tenantry_tenant_conditions{status="True",condition="Accepted"} 1"#,
            r#"tenantry_calls_total{method="a.B/C",code="NotFound"} 1"#,
            r#"tenantry_probes_total{result="LoginPage"} 1"#,
            "# EOF",
        ] {
            assert!(page.lines().any(|it| it == line), "{line} in\n{page}");
        }
    }

    #[test]
    fn a_failure_does_not_count_as_the_last_success() {
        let metrics = Metrics::default();
        metrics.reconciled("Tenant", Err("DiskFull"), Duration::ZERO);
        let sample = "tenantry_last_successful_reconcile_timestamp_seconds{";
        assert!(!metrics.page().contains(sample));
        metrics.reconciled("Tenant", Ok(()), Duration::ZERO);
        assert!(metrics.page().contains(sample));
    }

    /// Names and labels of a sample, such as `a_total{b="c"} 1`.
    fn shape(sample: &str) -> (String, Vec<String>) {
        let (name, rest) = sample.split_once(['{', ' ']).unwrap();
        let labels = rest.split_once('}').map_or("", |(labels, _)| labels);
        let labels = labels
            .split(',')
            .filter_map(|label| Some(label.split_once('=')?.0.to_owned()))
            .filter(|label| label != "le")
            .collect();
        (name.to_owned(), labels)
    }

    #[test]
    fn the_page_has_what_the_table_says_and_nothing_else() {
        let page = recorded().page();
        let mut found: Vec<_> = page
            .lines()
            .filter(|it| !it.starts_with('#'))
            .map(shape)
            .collect();
        for row in &table::METRICS {
            let name = row.full_name();
            let own = |sample: &String| {
                *sample == name
                    || row.kind == table::Type::Histogram
                        && ["_bucket", "_sum", "_count"]
                            .iter()
                            .any(|end| *sample == format!("{name}{end}"))
            };
            let before = found.len();
            found.retain(|(sample, labels)| !(own(sample) && labels == row.labels));
            assert!(found.len() < before, "{name} is not on\n{page}");
            assert!(page.contains(row.help), "{name} is not explained");
            for label in row.labels {
                let described = table::LABELS.iter().any(|(name, _)| name == label);
                assert!(described, "{label} has no row in the table of labels");
            }
        }
        assert!(found.is_empty(), "not in the table: {found:?}");
    }
}
