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
        "the database server's name is not known, {during}: check its address and the cluster's DNS"
    )]
    HostUnknown { during: During, source: sqlx::Error },
    #[error("the database server is starting or stopping, {during}: it goes on by itself")]
    Starting { during: During, source: sqlx::Error },
    #[error("the database server refuses the password, {during}: check it, and the user")]
    WrongPassword { during: During, source: sqlx::Error },
    #[error(
        "the database server refuses the login, {during}: check pg_hba.conf, and that the role may log in"
    )]
    LoginRefused { during: During, source: sqlx::Error },
    #[error(
        "the database server cannot be trusted, {during}: {problem}; check that it offers TLS, \
         and that its certificate is valid, has its host name and is signed by the given authority"
    )]
    Tls { during: During, problem: String },
    #[error(
        "the database server has no connection left, {during}: raise max_connections or lower what tenants may use"
    )]
    OutOfConnections { during: During, source: sqlx::Error },
    #[error("Tenantry's own connections to the database server are all in use, {during}")]
    Queued { during: During },
    #[error("the database server's disk is full, {during}: give it more space")]
    DiskFull { during: During, source: sqlx::Error },
    #[error(
        "our login lacks a privilege, {during}: it needs CREATEDB, CREATEROLE and ADMIN OPTION on the tenantry_ roles"
    )]
    MissingPrivilege { during: During, source: sqlx::Error },
    #[error("the database server cannot be used: {problem}")]
    Unsuitable {
        reason: &'static str,
        problem: String,
    },
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
            Self::Unreachable { .. } => "DatabaseUnreachable",
            Self::HostUnknown { .. } => "DatabaseHostUnknown",
            Self::Starting { .. } => "DatabaseStarting",
            Self::WrongPassword { .. } | Self::LoginRefused { .. } => "DatabaseLoginRefused",
            Self::Tls { .. } => "DatabaseTlsRefused",
            Self::OutOfConnections { .. } => "DatabaseOutOfConnections",
            Self::Queued { .. } => "DatabaseQueued",
            Self::DiskFull { .. } => "DatabaseDiskFull",
            Self::MissingPrivilege { .. } => "MissingPrivilege",
            Self::Unsuitable { reason, .. } => reason,
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

    /// Whether the server is in trouble, and not what was asked of it: whatever else is asked of it
    /// meets the same.
    #[must_use]
    pub fn is_of_server(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::HostUnknown { .. }
                | Self::Starting { .. }
                | Self::WrongPassword { .. }
                | Self::LoginRefused { .. }
                | Self::Tls { .. }
                | Self::OutOfConnections { .. }
                | Self::Queued { .. }
                | Self::DiskFull { .. }
                | Self::MissingPrivilege { .. }
                | Self::Unsuitable { .. }
                | Self::NotPrepared { .. }
        )
    }

    /// Whether something else needs what was to be dropped.
    pub(crate) fn is_dependence(&self) -> bool {
        matches!(self, Self::Unexpected { code: Some(code), .. } if code == "2BP01")
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
            | Self::HostUnknown { .. }
            | Self::Starting { .. }
            | Self::WrongPassword { .. }
            | Self::LoginRefused { .. }
            | Self::Tls { .. }
            | Self::OutOfConnections { .. }
            | Self::Queued { .. }
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
            | Self::TemplateSealed { .. }
            | Self::BeingDropped { .. }
            | Self::ReleaseChange { .. }
            | Self::NotPrepared { .. } => Fault::Caller,
            Self::TemplateNotSealed { .. }
            | Self::Busy { .. }
            | Self::Queued { .. }
            | Self::Aborted { .. } => Fault::Nobody,
            Self::Unreachable { .. }
            | Self::HostUnknown { .. }
            | Self::Starting { .. }
            | Self::WrongPassword { .. }
            | Self::LoginRefused { .. }
            | Self::Tls { .. }
            | Self::OutOfConnections { .. }
            | Self::DiskFull { .. }
            | Self::MissingPrivilege { .. }
            | Self::Unsuitable { .. }
            | Self::TemplateMissing { .. }
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
            "28P01" => Self::WrongPassword { during, source },
            // Nobody asked for a password: pg_hba.conf has no line that fits, or the role no LOGIN.
            "28000" => Self::LoginRefused { during, source },
            "53300" => Self::OutOfConnections { during, source },
            "53100" => Self::DiskFull { during, source },
            "42501" => Self::MissingPrivilege { during, source },
            "57P03" => Self::Starting { during, source },
            // An administrator ended our session, or the server crashed.
            "57P01" | "57P02" => Self::Unreachable { during, source },
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
        if let Some(problem) = distrust(&source) {
            return Self::Tls { during, problem };
        }
        match source {
            sqlx::Error::Io(error) if is_lookup(&error) => Self::HostUnknown {
                during,
                source: sqlx::Error::Io(error),
            },
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => Self::Unreachable { during, source },
            _ => Self::Unexpected {
                during,
                code: None,
                source,
            },
        }
    }
}

