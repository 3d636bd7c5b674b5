//! Why the command failed: what happened, the fields at fault, what to do; and the exit code.

use std::fmt;
use std::process::ExitCode;

use tenantry_domain::Fault;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, RpcStatusExt as _, StatusExt as _, pb};

/// What to do about what the caller cannot mend.
const TELL: &str = "tell those who run the platform";

/// Who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The one who made the call.
    Caller,
    /// The one who typed the command.
    Usage,
    /// The one who runs the platform.
    Platform,
}

/// Why the command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    what: String,
    fields: Vec<String>,
    remedy: Option<String>,
}

impl Failure {
    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            fields: Vec::new(),
            remedy: None,
        }
    }

    /// The caller can mend it.
    pub(crate) fn caller(what: impl Into<String>) -> Self {
        Self::new(Kind::Caller, what)
    }

    /// The command was typed wrongly.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what).with_remedy("see `tenantry --help`")
    }

    /// The platform failed or did not answer.
    pub(crate) fn platform(what: impl Into<String>) -> Self {
        Self::new(Kind::Platform, what)
    }

    /// One rule that a field breaks.
    pub(crate) fn with_field(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// What to do.
    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// What the shell sees.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self.kind {
            Kind::Caller => 1,
            Kind::Usage => 2,
            Kind::Platform => 3,
        }
    }

    /// What the platform answered to a call about `subject`.
    pub(crate) fn status(subject: &str, status: &Status) -> Self {
        let details = status.get_error_details();
        let violations = details.bad_request().map(|b| b.field_violations.as_slice());
        let violations = violations.unwrap_or_default();
        let message = status.message();
        // The message repeats the first field, and may begin with what the call was about.
        let what = if !violations.is_empty() {
            format!("{subject}: refused by the platform")
        } else if message.contains(subject) {
            message.to_owned()
        } else {
            format!("{subject}: {message}")
        };
        let failure = if is_of_platform(&details) {
            Self::platform(what).with_remedy(TELL)
        } else {
            Self::of_code(status.code(), what, !violations.is_empty())
        };
        violations.iter().fold(failure, |failure, violation| {
            let field = violation.field.strip_prefix("tenant.");
            let field = field.unwrap_or(&violation.field);
            failure.with_field(format!("{field}: {}", violation.description))
        })
    }

    /// An operation ended with `error`, as `what` says. Where the caller can mend it, there is no remedy
    /// yet.
    pub(crate) fn ended(what: impl Into<String>, error: &pb::Status) -> Self {
        if is_of_platform(&error.get_error_details()) {
            Self::platform(what).with_remedy(TELL)
        } else {
            Self::caller(what)
        }
    }

    /// Whether the caller can mend it.
    pub(crate) fn is_callers(&self) -> bool {
        self.kind == Kind::Caller
    }

    fn of_code(code: Code, what: String, has_fields: bool) -> Self {
        match code {
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Self::platform(what)
                .with_remedy(
                    "the platform does not answer; check TENANTRY_ENDPOINT, or try again later",
                ),
            Code::Unauthenticated => Self::caller(what)
                .with_remedy("set TENANTRY_TOKEN to the token that your platform gave you"),
            Code::Internal | Code::Unknown | Code::Unimplemented | Code::DataLoss => {
                Self::platform(what).with_remedy(TELL)
            }
            Code::AlreadyExists => Self::caller(what).with_remedy(
                "choose another name, or look with `tenantry get`; a deleted tenant is there until \
                 it is purged",
            ),
            _ if has_fields => Self::caller(what).with_remedy("mend it and try again"),
            _ => Self::caller(what),
        }
    }
}

/// Whether the platform says that it is its own to mend, whatever the code.
fn is_of_platform(details: &ErrorDetails) -> bool {
    let info = details.error_info();
    let fault = info.and_then(|info| info.metadata.get("fault"));
    fault.is_some_and(|fault| *fault == Fault::Platform.to_string())
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        for field in &self.fields {
            write!(f, "\n  {field}")?;
        }
        match &self.remedy {
            Some(remedy) => write!(f, "\n{remedy}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    #[test]
    fn a_failure_says_what_where_and_what_to_do() {
        let details =
            ErrorDetails::with_bad_request_violation("tenant.spec.channel", "no such one");
        let status = Status::with_error_details(Code::FailedPrecondition, "not valid", details);
        let failure = Failure::status("acme/shop42", &status);
        assert_eq!(
            failure.to_string(),
            "error: acme/shop42: refused by the platform\n  spec.channel: no such one\n\
             mend it and try again"
        );
        assert_eq!(failure.code(), 1);
    }

    /// A refusal of a field, for `fault` to mend.
    fn refused(fault: Fault) -> Status {
        let metadata = [("fault".to_owned(), fault.to_string())];
        let mut details = ErrorDetails::with_error_info("SOME", "tenantry.dev", metadata);
        details.add_bad_request_violation("tenant.spec.channel", "leads nowhere");
        Status::with_error_details(Code::FailedPrecondition, "not valid", details)
    }

    #[test]
    fn what_the_platform_has_to_mend_is_not_the_callers() {
        let failure = Failure::status("acme/shop42", &refused(Fault::Platform));
        assert_eq!(
            failure.to_string(),
            "error: acme/shop42: refused by the platform\n  spec.channel: leads nowhere\n\
             tell those who run the platform"
        );
        assert_eq!(failure.code(), 3);
        let failure = Failure::status("acme/shop42", &refused(Fault::Caller));
        assert!(failure.to_string().ends_with("\nmend it and try again"));
        assert_eq!(failure.code(), 1);
    }

    #[test]
    fn an_operation_that_the_platform_failed_is_not_the_callers() {
        for (fault, code) in [(Fault::Platform, 3), (Fault::Caller, 1)] {
            let status = refused(fault);
            let failure = Failure::ended("x", &pb::Status::decode(status.details()).unwrap());
            assert_eq!(failure.code(), code, "{failure}");
        }
    }

    #[test]
    fn a_failure_names_its_subject_once() {
        let status = Status::not_found("there is no tenant acme/shop42");
        let failure = Failure::status("acme/shop42", &status);
        assert_eq!(failure.to_string(), "error: there is no tenant acme/shop42");
    }

    #[test]
    fn the_exit_code_says_who_can_mend_it() {
        for (code, expected) in [
            (Code::Unavailable, 3),
            (Code::Internal, 3),
            (Code::Unauthenticated, 1),
            (Code::AlreadyExists, 1),
            (Code::NotFound, 1),
        ] {
            let failure = Failure::status("x", &Status::new(code, "y"));
            assert_eq!(failure.code(), expected, "{code:?}");
        }
        assert_eq!(Failure::usage("x").code(), 2);
    }
}
