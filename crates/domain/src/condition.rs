//! Condition types and reasons: the machine interface of every status.

use std::fmt;

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConditionType {
    /// The spec is valid in itself and in the state of the world.
    Accepted,
    /// It was decided where the tenant lives.
    Placed,
    /// The tenant runs the release that its spec names. It is there once that changed.
    ReleaseApplied,
    /// The tenant's database exists, carries its identity, and its role may connect.
    DatabaseReady,
    /// The volume is as large as the size says. It is there once it could not grow.
    VolumeGrown,
    /// The workload's pod is ready.
    WorkloadReady,
    /// The hostname is published to a ready workload.
    Routed,
    /// The hostname answers with the login page.
    Serving,
    /// It is being removed; the message says what that waits for.
    Deleting,
    /// The summary of all others.
    Ready,
}

impl ConditionType {
    /// The word in `status.conditions[].type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Placed => "Placed",
            Self::ReleaseApplied => "ReleaseApplied",
            Self::DatabaseReady => "DatabaseReady",
            Self::VolumeGrown => "VolumeGrown",
            Self::WorkloadReady => "WorkloadReady",
            Self::Routed => "Routed",
            Self::Serving => "Serving",
            Self::Deleting => "Deleting",
            Self::Ready => "Ready",
        }
    }
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a condition has its status: a CamelCase word that programs may compare. The set of words
/// grows; a program treats one that it does not know by the condition's status alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reason(&'static str);

impl Reason {
    /// The reason written as `word`.
    #[must_use]
    pub const fn new(word: &'static str) -> Self {
        Self(word)
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.0
    }
}
