//! Why a call was not answered: always one `ErrorInfo`, and the fields at fault where there are.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tenantry_domain::{Fault, Violation};
use tenantry_proto::DocumentViolation;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// The domain of every reason of ours.
const DOMAIN: &str = "tenantry.dev";
/// When to try again after the platform did not answer.
const RETRY_DELAY: Duration = Duration::from_secs(2);

/// Why a call is not answered.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    code: Code,
    reason: String,
    message: String,
    metadata: BTreeMap<String, String>,
    fields: Vec<FieldViolation>,
}

impl Refusal {
    /// A refusal. `reason` is a word in `UPPER_SNAKE_CASE` that programs may compare.
    pub(crate) fn new(code: Code, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            metadata: BTreeMap::new(),
            fields: Vec::new(),
        }
    }

    /// One field of the request is wrong whatever the state of the platform.
    pub(crate) fn field(field: &str, reason: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(Code::InvalidArgument, reason, format!("{field}: {message}"))
            .with_field(field, reason, message)
    }

    /// A bug of ours. `message` is shown to the caller, `error` is only logged.
    pub(crate) fn bug(message: &str, error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "{message}");
        Self::new(Code::Internal, "INTERNAL", message)
    }

    /// A variable part of the message, for programs.
    pub(crate) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// A field at fault.
    pub(crate) fn with_field(
        mut self,
        field: impl Into<String>,
        reason: &str,
        description: impl Into<String>,
    ) -> Self {
        self.fields.push(FieldViolation {
            field: field.into(),
            description: description.into(),
            reason: reason.to_owned(),
            localized_message: None,
        });
        self
    }

    /// What the CRD's schema and CEL rules refuse.
    pub(crate) fn document(violations: Vec<DocumentViolation>) -> Self {
        let refusal = Self::new(Code::InvalidArgument, "FIELD_INVALID", summary(&violations));
        violations.into_iter().fold(refusal, |refusal, violation| {
            let field = in_request(&violation.field);
            refusal.with_field(field, "FIELD_INVALID", violation.message)
        })
    }

    /// What the rules of the domain refuse. The first violation's reason is the refusal's, the
    /// same word as in the condition `Accepted`.
    pub(crate) fn violations(violations: Vec<Violation>) -> Self {
        let about_the_text = |violation: &Violation| {
            matches!(
                violation.reason.as_str(),
                "FieldInvalid" | "HostnameInvalid" | "HostnameMissing"
            )
        };
        let code = if violations.iter().any(about_the_text) {
            Code::InvalidArgument
        } else {
            Code::FailedPrecondition
        };
        let reason = violations.first().map_or_else(
            || "FIELD_INVALID".to_owned(),
            |v| upper_snake(v.reason.as_str()),
        );
        let fault = violations.first().map_or(Fault::Caller, Violation::fault);
        let refusal =
            Self::new(code, reason, summary(&violations)).with("fault", fault.to_string());
        violations.into_iter().fold(refusal, |refusal, violation| {
            let reason = upper_snake(violation.reason.as_str());
            refusal.with_field(in_request(&violation.field), &reason, violation.message)
        })
    }

    /// The refusal as the error of an operation.
    pub(crate) fn into_operation_error(self) -> tonic_types::pb::Status {
        let status = Status::from(self);
        prost::Message::decode(status.details()).unwrap_or_else(|_| tonic_types::pb::Status {
            code: status.code().into(),
            message: status.message().to_owned(),
            details: Vec::new(),
        })
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let metadata: HashMap<_, _> = refusal.metadata.into_iter().collect();
        let mut details = ErrorDetails::with_error_info(refusal.reason, DOMAIN, metadata);
        if !refusal.fields.is_empty() {
            details.set_bad_request(refusal.fields);
        }
        if refusal.code == Code::Unavailable {
            details.set_retry_info(Some(RETRY_DELAY));
        }
        Status::with_error_details(refusal.code, refusal.message, details)
    }
}

/// A path in the document as a path in the request.
fn in_request(field: &str) -> String {
    match field.strip_prefix("metadata.labels") {
        Some(rest) => format!("tenant.labels{rest}"),
        None if field == "metadata.name" => "tenant_id".to_owned(),
        None if field.is_empty() => "tenant".to_owned(),
        None => format!("tenant.{field}"),
    }
}

fn summary<V: std::fmt::Display>(violations: &[V]) -> String {
    match violations {
        [] => "the tenant is not valid".to_owned(),
        [one] => one.to_string(),
        [first, more @ ..] => format!("{first} (and {} more)", more.len()),
    }
}

/// `HostnameInvalid` as `HOSTNAME_INVALID`.
pub(crate) fn upper_snake(camel: &str) -> String {
    let mut snake = String::with_capacity(camel.len() + 8);
    for (index, letter) in camel.char_indices() {
        if index > 0 && letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_uppercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenantry_domain::Reason;

    #[test]
    fn reasons_are_written_as_programs_compare_them() {
        assert_eq!(upper_snake("HostnameInvalid"), "HOSTNAME_INVALID");
        assert_eq!(upper_snake("Failed"), "FAILED");
    }

    fn violation(field: &str, reason: &'static str) -> Violation {
        Violation {
            field: field.into(),
            reason: Reason::new(reason),
            message: "no".into(),
        }
    }

    #[test]
    fn a_refusal_carries_one_error_info_and_every_field() {
        let status = Status::from(Refusal::violations(vec![
            violation("spec.isolation.dedicated.size", "SizeNotFound"),
            violation("spec.channel", "ChannelNotFound"),
        ]));
        assert_eq!(status.code(), Code::FailedPrecondition);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("SIZE_NOT_FOUND", DOMAIN)
        );
        assert_eq!(info.metadata["fault"], "for the partner to mend");
        let fields: Vec<_> = details
            .bad_request()
            .unwrap()
            .field_violations
            .iter()
            .map(|violation| (violation.field.as_str(), violation.reason.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("tenant.spec.isolation.dedicated.size", "SIZE_NOT_FOUND"),
                ("tenant.spec.channel", "CHANNEL_NOT_FOUND")
            ]
        );
    }

    #[test]
    fn what_is_wrong_in_any_state_of_the_world_is_an_invalid_argument() {
        let status = Status::from(Refusal::violations(vec![
            violation("spec.channel", "ChannelNotFound"),
            violation("spec.hostnames[0]", "HostnameInvalid"),
        ]));
        assert_eq!(status.code(), Code::InvalidArgument);
    }

    #[test]
    fn only_an_unavailable_platform_asks_for_a_retry() {
        let retry = |code| {
            Status::from(Refusal::new(code, "X", "x"))
                .get_error_details()
                .retry_info()
                .is_some()
        };
        assert!(retry(Code::Unavailable));
        assert!(!retry(Code::Internal));
    }

    #[test]
    fn an_operations_error_keeps_code_and_details() {
        let error = Refusal::new(Code::FailedPrecondition, "X", "x").into_operation_error();
        assert_eq!(error.code, i32::from(Code::FailedPrecondition));
        assert_eq!(error.details.len(), 1);
    }
}
