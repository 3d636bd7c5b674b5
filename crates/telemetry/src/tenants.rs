//! How many tenants say what of themselves, counted when the page is asked for.

use std::collections::BTreeMap;
use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use tenantry_domain::ConditionType;

use crate::source::Source;
use crate::table::{Row, TENANT_CONDITIONS, TENANTS};

/// So many lines have a word of their own.
const MOST_WORDS: usize = 40;
/// The word of all others.
const OTHER: &str = "Other";

/// One condition of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is about.
    pub kind: String,
    /// Its status, a word of ours.
    pub status: &'static str,
    /// Its reason.
    pub reason: String,
}

/// A status, and a word that is from the cluster.
type Told = (&'static str, String);

/// Who knows the conditions of every tenant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tenants(pub(crate) Source<Vec<Vec<Condition>>>);

impl Collector for Tenants {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(tenants) = self.0.get() else {
            return Ok(());
        };
        let readiness = tenants.iter().map(|conditions| readiness(conditions));
        encode(&mut encoder, &TENANTS, ["ready", "reason"], readiness)?;
        let conditions = tenants.iter().flatten();
        let conditions = conditions.map(|it| (it.status, it.kind.clone()));
        let labels = ["status", "condition"];
        encode(&mut encoder, &TENANT_CONDITIONS, labels, conditions)
    }
}

/// Status and reason of the condition `Ready`.
fn readiness(conditions: &[Condition]) -> Told {
    let ready = ConditionType::Ready.as_str();
    match conditions.iter().find(|condition| condition.kind == ready) {
        Some(condition) => (condition.status, condition.reason.clone()),
        None => ("Unknown", "NotReported".to_owned()),
    }
}

fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    row: &Row,
    labels: [&'static str; 2],
    told: impl Iterator<Item = Told>,
) -> fmt::Result {
    let gauges = Family::<[(&'static str, String); 2], Gauge>::default();
    for ((status, word), number) in bounded(told) {
        let values = [(labels[0], status.to_owned()), (labels[1], word)];
        gauges.get_or_create(&values).set(number);
    }
    let help = format!("{}.", row.help);
    gauges.encode(encoder.encode_descriptor(row.name, &help, None, gauges.metric_type())?)
}

/// How many say the same. The words are in the cluster, and another version of Tenantry may have
/// written them: their number is bounded here.
fn bounded(told: impl Iterator<Item = Told>) -> BTreeMap<Told, i64> {
    let mut numbers = BTreeMap::<Told, i64>::new();
    for one in told {
        *numbers.entry(one).or_default() += 1;
    }
    let mut by_number: Vec<_> = numbers.into_iter().collect();
    by_number.sort_by_key(|(_, number)| -number);
    let mut bounded = BTreeMap::new();
    for (index, ((status, mut word), number)) in by_number.into_iter().enumerate() {
        if index >= MOST_WORDS {
            OTHER.clone_into(&mut word);
        }
        *bounded.entry((status, word)).or_default() += number;
    }
    bounded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: &'static str, word: &str) -> Told {
        (status, word.to_owned())
    }

    #[test]
    fn tenants_that_say_the_same_are_one_line() {
        let all = [
            told("True", "Serving"),
            told("False", "PodStarting"),
            told("True", "Serving"),
        ];
        let numbers = bounded(all.into_iter());
        assert_eq!(numbers.len(), 2);
        assert_eq!(numbers[&told("True", "Serving")], 2);
    }

    #[test]
    fn there_are_never_more_lines_than_words_are_allowed() {
        let strange = (0..100).map(|number| told("False", &format!("Strange{number}")));
        let numbers = bounded(strange.chain(vec![told("True", "Serving"); 3]));
        assert_eq!(numbers.len(), MOST_WORDS + 1);
        assert_eq!(numbers[&told("True", "Serving")], 3);
        assert_eq!(numbers[&told("False", OTHER)], 61);
        assert_eq!(numbers.values().sum::<i64>(), 103);
    }

    #[test]
    fn a_tenant_that_nothing_was_reported_of_is_neither_ready_nor_not() {
        let condition = |kind: &str, reason: &str| Condition {
            kind: kind.into(),
            status: "False",
            reason: reason.into(),
        };
        assert_eq!(readiness(&[]), told("Unknown", "NotReported"));
        let conditions = [
            condition("Accepted", "SizeNotFound"),
            condition("Ready", "PodStarting"),
        ];
        assert_eq!(readiness(&conditions), told("False", "PodStarting"));
    }
}
