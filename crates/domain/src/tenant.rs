//! What makes a tenant valid, and what a valid tenant means.
//!
//! Structure (lengths, patterns, required fields) was already judged by the CRD's schema. Here
//! the rules are judged that need more than one object: partner, blueprint and release.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Hostname, ImageReference, Quantity, Reason, ResourceName, TenantKey};

/// What a tenant's spec asks for, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRequest {
    /// Who asks, and how the tenant is called.
    pub key: TenantKey,
    /// Name of the customer, shown to people.
    pub display_name: String,
    /// One of the blueprint's sizes.
    pub size: String,
    /// One of the blueprint's channels; absent means the blueprint's only one.
    pub channel: Option<String>,
    /// Where the tenant is reached; the first is its address, the others answer too.
    pub hostnames: Vec<String>,
    /// Who receives the first login.
    pub administrator: Administrator,
    /// Odoo language code such as `fr_FR`; absent means the blueprint's.
    pub language: Option<String>,
    /// ISO 3166 country code such as `FR`; absent means the blueprint's.
    pub country: Option<String>,
    /// IANA time zone; absent means UTC.
    pub timezone: Option<String>,
    /// What differs from the partner's brand.
    pub brand: Brand,
}

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

/// A tenant that can be built: every choice is made, every name resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidTenant {
    /// Whose tenant it is and how it is called.
    pub key: TenantKey,
    /// Name of the customer, shown to people.
    pub display_name: String,
    /// Its address.
    pub hostname: Hostname,
    /// Further hostnames that it answers on.
    pub aliases: Vec<Hostname>,
    /// Who receives the first login.
    pub administrator: Administrator,
    /// Name of its size.
    pub size_name: String,
    /// Its size.
    pub size: Size,
    /// Its blueprint.
    pub blueprint: ResourceName,
    /// Where its database lives.
    pub database_server: ResourceName,
    /// What it runs.
    pub release: ReleaseFacts,
    /// Odoo modules that are asked for, beside `base` and `web`.
    pub modules: BTreeSet<String>,
    /// Odoo language code.
    pub language: Option<String>,
    /// ISO 3166 country code.
    pub country: Option<String>,
    /// IANA time zone.
    pub timezone: String,
    /// How it presents itself.
    pub brand: Brand,
    /// Whom it may reach by itself.
    pub egress: Egress,
}

/// One rule that a spec breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Violation {
    /// Path of the offending field, such as `spec.hostnames[0]`.
    pub field: String,
    /// The rule, as a condition's reason.
    pub reason: Reason,
    /// What is wrong and what to do.
    pub message: String,
}

impl Violation {
    fn new(field: impl Into<String>, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: Reason::new(reason),
            message: message.into(),
        }
    }
}

/// The meaning of `request`, or every rule that it breaks.
///
/// `release` is asked for the release of a channel once the channel is known; it answers `None`
/// when there is no such release.
///
/// # Errors
/// All violations at once, so that the caller can mend them in one go.
pub fn validate(
    request: &TenantRequest,
    partner: &PartnerFacts,
    blueprint: &BlueprintFacts,
    release: impl Fn(&ResourceName) -> Option<ReleaseFacts>,
) -> Result<ValidTenant, Vec<Violation>> {
    let mut violations = Vec::new();
    let hostnames = hostnames(request, partner, &mut violations);
    let size = size(request, blueprint)
        .map_err(|violation| violations.push(violation))
        .ok();
    let release = channel(request, blueprint)
        .and_then(|name| {
            release(name).ok_or_else(|| {
                Violation::new(
                    "spec.channel",
                    "ReleaseNotFound",
                    format!("there is no Release {name}; create it, or point the channel of Blueprint {} at another", blueprint.name),
                )
            })
        })
        .map_err(|violation| violations.push(violation))
        .ok();
    match (hostnames.split_first(), size, release) {
        (Some((hostname, aliases)), Some(size), Some(release)) if violations.is_empty() => {
            Ok(ValidTenant {
                key: request.key.clone(),
                display_name: request.display_name.clone(),
                hostname: hostname.clone(),
                aliases: aliases.to_vec(),
                administrator: request.administrator.clone(),
                size_name: request.size.clone(),
                size,
                blueprint: blueprint.name.clone(),
                database_server: blueprint.database_server.clone(),
                release,
                modules: blueprint.modules.clone(),
                language: request
                    .language
                    .clone()
                    .or_else(|| blueprint.language.clone()),
                country: request
                    .country
                    .clone()
                    .or_else(|| blueprint.country.clone()),
                timezone: request.timezone.clone().unwrap_or_else(|| "UTC".to_owned()),
                brand: request.brand.clone().over(&partner.brand),
                egress: blueprint.egress,
            })
        }
        _ => Err(violations),
    }
}

fn hostnames(
    request: &TenantRequest,
    partner: &PartnerFacts,
    violations: &mut Vec<Violation>,
) -> Vec<Hostname> {
    if request.hostnames.is_empty() {
        violations.push(Violation::new(
            "spec.hostnames",
            "HostnameMissing",
            "a tenant needs one hostname at least",
        ));
    }
    let mut accepted = Vec::new();
    for (index, text) in request.hostnames.iter().enumerate() {
        let field = format!("spec.hostnames[{index}]");
        match text.parse::<Hostname>() {
            Err(error) => {
                violations.push(Violation::new(field, "HostnameInvalid", error.to_string()));
            }
            Ok(hostname)
                if !partner
                    .domains
                    .iter()
                    .any(|domain| hostname.is_within(domain)) =>
            {
                violations.push(Violation::new(
                    field,
                    "HostnameOutsidePartnerDomains",
                    format!(
                        "{hostname} is below none of the domains of Partner {}: {}",
                        request.key.partner,
                        partner.domains.join(", ")
                    ),
                ));
            }
            Ok(hostname) => accepted.push(hostname),
        }
    }
    accepted
}

