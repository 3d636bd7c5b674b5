//! Hostnames that tenants answer on.

use std::fmt;
use std::str::FromStr;

/// A fully qualified host name: lower-case DNS labels, at least two of them, 253 characters at
/// most, no trailing dot and no wildcard.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hostname(String);

/// The text is no [`Hostname`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a hostname: use two or more lower-case DNS labels of at most 63 characters, \
     such as shop.example.com"
)]
pub struct HostnameError(String);

impl Hostname {
    /// The longest hostname, in characters (RFC 1035).
    pub const MAX_LENGTH: usize = 253;
    const LABEL_MAX_LENGTH: usize = 63;

    /// The hostname as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a name below `domain`. A domain does not contain itself: it belongs to the
    /// partner, not to one tenant.
    #[must_use]
    pub fn is_within(&self, domain: &str) -> bool {
        self.0
            .strip_suffix(domain)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.') && !domain.is_empty())
    }
}

fn is_label(label: &str) -> bool {
    (1..=Hostname::LABEL_MAX_LENGTH).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl FromStr for Hostname {
    type Err = HostnameError;

    fn from_str(text: &str) -> Result<Self, HostnameError> {
        let valid = text.len() <= Self::MAX_LENGTH
            && text.contains('.')
            && text.split('.').all(is_label)
            && !text
                .split('.')
                .all(|label| label.bytes().all(|b| b.is_ascii_digit()));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(HostnameError(text.to_owned()))
        }
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostnames_are_lower_case_names_of_two_labels_or_more() {
        for text in [
            "a.b",
            "shop42.acme.localhost",
            "xn--bcher-kva.example.com",
            "1.example",
        ] {
            assert!(text.parse::<Hostname>().is_ok(), "{text:?} was refused");
        }
        let long = format!("{}.com", "a".repeat(64));
        for text in [
            "", "a", "A.b", "a..b", ".a.b", "a.b.", "*.a.b", "a_b.c", "-a.b", "10.0.0.1", &long,
        ] {
            assert!(text.parse::<Hostname>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_hostname_is_within_a_domain_only_below_a_dot() {
        let host: Hostname = "shop.acme.example".parse().unwrap();
        assert!(host.is_within("acme.example"));
        assert!(host.is_within("example"));
        assert!(!host.is_within("cme.example"));
        assert!(!host.is_within("shop.acme.example"));
        assert!(!host.is_within(""));
    }
}
