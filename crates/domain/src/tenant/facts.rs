//! What a tenant is made of, and what the platform and its partner say of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{ImageReference, Quantity, ResourceName};

/// The person who administers the tenant's Odoo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// Login name in Odoo.
    pub login: String,
    /// E-mail address.
    pub email: String,
}

/// How a tenant presents itself. Empty fields say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// Name of the product, in place of Odoo's.
    pub product_name: Option<String>,
    /// Main colour, `#rrggbb`.
    pub primary_color: Option<String>,
    /// Second colour, `#rrggbb`.
    pub secondary_color: Option<String>,
    /// Page where users get help.
    pub support_url: Option<String>,
    /// Address where users get help.
    pub support_email: Option<String>,
}

impl Brand {
    /// This brand, with what it leaves empty taken from `base`.
    #[must_use]
    pub fn over(self, base: &Self) -> Self {
        Self {
            product_name: self.product_name.or_else(|| base.product_name.clone()),
            primary_color: self.primary_color.or_else(|| base.primary_color.clone()),
            secondary_color: self
                .secondary_color
                .or_else(|| base.secondary_color.clone()),
            support_url: self.support_url.or_else(|| base.support_url.clone()),
            support_email: self.support_email.or_else(|| base.support_email.clone()),
        }
    }
}

/// What a partner allows its tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerFacts {
    /// Domains below which its tenants may be reached.
    pub domains: Vec<String>,
    /// The brand its tenants start from.
    pub brand: Brand,
}

/// How tenants of a kind are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlueprintFacts {
    /// Its name.
    pub name: ResourceName,
    /// Odoo modules that every tenant has, beside `base` and `web`.
    pub modules: BTreeSet<String>,
    /// Language of tenants that ask for none.
    pub language: Option<String>,
    /// Country of tenants that ask for none.
    pub country: Option<String>,
    /// Where their databases live.
    pub database_server: ResourceName,
    /// What a size means, by its name.
    pub sizes: BTreeMap<String, Size>,
    /// The release that each channel runs, by the channel's name.
    pub channels: BTreeMap<String, ResourceName>,
    /// Whom tenants may reach by themselves.
    pub egress: Egress,
}

/// Whom a tenant may reach by itself, beside its database and the cluster's DNS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Egress {
    /// Everybody on the Internet, and nobody in private networks.
    #[default]
    Internet,
    /// Nobody.
    None,
}

/// How large a tenant is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Odoo worker processes, one or more.
    pub workers: u32,
    /// Processor time that is reserved.
    pub cpu: Quantity,
    /// Memory that is reserved.
    pub memory: Quantity,
    /// Memory that is never exceeded.
    pub memory_limit: Quantity,
    /// Size of the volume for attachments and sessions.
    pub storage: Quantity,
}

/// What a release runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseFacts {
    /// Its name.
    pub name: ResourceName,
    /// The Odoo version, such as `19.0`. Odoo's own update leads from one to the next of the same
    /// version only.
    pub odoo_version: String,
    /// The Odoo image.
    pub image: ImageReference,
    /// The program that starts Odoo, and its first arguments.
    pub command: Vec<String>,
    /// Numeric user of the Odoo process.
    pub uid: i64,
    /// Numeric group of the Odoo process.
    pub gid: i64,
    /// Where Odoo keeps attachments and sessions.
    pub data_directory: String,
}

/// What was decided for a tenant when it came to be. A blueprint that is edited later does not
/// change it: only the tenant's own spec does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pinned {
    /// The release that it runs.
    pub release: Option<ResourceName>,
    /// Whether its release is being changed just now. Until that is over, one way or the other,
    /// nothing else is asked of its release.
    pub changes_release: bool,
    /// The name of its size, and what that meant when the spec first named it.
    pub size: Option<(String, Size)>,
    /// Where its database is.
    pub database_server: Option<ResourceName>,
}