fn size(request: &TenantRequest, blueprint: &BlueprintFacts) -> Result<Size, Violation> {
    blueprint.sizes.get(&request.size).cloned().ok_or_else(|| {
        Violation::new(
            "spec.isolation.dedicated.size",
            "SizeNotFound",
            format!(
                "Blueprint {} has no size {:?}; it has {}",
                blueprint.name,
                request.size,
                names(blueprint.sizes.keys())
            ),
        )
    })
}

fn channel<'a>(
    request: &TenantRequest,
    blueprint: &'a BlueprintFacts,
) -> Result<&'a ResourceName, Violation> {
    let found = match &request.channel {
        Some(channel) => blueprint.channels.get(channel),
        None if blueprint.channels.len() == 1 => blueprint.channels.values().next(),
        None => None,
    };
    found.ok_or_else(|| {
        Violation::new(
            "spec.channel",
            "ChannelNotFound",
            format!(
                "choose a channel of Blueprint {}: {}",
                blueprint.name,
                names(blueprint.channels.keys())
            ),
        )
    })
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ResourceName {
        text.parse().unwrap()
    }

    fn request() -> TenantRequest {
        TenantRequest {
            key: "partners/acme/tenants/shop42".parse().unwrap(),
            display_name: "Shop 42".into(),
            size: "small".into(),
            channel: None,
            hostnames: vec![
                "shop42.acme.example".into(),
                "www.shop42.acme.example".into(),
            ],
            administrator: Administrator {
                login: "ana".into(),
                email: "ana@acme.example".into(),
            },
            language: None,
            country: Some("BE".into()),
            timezone: None,
            brand: Brand {
                product_name: Some("Shop".into()),
                ..Brand::default()
            },
        }
    }

    fn partner() -> PartnerFacts {
        PartnerFacts {
            domains: vec!["acme.example".into()],
            brand: Brand {
                product_name: Some("Acme ERP".into()),
                primary_color: Some("#112233".into()),
                ..Brand::default()
            },
        }
    }

    fn blueprint() -> BlueprintFacts {
        let quantity = |text: &str| text.parse().unwrap();
        BlueprintFacts {
            name: name("retail"),
            modules: BTreeSet::from(["sale".to_owned()]),
            language: Some("fr_FR".into()),
            country: Some("FR".into()),
            database_server: name("shared"),
            sizes: BTreeMap::from([(
                "small".to_owned(),
                Size {
                    workers: 2,
                    cpu: quantity("100m"),
                    memory: quantity("256Mi"),
                    memory_limit: quantity("1Gi"),
                    storage: quantity("2Gi"),
                },
            )]),
            channels: BTreeMap::from([("stable".to_owned(), name("odoo-19"))]),
            egress: Egress::Internet,
        }
    }

    fn release(name: &ResourceName) -> Option<ReleaseFacts> {
        (name.as_str() == "odoo-19").then(|| ReleaseFacts {
            name: name.clone(),
            image: format!("repo/odoo@sha256:{}", "0".repeat(64))
                .parse()
                .unwrap(),
            command: vec!["odoo".into()],
            uid: 100,
            gid: 101,
            data_directory: "/var/lib/odoo".into(),
        })
    }

    fn reasons(request: &TenantRequest) -> Vec<&'static str> {
        match validate(request, &partner(), &blueprint(), release) {
            Ok(_) => Vec::new(),
            Err(violations) => violations.iter().map(|v| v.reason.as_str()).collect(),
        }
    }

    #[test]
    fn what_the_spec_leaves_open_is_taken_from_blueprint_and_partner() {
        let tenant = validate(&request(), &partner(), &blueprint(), release).unwrap();
        assert_eq!(tenant.hostname.as_str(), "shop42.acme.example");
        assert_eq!(tenant.aliases.len(), 1);
        assert_eq!(tenant.language.as_deref(), Some("fr_FR"));
        assert_eq!(tenant.country.as_deref(), Some("BE"));
        assert_eq!(tenant.timezone, "UTC");
        assert_eq!(tenant.brand.product_name.as_deref(), Some("Shop"));
        assert_eq!(tenant.brand.primary_color.as_deref(), Some("#112233"));
        assert_eq!(tenant.release.name.as_str(), "odoo-19");
    }

    #[test]
    fn all_violations_are_told_at_once() {
        let mut bad = request();
        bad.hostnames = vec!["shop.other.example".into(), "not a host".into()];
        bad.size = "huge".into();
        bad.channel = Some("edge".into());
        assert_eq!(
            reasons(&bad),
            [
                "HostnameOutsidePartnerDomains",
                "HostnameInvalid",
                "SizeNotFound",
                "ChannelNotFound"
            ]
        );
    }

    #[test]
    fn a_tenant_without_hostname_is_refused() {
        let mut bad = request();
        bad.hostnames.clear();
        assert_eq!(reasons(&bad), ["HostnameMissing"]);
    }

    #[test]
    fn a_channel_whose_release_is_gone_is_refused() {
        let mut blueprint = blueprint();
        blueprint.channels.insert("stable".into(), name("odoo-18"));
        let violations = validate(&request(), &partner(), &blueprint, release).unwrap_err();
        assert_eq!(violations[0].reason.as_str(), "ReleaseNotFound");
    }

    #[test]
    fn with_several_channels_one_must_be_chosen() {
        let mut blueprint = blueprint();
        blueprint.channels.insert("edge".into(), name("odoo-19"));
        assert!(validate(&request(), &partner(), &blueprint, release).is_err());
    }
}
