//! The steps of a provisioning, whose times partners see.

use std::fmt;

/// One step of a provisioning. Steps may overlap; each is reported with its start and end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// From the spec's receipt until it was found valid and the tenant had its identity.
    Accept,
    /// Until a template database for the tenant's release, modules, country and language was
    /// there. It takes no time when the template was made ahead.
    Template,
    /// Clone of the template, identity of the clone, access for the tenant's role.
    Database,
    /// Namespace and everything in it that the workload needs.
    Objects,
    /// From the workload's creation until its pod passed its readiness probe.
    Workload,
    /// From then until the hostname answered with the login page through the ingress.
    Serve,
}

impl Step {
    /// All steps, in the order in which they begin.
    pub const ALL: [Self; 6] = [
        Self::Accept,
        Self::Template,
        Self::Database,
        Self::Objects,
        Self::Workload,
        Self::Serve,
    ];

    /// The word for it in status, API, metrics and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "Accept",
            Self::Template => "Template",
            Self::Database => "Database",
            Self::Objects => "Objects",
            Self::Workload => "Workload",
            Self::Serve => "Serve",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