/// The standard library has no kind of error for a name that is not found.
fn is_lookup(error: &std::io::Error) -> bool {
    error
        .to_string()
        .contains("failed to lookup address information")
}

/// Why the server is not trusted, if that is what the driver reports: always in the same words, so
/// that nobody writes them down anew with each attempt.
fn distrust(source: &sqlx::Error) -> Option<String> {
    use rustls::{CertificateError, Error};

    let error = match source {
        sqlx::Error::Tls(error) => return Some(error.to_string()),
        sqlx::Error::Io(error) => error.get_ref()?.downcast_ref::<Error>()?,
        _ => return None,
    };
    Some(match error {
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "its certificate has expired".to_owned(),
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "its certificate is not valid yet".to_owned(),
        error => error.to_string(),
    })
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
            ("DatabaseUnreachable", Retry::Backoff)
        );
        assert!(
            !text.contains("refused"),
            "the source is told by the chain, not twice: {text}"
        );
    }

    #[test]
    fn a_name_that_is_not_found_is_told_apart_from_a_server_that_is_away() {
        let lookup = std::io::Error::other(
            "failed to lookup address information: Name or service not known",
        );
        let during = || During::new("connecting to", "db.example:5432");
        let sorted = |error| Error::sort(during(), sqlx::Error::Io(error)).category();
        assert_eq!(sorted(lookup), "DatabaseHostUnknown");
        let away = std::io::ErrorKind::TimedOut.into();
        assert_eq!(sorted(away), "DatabaseUnreachable");
    }

    /// What a server of ours answers.
    #[derive(Debug, thiserror::Error)]
    #[error("the server's own words")]
    struct Answer(&'static str);

    impl sqlx::error::DatabaseError for Answer {
        fn message(&self) -> &'static str {
            "the server's own words"
        }

        fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> sqlx::error::ErrorKind {
            sqlx::error::ErrorKind::Other
        }
    }

    #[test]
    fn each_trouble_of_a_server_has_a_word_of_its_own_and_passes_by_itself() {
        for (code, category) in [
            ("53100", "DatabaseDiskFull"),
            ("53300", "DatabaseOutOfConnections"),
            ("57P03", "DatabaseStarting"),
            ("57P01", "DatabaseUnreachable"),
            ("08006", "DatabaseUnreachable"),
            ("28P01", "DatabaseLoginRefused"),
            ("28000", "DatabaseLoginRefused"),
            ("42501", "MissingPrivilege"),
        ] {
            let during = During::new("cloning", "t_a1");
            let error = Error::sort(during, sqlx::Error::Database(Box::new(Answer(code))));
            assert_eq!(
                (error.category(), error.fault(), error.retry()),
                (category, Fault::Operator, Retry::Backoff),
                "{code}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_one_database_is_no_trouble_of_the_server() {
        for (code, of_server) in [
            ("53300", true),
            ("28P01", true),
            ("57P03", true),
            ("57014", false),
            ("55006", false),
            ("2BP01", false),
        ] {
            let during = During::new("sealing", "tpl_a1");
            let error = Error::sort(during, sqlx::Error::Database(Box::new(Answer(code))));
            assert_eq!(error.is_of_server(), of_server, "{code}");
        }
    }

    #[test]
    fn only_a_refused_password_is_a_wrong_one() {
        let sorted = |code| {
            let source = sqlx::Error::Database(Box::new(Answer(code)));
            Error::sort(During::new("connecting to", "t_a1"), source)
        };
        assert!(matches!(sorted("28P01"), Error::WrongPassword { .. }));
        assert!(matches!(sorted("28000"), Error::LoginRefused { .. }));
    }

    #[test]
    fn a_refused_certificate_is_no_unreachable_server() {
        let unknown = rustls::Error::from(rustls::CertificateError::UnknownIssuer);
        for source in [
            sqlx::Error::Io(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                unknown,
            )),
            sqlx::Error::Tls("server does not support TLS".into()),
        ] {
            let error = Error::sort(During::new("connecting to", "db.example:5432"), source);
            assert_eq!(error.category(), "DatabaseTlsRefused");
        }
    }
}
