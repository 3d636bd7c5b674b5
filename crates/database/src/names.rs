//! The one place where databases and roles get their names.
//!
//! The server cuts identifiers at 63 bytes without an error, so lengths are bounded here.

/// Owns the tables, views and sequences inside templates and clones. Every tenant is a member.
pub const OBJECTS_ROLE: &str = "tenantry_objects";

/// Owns the template databases. No tenant is a member: a database's owner may always connect to it.
pub const TEMPLATES_ROLE: &str = "tenantry_templates";

const ID_MAX_BYTES: usize = 40;
const TENANT_PREFIX: &str = "t_";
const TEMPLATE_PREFIX: &str = "tpl_";
/// No tenant id contains an underscore, so that no tenant's database has such a name.
const COPY_SUFFIX: &str = "_before";
const IDENTIFIER_MAX_BYTES: usize = 63;
const _: () = assert!(TEMPLATE_PREFIX.len() + ID_MAX_BYTES <= IDENTIFIER_MAX_BYTES);
const _: () =
    assert!(TENANT_PREFIX.len() + ID_MAX_BYTES + COPY_SUFFIX.len() <= IDENTIFIER_MAX_BYTES);

/// A tenant id or template name that cannot name a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {given:?} cannot name a database: {rule}")]
pub struct NameError {
    what: &'static str,
    given: String,
    rule: &'static str,
}

/// A tenant's database and login role, which share one name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantDatabase {
    name: String,
}

impl TenantDatabase {
    /// Names the database of a tenant.
    ///
    /// # Errors
    /// When the id is not 1 to 40 characters of a-z and 0-9.
    pub fn new(tenant_id: &str) -> Result<Self, NameError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        if !fits(tenant_id, plain) {
            let rule = "it must be 1 to 40 characters of a-z and 0-9";
            return Err(NameError {
                what: "tenant id",
                given: tenant_id.to_owned(),
                rule,
            });
        }
        Ok(Self {
            name: format!("{TENANT_PREFIX}{tenant_id}"),
        })
    }

    /// The tenant id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.name[TENANT_PREFIX.len()..]
    }

    /// The name of the database, which is also the name of the role.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of its copy from before a change.
    pub(crate) fn copy_name(&self) -> String {
        copy_of(&self.name)
    }
}

/// A template database and the role of the Job that builds it, which share one name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TemplateDatabase {
    name: String,
}

impl TemplateDatabase {
    /// Names a template database.
    ///
    /// # Errors
    /// When the name is not 1 to 40 characters of a-z, 0-9 and _.
    pub fn new(template: &str) -> Result<Self, NameError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !fits(template, plain) {
            let rule = "it must be 1 to 40 characters of a-z, 0-9 and _";
            return Err(NameError {
                what: "template",
                given: template.to_owned(),
                rule,
            });
        }
        Ok(Self {
            name: format!("{TEMPLATE_PREFIX}{template}"),
        })
    }

    /// The template's name, as it was given.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.name[TEMPLATE_PREFIX.len()..]
    }

    /// The name of the database, which is also the name of the builder's role.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The name of a database's copy from before a change.
#[must_use]
pub fn copy_of(database: &str) -> String {
    format!("{database}{COPY_SUFFIX}")
}

fn fits(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    (1..=ID_MAX_BYTES).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_names_database_and_role() {
        let tenant = TenantDatabase::new("01jd9x").unwrap();
        assert_eq!((tenant.id(), tenant.name()), ("01jd9x", "t_01jd9x"));
        assert!(TenantDatabase::new(&"a".repeat(40)).is_ok());
    }

    #[test]
    fn strange_tenant_ids_are_refused() {
        for id in [
            "",
            "A",
            "a-b",
            "a_b",
            "a b",
            "a\"",
            "é",
            "a;drop",
            &"a".repeat(41),
        ] {
            assert!(TenantDatabase::new(id).is_err(), "{id:?}");
        }
    }

    #[test]
    fn template_never_shares_a_name_with_a_tenant() {
        let template = TemplateDatabase::new("odoo19_base_be").unwrap();
        assert_eq!(template.name(), "tpl_odoo19_base_be");
        assert!(
            TenantDatabase::new("pl_x").is_err(),
            "no id leads to a name that starts with tpl_"
        );
        assert!(TemplateDatabase::new("odoo-19").is_err());
    }
}
