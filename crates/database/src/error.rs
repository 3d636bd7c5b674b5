//! What can go wrong, whose matter it is, and whether asking again helps.

use std::fmt;
use std::time::Duration;

use crate::comment::Phase;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was being done to what when something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct During {
    /// What was being done, as a bounded set of words: fit for a metric's label.
    pub step: &'static str,
    /// The database, role or server it was done to.
    pub object: String,
}

impl During {
    pub(crate) fn new(step: &'static str, object: impl Into<String>) -> Self {
        Self {
            step,
            object: object.into(),
        }
    }
}

impl fmt::Display for During {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "while {} {}", self.step, self.object)
    }
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before something else has changed: a retry meets the same answer.
    OnChange,
    /// With growing pauses.
    Backoff,
    /// After about this long.
    After(Duration),
}

/// Whose matter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller asked for something that cannot be done.
    Caller,
    /// The platform's operators: the server, its login, its disk.
    Operator,
    /// Nobody's: it passes.
    Nobody,
}

/// What went wrong, to what, and what to do about it. No variant ever holds a secret.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "each variant's text says what it and its fields mean"
)]
pub enum Error {
    #[error(
        "the database server does not answer, {during}: check its address, its health and the network to it"
    )]
    Unreachable { during: During, source: sqlx::Error },
    #[error(
        "the database server refuses our login, {during}: check its user and password, and pg_hba.conf"
    )]
    Authentication { during: During, source: sqlx::Error },
    #[error(
        "the database server has no connection left, {during}: raise max_connections or lower what tenants may use"
    )]
    OutOfConnections {
        during: During,
        source: Option<sqlx::Error>,
    },
    #[error("the database server's disk is full, {during}: give it more space")]
    DiskFull { during: During, source: sqlx::Error },
    #[error(
        "our login lacks a privilege, {during}: it needs CREATEDB, CREATEROLE and ADMIN OPTION on the tenantry_ roles"
    )]
    MissingPrivilege { during: During, source: sqlx::Error },
    #[error("the database server cannot be used: {problem}")]
    Unsuitable { problem: String },
    #[error(
        "the database server is not prepared (the role {role} is missing or not ours to use): prepare it first"
    )]
    NotPrepared { role: &'static str },
    #[error("there is no template database {template}: build it first")]
    TemplateMissing { template: String },
    #[error("the template database {template} is not sealed: wait for its build, then seal it")]
    TemplateNotSealed { template: String },
    #[error("the template database {template} is not fit to be cloned: {}", findings.join("; "))]
    TemplateUnfit {
        template: String,
        findings: Vec<String>,
    },
    #[error("the template database {template} is sealed: drop it to build it anew")]
    TemplateSealed { template: String },
    #[error(
        "the {kind} {name} exists and is not ours: nothing was changed; rename or remove it by hand"
    )]
    Foreign { kind: &'static str, name: String },
    #[error("the database {database} is being dropped: finish that first")]
    BeingDropped { database: String },
    #[error(
        "the release of database {database} cannot be changed, updated or taken back: {}",
        phase.map_or("there is none".to_owned(), |phase| format!("it is {phase:?}, or lacks its copy"))
    )]
    ReleaseChange {
        database: String,
        phase: Option<Phase>,
    },
    #[error("another worker holds {object}, or it is in use, {during}: it will be tried again")]
    Busy {
        during: During,
        object: String,
        source: Option<sqlx::Error>,
    },
    #[error("the identity asked for database {database} cannot be written: {problem}")]
    Identity { database: String, problem: String },
    #[error("the database {database} did not read back as written: {}", findings.join("; "))]
    Unverified {
        database: String,
        findings: Vec<String>,
    },
    #[error("an unexpected answer from the database server ({}), {during}", code.as_deref().unwrap_or("no code"))]
    Unexpected {
        during: During,
        code: Option<String>,
        source: sqlx::Error,
    },
    #[error("a computation was aborted, {during}")]
    Aborted { during: During },
}

