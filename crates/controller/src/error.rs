//! Why a reconcile did not come to its end.

use tenantry_domain::{Fault, Retry};
use tenantry_render::Kind;

use crate::refusal;
use crate::words::settled;

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

impl From<tenantry_domain::NameError> for Error {
    fn from(error: tenantry_domain::NameError) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<tenantry_domain::TenantIdError> for Error {
    fn from(error: tenantry_domain::TenantIdError) -> Self {
        Self::Invalid(error.to_string())
    }
}

impl From<tenantry_database::NameError> for Error {
    fn from(error: tenantry_database::NameError) -> Self {
        Self::Invalid(error.to_string())
    }
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A bounded word for metrics, logs and condition reasons.
    pub(crate) fn category(&self) -> &'static str {
        match self {
            Self::Kubernetes {
                source: kube::Error::Api(status),
                ..
            } => refusal::read(&status.message)
                .map_or_else(|| answer(status.code), |refusal| refusal.reason),
            Self::Kubernetes { .. } => "KubernetesUnreachable",
            Self::Foreign { .. } => "ObjectNotOurs",
            // It is cloned only when it was seen there before.
            Self::Database(tenantry_database::Error::TemplateMissing { .. }) => "TemplateLost",
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
                tenantry_database::Fault::Operator => Fault::Platform,
                tenantry_database::Fault::Nobody => Fault::Nobody,
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

    /// What a condition says: what happened to what, whose matter it is, and when it is tried
    /// again. It is the same at each attempt that fails alike.
    pub(crate) fn message(&self) -> String {
        format!("{} ({}; {})", self.what(), self.fault(), self.retry())
    }

    /// What happened to what. It is the same at each attempt that fails alike.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Kubernetes {
                verb,
                object,
                source: kube::Error::Api(status),
            } => {
                let words = refusal::read(&status.message)
                    .map_or_else(|| settled(&status.message), |refusal| refusal.words);
                format!("could not {verb} {object}: {words}")
            }
            Self::Database(tenantry_database::Error::TemplateMissing { template }) => format!(
                "its template {template} is not on the database server any more; \
                 it is made again, there is no tenant's data in it"
            ),
            other => settled(&other.chain()),
        }
    }

    /// Whether a write of an object of this kind failed.
    pub(crate) fn is_about(&self, kind: Kind) -> bool {
        match self {
            Self::Kubernetes { object, .. } => {
                object.split_whitespace().next() == Some(kind.as_str())
            }
            _ => false,
        }
    }

    /// Whether the API server, or somebody whom it asked, does not want what was written, and will
    /// not want it a moment later either.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Kubernetes {
                source: kube::Error::Api(status),
                ..
            } => matches!(status.code, 400..500) && !matches!(status.code, 409 | 429),
            _ => false,
        }
    }

    /// Whether it is nothing but two writers who met: the next attempt is at hand.
    pub(crate) fn is_conflict(&self) -> bool {
        self.category() == "KubernetesConflict"
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

/// What the API server itself answered.
fn answer(code: u16) -> &'static str {
    match code {
        403 => "KubernetesForbidden",
        409 => "KubernetesConflict",
        422 => "KubernetesInvalid",
        429 => "KubernetesBusy",
        _ => "KubernetesRefused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, message: &str) -> Error {
        let status = kube::core::Status::failure(message, "Forbidden").with_code(code);
        Error::Kubernetes {
            verb: "apply",
            object: "Deployment tenant-acme--shop/odoo".to_owned(),
            source: kube::Error::Api(status.boxed()),
        }
    }

    #[test]
    fn a_write_that_somebody_refuses_is_told_by_who_it_was() {
        let quota = "deployments.apps \"odoo\" is forbidden: exceeded quota: tiny, requested: \
                     count/deployments.apps=1, used: count/deployments.apps=0, limited: \
                     count/deployments.apps=0";
        let policy = "deployments.apps \"odoo\" is forbidden: ValidatingAdmissionPolicy 'freeze' \
                      with binding 'freeze' denied request: not this week";
        for (code, message, category) in [
            (403, quota, "QuotaExceeded"),
            (422, policy, "AdmissionRefused"),
            (
                403,
                "deployments.apps is forbidden: User \"x\" cannot patch",
                "KubernetesForbidden",
            ),
            (409, "the object has been modified", "KubernetesConflict"),
        ] {
            assert_eq!(refused(code, message).category(), category, "{message}");
        }
        assert_eq!(
            refused(422, policy).message(),
            "could not apply Deployment tenant-acme--shop/odoo: ValidatingAdmissionPolicy 'freeze' \
             with binding 'freeze' denied request: not this week \
             (for the platform to mend; tried again within a minute)"
        );
    }

    #[test]
    fn an_error_knows_the_kind_that_it_is_about() {
        let error = refused(403, "no");
        assert!(error.is_about(Kind::Deployment));
        assert!(!error.is_about(Kind::Ingress));
        assert!(!Error::Invalid("Deployment".to_owned()).is_about(Kind::Deployment));
    }

    #[test]
    fn a_template_that_was_dropped_is_lost_and_nobodys_bug() {
        let template = "0123456789abcdef".to_owned();
        let error = Error::Database(tenantry_database::Error::TemplateMissing { template });
        assert_eq!(
            (error.category(), error.fault()),
            ("TemplateLost", Fault::Platform)
        );
        assert!(
            error.message().contains("made again"),
            "{}",
            error.message()
        );
    }
}
