//! What was measured.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::machine::Machine;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measurements {
    pub(crate) machine_before: Machine,
    pub(crate) machine_after: Machine,
    pub(crate) blueprints: Vec<Blueprint>,
    pub(crate) rest: Rest,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Blueprint {
    pub(crate) name: String,
    pub(crate) alternating: Vec<Run>,
    pub(crate) at_once: Vec<Run>,
}

/// One tenant and the floor measured after it.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    pub(crate) ours: Ours,
    pub(crate) floor: FloorSample,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ours {
    /// From the response to the creation until the login page was seen from outside.
    pub(crate) seconds: f64,
    /// What the status says it took.
    pub(crate) told_seconds: f64,
    pub(crate) steps: Vec<Step>,
    /// Those of the steps that the login page waited for.
    pub(crate) critical_path: Vec<Step>,
    /// Requests of tenantryd from the creation until 5 s after it was told to serve.
    pub(crate) requests: usize,
    pub(crate) writes: usize,
    pub(crate) requests_by_kind: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    pub(crate) name: String,
    /// Since the first step began.
    pub(crate) start_seconds: f64,
    pub(crate) end_seconds: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FloorSample {
    /// From the first statement until the login page was seen from outside.
    pub(crate) seconds: f64,
    /// The clone alone.
    pub(crate) clone_seconds: f64,
}

/// The price of doing nothing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rest {
    pub(crate) seconds: u64,
    pub(crate) writes: usize,
    pub(crate) requests: usize,
    pub(crate) requests_by_kind: BTreeMap<String, usize>,
    /// Resident memory of tenantryd.
    pub(crate) tenantryd_rss_bytes: u64,
    /// Proportional memory of all processes of the smallest tenant.
    pub(crate) tenant_pss_bytes: u64,
    pub(crate) tenant_processes: usize,
    pub(crate) tenant_connections: u64,
}

impl Ours {
    /// How long the steps took that the login page waited for.
    pub(crate) fn explained_seconds(&self) -> f64 {
        let path = self.critical_path.iter();
        path.map(|step| step.end_seconds - step.start_seconds).sum()
    }
}

/// Order statistics of some seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statistics {
    pub(crate) minimum: f64,
    pub(crate) median: f64,
    pub(crate) p90: f64,
    pub(crate) maximum: f64,
}

impl Statistics {
    /// Of at least one value.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<_> = values.collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        Some(Self {
            minimum: values[0],
            median: f64::midpoint(values[last / 2], values[last.div_ceil(2)]),
            p90: values[last * 9 / 10],
            maximum: values[last],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Statistics;

    #[test]
    fn the_median_is_between_the_middle_values() {
        let of = |values: &[f64]| Statistics::of(values.iter().copied());
        assert!(of(&[]).is_none());
        let some = of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        assert!((some.median - 2.5).abs() < 1e-9);
        assert!((some.maximum - 4.0).abs() < 1e-9);
    }
}