impl Error {
    /// One of a bounded set of words, for metrics, logs and reasons of conditions.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "Unreachable",
            Self::Authentication { .. } => "AuthenticationFailed",
            Self::OutOfConnections { .. } => "OutOfConnections",
            Self::DiskFull { .. } => "DiskFull",
            Self::MissingPrivilege { .. } => "MissingPrivilege",
            Self::Unsuitable { .. } => "ServerUnsuitable",
            Self::NotPrepared { .. } => "ServerNotPrepared",
            Self::TemplateMissing { .. } => "TemplateMissing",
            Self::TemplateNotSealed { .. } => "TemplateNotSealed",
            Self::TemplateUnfit { .. } => "TemplateUnfit",
            Self::TemplateSealed { .. } => "TemplateSealed",
            Self::Foreign { .. } => "ForeignObject",
            Self::BeingDropped { .. } => "BeingDropped",
            Self::ReleaseChange { .. } => "ReleaseChanging",
            Self::Busy { .. } => "Busy",
            Self::Identity { .. } => "InvalidIdentity",
            Self::Unverified { .. } => "Unverified",
            Self::Unexpected { .. } => "Unexpected",
            Self::Aborted { .. } => "Aborted",
        }
    }

    /// When to try again.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Busy { .. } => Retry::After(Duration::from_secs(1)),
            Self::TemplateNotSealed { .. } => Retry::After(Duration::from_secs(5)),
            Self::Foreign { .. }
            | Self::Identity { .. }
            | Self::TemplateMissing { .. }
            | Self::TemplateUnfit { .. }
            | Self::TemplateSealed { .. }
            | Self::BeingDropped { .. }
            | Self::ReleaseChange { .. }
            | Self::NotPrepared { .. } => Retry::OnChange,
            Self::Unreachable { .. }
            | Self::Authentication { .. }
            | Self::OutOfConnections { .. }
            | Self::DiskFull { .. }
            | Self::MissingPrivilege { .. }
            | Self::Unsuitable { .. }
            | Self::Unverified { .. }
            | Self::Unexpected { .. }
            | Self::Aborted { .. } => Retry::Backoff,
        }
    }

    /// Whose matter it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Identity { .. }
            | Self::TemplateMissing { .. }
            | Self::TemplateSealed { .. }
            | Self::BeingDropped { .. }
            | Self::ReleaseChange { .. }
            | Self::NotPrepared { .. } => Fault::Caller,
            Self::TemplateNotSealed { .. } | Self::Busy { .. } | Self::Aborted { .. } => {
                Fault::Nobody
            }
            Self::Unreachable { .. }
            | Self::Authentication { .. }
            | Self::OutOfConnections { .. }
            | Self::DiskFull { .. }
            | Self::MissingPrivilege { .. }
            | Self::Unsuitable { .. }
            | Self::TemplateUnfit { .. }
            | Self::Foreign { .. }
            | Self::Unverified { .. }
            | Self::Unexpected { .. } => Fault::Operator,
        }
    }

    /// Sorts what the driver reports, by SQLSTATE where there is one.
    pub(crate) fn sort(during: During, source: sqlx::Error) -> Self {
        let Some(code) = sqlstate(&source) else {
            return Self::without_code(during, source);
        };
        match code.as_str() {
            "28P01" | "28000" => Self::Authentication { during, source },
            "53300" => Self::OutOfConnections {
                during,
                source: Some(source),
            },
            "53100" => Self::DiskFull { during, source },
            "42501" => Self::MissingPrivilege { during, source },
            // Starting up, shutting down, an administrator ended our session, a connection broke.
            "57P03" | "57P01" | "57P02" => Self::Unreachable { during, source },
            // In use, locked, deadlock, serialisation, statement timeout, made twice at once.
            "55006" | "55P03" | "40P01" | "40001" | "57014" | "42P04" | "42710" | "23505" => {
                Self::busy(during, source)
            }
            _ if code.starts_with("08") => Self::Unreachable { during, source },
            _ if source.to_string().contains("tuple concurrently updated") => {
                Self::busy(during, source)
            }
            _ => Self::Unexpected {
                during,
                code: Some(code),
                source,
            },
        }
    }

    fn busy(during: During, source: sqlx::Error) -> Self {
        Self::Busy {
            object: during.object.clone(),
            during,
            source: Some(source),
        }
    }

    fn without_code(during: During, source: sqlx::Error) -> Self {
        match source {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Self::Unreachable { during, source }
            }
            _ => Self::Unexpected {
                during,
                code: None,
                source,
            },
        }
    }
}

pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_what_happened_to_what() {
        let source = sqlx::Error::Io(std::io::ErrorKind::ConnectionRefused.into());
        let error = Error::sort(During::new("connecting to", "db.example:5432"), source);
        let text = error.to_string();
        assert!(
            text.contains("while connecting to db.example:5432"),
            "{text}"
        );
        assert_eq!(
            (error.category(), error.retry()),
            ("Unreachable", Retry::Backoff)
        );
        assert!(
            !text.contains("refused"),
            "the source is told by the chain, not twice: {text}"
        );
    }
}
