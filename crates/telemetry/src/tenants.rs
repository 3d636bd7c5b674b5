//! How many tenants are ready, counted when the page is asked for: nothing has to be kept in
//! step with the tenants that come and go.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::table::TENANTS;

/// So many reasons have a line of their own.
const MOST_REASONS: usize = 40;
/// The line of all others.
const OTHER: &str = "Other";

/// What a tenant's condition `Ready` says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Readiness {
    /// Its status, a word of ours.
    pub ready: &'static str,
    /// Its reason.
    pub reason: String,
}

type Count = Box<dyn Fn() -> Vec<Readiness> + Send + Sync>;

/// Who counts the tenants, once there is someone.
#[derive(Clone, Default)]
pub(crate) struct Tenants(Arc<OnceLock<Count>>);

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tenants").finish_non_exhaustive()
    }
}

impl Tenants {
    pub(crate) fn count_by(&self, count: impl Fn() -> Vec<Readiness> + Send + Sync + 'static) {
        // Who comes second is not needed: there is one cache of tenants.
        let _ = self.0.set(Box::new(count));
    }
}

impl Collector for Tenants {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(count) = self.0.get() else {
            return Ok(());
        };
        let gauges = Family::<[(&'static str, String); 2], Gauge>::default();
        for (readiness, number) in bounded(count()) {
            let Readiness { ready, reason } = readiness;
            let labels = [("ready", ready.to_owned()), ("reason", reason)];
            gauges.get_or_create(&labels).set(number);
        }
        let help = format!("{}.", TENANTS.help);
        gauges.encode(encoder.encode_descriptor(TENANTS.name, &help, None, gauges.metric_type())?)
    }
}

/// How many tenants say the same. Reasons are words in the cluster, and another version of
/// Tenantry may have written them: their number is bounded here.
fn bounded(tenants: Vec<Readiness>) -> BTreeMap<Readiness, i64> {
    let mut numbers = BTreeMap::<Readiness, i64>::new();
    for tenant in tenants {
        *numbers.entry(tenant).or_default() += 1;
    }
    let mut by_number: Vec<_> = numbers.into_iter().collect();
    by_number.sort_by_key(|(_, number)| -number);
    let mut bounded = BTreeMap::new();
    for (index, (mut readiness, number)) in by_number.into_iter().enumerate() {
        if index >= MOST_REASONS {
            OTHER.clone_into(&mut readiness.reason);
        }
        *bounded.entry(readiness).or_default() += number;
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readiness(ready: &'static str, reason: &str) -> Readiness {
        Readiness {
            ready,
            reason: reason.into(),
        }
    }

    #[test]
    fn tenants_that_say_the_same_are_one_line() {
        let numbers = bounded(vec![
            readiness("True", "Serving"),
            readiness("False", "PodStarting"),
            readiness("True", "Serving"),
        ]);
        assert_eq!(numbers.len(), 2);
        assert_eq!(numbers[&readiness("True", "Serving")], 2);
    }

    #[test]
    fn there_are_never_more_lines_than_reasons_are_allowed() {
        let mut tenants = vec![readiness("True", "Serving"); 3];
        for number in 0..100 {
            tenants.push(readiness("False", &format!("Strange{number}")));
        }
        let numbers = bounded(tenants);
        assert_eq!(numbers.len(), MOST_REASONS + 1);
        assert_eq!(numbers[&readiness("True", "Serving")], 3);
        assert_eq!(numbers[&readiness("False", OTHER)], 61);
        assert_eq!(numbers.values().sum::<i64>(), 103);
    }
}
