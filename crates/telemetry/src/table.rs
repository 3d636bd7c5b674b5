//! The table of all metrics: what is registered, and what the reference page says of it.

/// What a metric is, in Prometheus' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Only grows. Its name ends in `_total` on the page.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size, as `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// One metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its name after [`PREFIX`], without the `_total` of counters.
    pub name: &'static str,
    /// What it is.
    pub kind: Type,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says, without a full stop.
    pub help: &'static str,
}

/// What every name begins with.
pub const PREFIX: &str = "tenantry";

/// Every label, and what its values are. None ever holds the name of a partner or a tenant.
pub const LABELS: [(&str, &str); 11] = [
    ("kind", "`Partner`, `DatabaseServer` or `Tenant`."),
    ("outcome", "`Succeeded` or `Failed`."),
    (
        "category",
        "Why a reconcile failed: the same word as in logs and in the reasons of conditions.",
    ),
    (
        "step",
        "`Accept`, `Template`, `Database`, `Objects`, `Workload` or `Serve`.",
    ),
    (
        "ready",
        "The status of the condition `Ready`: `True` or `False`, and `Unknown` before it was first reported.",
    ),
    (
        "reason",
        "The reason of the condition `Ready`; `Other` for all but the forty most frequent.",
    ),
    (
        "status",
        "The status of a condition: `True`, `False` or `Unknown`.",
    ),
    (
        "condition",
        "The type of a condition, such as `Serving`; `Other` for all but the forty most frequent.",
    ),
    (
        "method",
        "Package, service and method of a call; `Other` when there is no such method.",
    ),
    (
        "code",
        "The status code of a call's answer, such as `Ok` or `NotFound`.",
    ),
    (
        "result",
        "`LoginPage`, or what came instead: `ConnectFailed`, `TlsRefused`, `ConnectionBroke`, `BodyUnreadable`, `TimedOut`, `StatusNotOk` or `NoLoginForm`.",
    ),
];

pub(crate) const RECONCILES: Row = Row {
    name: "reconciles",
    kind: Type::Counter,
    labels: &["kind", "outcome"],
    help: "Reconciles that came to an end",
};

pub(crate) const RECONCILE_ERRORS: Row = Row {
    name: "reconcile_errors",
    kind: Type::Counter,
    labels: &["kind", "category"],
    help: "Reconciles that failed, by why",
};

pub(crate) const RECONCILE_SECONDS: Row = Row {
    name: "reconcile_seconds",
    kind: Type::Histogram,
    labels: &["kind"],
    help: "How long reconciles took, in seconds",
};

pub(crate) const QUEUE_SECONDS: Row = Row {
    name: "queue_seconds",
    kind: Type::Histogram,
    labels: &["kind"],
    help: "How long changed objects waited for their reconcile to begin, in seconds",
};

pub(crate) const QUEUE_OLDEST_SECONDS: Row = Row {
    name: "queue_oldest_seconds",
    kind: Type::Gauge,
    labels: &["kind"],
    help: "How long the changed object that waits longest has waited for its reconcile to begin, in seconds; 0 when none waits",
};

pub(crate) const LAST_SUCCESS: Row = Row {
    name: "last_successful_reconcile_timestamp_seconds",
    kind: Type::Gauge,
    labels: &["kind"],
    help: "When a reconcile last succeeded, in seconds since 1970; time() minus it says how long ago that is",
};

pub(crate) const PROVISIONING_SECONDS: Row = Row {
    name: "provisioning_seconds",
    kind: Type::Histogram,
    labels: &[],
    help: "From a tenant's receipt to its first login page, in seconds",
};

pub(crate) const PROVISIONING_STEP_SECONDS: Row = Row {
    name: "provisioning_step_seconds",
    kind: Type::Histogram,
    labels: &["step"],
    help: "How long each step of a provisioning took, in seconds; steps may overlap",
};

pub(crate) const TENANTS: Row = Row {
    name: "tenants",
    kind: Type::Gauge,
    labels: &["ready", "reason"],
    help: "Tenants by their condition Ready, counted when the page is asked for",
};

pub(crate) const TENANT_CONDITIONS: Row = Row {
    name: "tenant_conditions",
    kind: Type::Gauge,
    labels: &["status", "condition"],
    help: "Tenants by each of their conditions, counted when the page is asked for",
};

pub(crate) const CALLS: Row = Row {
    name: "calls",
    kind: Type::Counter,
    labels: &["method", "code"],
    help: "Calls of the gRPC API that were answered",
};

pub(crate) const CALL_SECONDS: Row = Row {
    name: "call_seconds",
    kind: Type::Histogram,
    labels: &["method"],
    help: "How long calls of the gRPC API took until their answer began, in seconds",
};

pub(crate) const PROBES: Row = Row {
    name: "probes",
    kind: Type::Counter,
    labels: &["result"],
    help: "Requests for tenants' login pages, by what came",
};

/// Every metric, in the order of the page.
pub const METRICS: [Row; 13] = [
    RECONCILES,
    RECONCILE_ERRORS,
    RECONCILE_SECONDS,
    QUEUE_SECONDS,
    QUEUE_OLDEST_SECONDS,
    LAST_SUCCESS,
    PROVISIONING_SECONDS,
    PROVISIONING_STEP_SECONDS,
    TENANTS,
    TENANT_CONDITIONS,
    CALLS,
    CALL_SECONDS,
    PROBES,
];

impl Row {
    /// The name by which it is asked for.
    #[must_use]
    pub fn full_name(&self) -> String {
        let suffix = match self.kind {
            Type::Counter => "_total",
            Type::Gauge | Type::Histogram => "",
        };
        format!("{PREFIX}_{}{suffix}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use tenantry_domain::Step;

    use super::LABELS;
    use crate::probed::Probed;

    /// The words that the table says the label has.
    fn said_of(label: &str) -> Vec<&'static str> {
        let (_, text) = LABELS.iter().find(|(name, _)| *name == label).unwrap();
        text.split('`').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_table_has_every_word_of_a_label_whose_words_are_known() {
        assert_eq!(said_of("result"), Probed::ALL.map(Probed::as_str));
        assert_eq!(said_of("step"), Step::ALL.map(Step::as_str));
    }
}
