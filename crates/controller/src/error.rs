//! Why a reconcile did not come to its end.

use tenantry_domain::{Fault, Retry};
use tenantry_render::Kind;

/// Why a reconcile did not come to its end. It is tried again as [`Error::retry`] says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The API server refused or did not answer.
    #[error("could not {verb} {object}")]
    Kubernetes {
        /// What was tried.
        verb: &'static str,
        /// To what.
        object: String,
        /// What the API server said.
        #[source]
        source: kube::Error,
    },
    /// An object of this name exists and is not ours.
    #[error(
        "{object} exists and is not ours: it lacks the labels {expected}. \
         Remove or rename it; Tenantry adopts nothing"
    )]
    Foreign {
        /// The object.
        object: String,
        /// The labels that ours would have.
        expected: String,
    },
    /// The database server refused or did not answer.
    #[error(transparent)]
    Database(#[from] tenantry_database::Error),
    /// An object of ours does not have what we wrote into it.
    #[error("{kind} {name} lacks {field}: restore it, what it held cannot be made again")]
    Damaged {
        /// Its kind.
        kind: Kind,
        /// Namespace and name.
        name: String,
        /// What is missing.
        field: &'static str,
    },
    /// What somebody has to write before a database server can be reached.
    #[error("{what} is not there: write it, and it goes on by itself")]
    CredentialsMissing {
        /// The object, or its key.
        what: String,
    },
    /// A database server or our login on it is not there.
    #[error("DatabaseServer {server} cannot be asked: restore it, and the Secret with its login")]
    ServerUnknown {
        /// The server.
        server: String,
    },
    /// A name or id is not one.
    #[error("{0}")]
    Invalid(String),
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A bounded word for metrics, logs and condition reasons.
    pub(crate) fn category(&self) -> &'static str {
        match self {
            Self::Kubernetes {
                source: kube::Error::Api(status),
                ..
            } => match status.code {
                403 => "KubernetesForbidden",
                409 => "KubernetesConflict",
                422 => "KubernetesInvalid",
                429 => "KubernetesBusy",
                _ => "KubernetesRefused",
            },
            Self::Kubernetes { .. } => "KubernetesUnreachable",
            Self::Foreign { .. } => "ObjectNotOurs",
            Self::Database(error) => error.category(),
            Self::Damaged { .. } => "ObjectDamaged",
            Self::CredentialsMissing { .. } => "CredentialsMissing",
            Self::ServerUnknown { .. } => "DatabaseServerUnknown",
            Self::Invalid(_) => "Invalid",
        }
    }

    /// Who has to act.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Kubernetes { .. }
            | Self::Foreign { .. }
            | Self::Damaged { .. }
            | Self::CredentialsMissing { .. }
            | Self::ServerUnknown { .. } => Fault::Platform,
            Self::Database(error) => match error.fault() {
                tenantry_database::Fault::Caller => Fault::Tenantry,
                _ => Fault::Platform,
            },
            Self::Invalid(_) => Fault::Caller,
        }
    }

    /// Whether the same attempt may succeed later.
    pub(crate) fn retry(&self) -> Retry {
        match self {
            Self::Database(error) => match error.retry() {
                tenantry_database::Retry::OnChange => Retry::OnChange,
                tenantry_database::Retry::Backoff => Retry::Backoff,
                tenantry_database::Retry::After(time) => Retry::After(time),
            },
            Self::Invalid(_) | Self::CredentialsMissing { .. } => Retry::OnChange,
            _ => Retry::Backoff,
        }
    }

    /// The error and its causes in one line.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
