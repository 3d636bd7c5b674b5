//! Names of partners and tenants, and the names that follow from them.

use std::fmt;
use std::str::FromStr;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text is empty or longer than its kind of name allows.
    #[error("{name:?} has {length} characters; a {kind} has 1 to {maximum}")]
    Length {
        /// What the name is for, such as `partner name`.
        kind: &'static str,
        /// The refused text.
        name: String,
        /// Its length in characters.
        length: usize,
        /// The longest that is allowed.
        maximum: usize,
    },
    /// The text is no DNS label, or contains the separator `--`.
    #[error(
        "{name:?} is not a {kind}: use lower-case letters, digits and single hyphens, \
         begin with a letter and end with a letter or digit"
    )]
    Shape {
        /// What the name is for.
        kind: &'static str,
        /// The refused text.
        name: String,
    },
}

fn check(kind: &'static str, maximum: usize, name: &str) -> Result<(), NameError> {
    let length = name.chars().count();
    if length == 0 || length > maximum {
        return Err(NameError::Length {
            kind,
            name: name.to_owned(),
            length,
            maximum,
        });
    }
    let shaped = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--");
    if shaped {
        Ok(())
    } else {
        Err(NameError::Shape {
            kind,
            name: name.to_owned(),
        })
    }
}

/// The name of a [partner](PartnerName), at most 20 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartnerName(String);

/// The name of a tenant within its partner, at most 30 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantName(String);

/// The name of a cluster-scoped object of ours (blueprint, release, database server), at most 40
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceName(String);

impl PartnerName {
    /// The longest partner name, in characters.
    pub const MAX_LENGTH: usize = 20;
    const NAMESPACE_PREFIX: &'static str = "partner-";

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The namespace that holds the partner's objects.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("{}{}", Self::NAMESPACE_PREFIX, self.0)
    }

    /// The partner whose objects `namespace` holds.
    ///
    /// # Errors
    /// The namespace is no partner's.
    pub fn from_namespace(namespace: &str) -> Result<Self, NameError> {
        namespace
            .strip_prefix(Self::NAMESPACE_PREFIX)
            .ok_or_else(|| NameError::Shape {
                kind: "partner namespace",
                name: namespace.into(),
            })?
            .parse()
    }
}

impl TenantName {
    /// The longest tenant name, in characters.
    pub const MAX_LENGTH: usize = 30;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ResourceName {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 40;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PartnerName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        check("partner name", Self::MAX_LENGTH, name).map(|()| Self(name.to_owned()))
    }
}

impl FromStr for TenantName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        check("tenant name", Self::MAX_LENGTH, name).map(|()| Self(name.to_owned()))
    }
}

impl FromStr for ResourceName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        check("resource name", Self::MAX_LENGTH, name).map(|()| Self(name.to_owned()))
    }
}

impl fmt::Display for PartnerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TenantName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One tenant: its partner and its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantKey {
    /// Whose tenant it is.
    pub partner: PartnerName,
    /// Its name within the partner.
    pub name: TenantName,
}

impl TenantKey {
    /// The namespace of the tenant's workloads. Neither name contains `--`, so two tenants never
    /// share one.
    #[must_use]
    pub fn namespace(&self) -> String {
        format!("{NAMESPACE_PREFIX}{}{SEPARATOR}{}", self.partner, self.name)
    }
}

/// Written as the API's resource name, `partners/{partner}/tenants/{tenant}`.
impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "partners/{}/tenants/{}", self.partner, self.name)
    }
}

impl FromStr for TenantKey {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split('/').collect::<Vec<_>>()[..] {
            ["partners", partner, "tenants", name] => Ok(Self {
                partner: partner.parse()?,
                name: name.parse()?,
            }),
            _ => Err(NameError::Shape {
                kind: "tenant resource name",
                name: text.to_owned(),
            }),
        }
    }
}

const NAMESPACE_PREFIX: &str = "tenant-";
const SEPARATOR: &str = "--";
const NAMESPACE_MAX_LENGTH: usize = 63;
const _: () = assert!(
    NAMESPACE_PREFIX.len() + PartnerName::MAX_LENGTH + SEPARATOR.len() + TenantName::MAX_LENGTH
        <= NAMESPACE_MAX_LENGTH
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tenants_namespace_names_partner_and_tenant() {
        let key: TenantKey = "partners/acme/tenants/shop-42".parse().unwrap();
        assert_eq!(key.namespace(), "tenant-acme--shop-42");
        assert_eq!(key.to_string(), "partners/acme/tenants/shop-42");
    }

    #[test]
    fn names_that_kubernetes_or_the_namespace_scheme_would_refuse_are_refused() {
        for name in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "1a",
            "a_b",
            "a.b",
            "ä",
            &"a".repeat(31),
        ] {
            assert!(name.parse::<TenantName>().is_err(), "{name:?} was accepted");
        }
    }

    #[test]
    fn a_partner_is_found_again_from_its_namespace() {
        assert_eq!(
            PartnerName::from_namespace("partner-acme")
                .unwrap()
                .as_str(),
            "acme"
        );
        assert!(PartnerName::from_namespace("default").is_err());
    }

    proptest! {
        #[test]
        fn two_tenants_never_share_a_namespace(
            a in "[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}", b in "[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}",
            c in "[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}", d in "[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,3}){0,2}",
        ) {
            let one = TenantKey { partner: a.parse().unwrap(), name: b.parse().unwrap() };
            let two = TenantKey { partner: c.parse().unwrap(), name: d.parse().unwrap() };
            prop_assert_eq!(one == two, one.namespace() == two.namespace());
        }
    }
}
