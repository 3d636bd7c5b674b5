//! What is accepted, and what is refused for which reason.

use std::collections::BTreeMap;

use super::*;

pub(super) fn name(text: &str) -> ResourceName {
    text.parse().unwrap()
}

pub(super) fn request() -> TenantRequest {
    TenantRequest {
        key: "partners/acme/tenants/shop42".parse().unwrap(),
        display_name: "Shop 42".into(),
        size: "small".into(),
        channel: None,
        release: None,
        hostnames: vec![
            "shop42.acme.example".into(),
            "www.shop42.acme.example".into(),
        ],
        administrator: Administrator {
            login: "ana".into(),
            email: "ana@acme.example".into(),
        },
        modules: BTreeSet::new(),
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

pub(super) fn blueprint() -> BlueprintFacts {
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

pub(super) fn release(name: &ResourceName) -> Option<ReleaseFacts> {
    (name.as_str() == "odoo-19").then(|| ReleaseFacts {
        name: name.clone(),
        odoo_version: "19.0".into(),
        image: format!("repo/odoo@sha256:{}", "0".repeat(64))
            .parse()
            .unwrap(),
        command: vec!["odoo".into()],
        uid: 100,
        gid: 101,
        data_directory: "/var/lib/odoo".into(),
    })
}

/// What is said of a request to which nothing was decided before.
fn judge(request: &TenantRequest) -> Result<ValidTenant, Vec<Violation>> {
    let pinned = Pinned::default();
    validate(request, &partner(), &blueprint(), &pinned, release)
}

fn reasons(request: &TenantRequest) -> Vec<&'static str> {
    match judge(request) {
        Ok(_) => Vec::new(),
        Err(violations) => violations.iter().map(|v| v.reason.as_str()).collect(),
    }
}

#[test]
fn what_the_spec_leaves_open_is_taken_from_blueprint_and_partner() {
    let tenant = judge(&request()).unwrap();
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
fn a_tenant_has_the_modules_of_its_blueprint_and_its_own_each_once() {
    let modules = |own: &[&str]| {
        let mut request = request();
        request.modules = own.iter().map(|name| (*name).to_owned()).collect();
        judge(&request).unwrap().modules
    };
    assert_eq!(modules(&[]), blueprint().modules);
    assert_eq!(modules(&["sale"]), blueprint().modules);
    let all: Vec<_> = modules(&["stock", "crm", "sale"]).into_iter().collect();
    assert_eq!(all, ["crm", "sale", "stock"]);
}

#[test]
fn a_time_zone_is_spelled_as_iana_and_odoo_do() {
    let reasons_in = |timezone: &str| {
        let mut request = request();
        request.timezone = Some(timezone.into());
        reasons(&request)
    };
    for good in [
        "UTC",
        "Europe/Brussels",
        "America/Argentina/Ushuaia",
        "Etc/GMT+12",
    ] {
        assert!(reasons_in(good).is_empty(), "{good}");
    }
    for bad in ["europe/brussels", "Brussels", "CEST", "+02:00", ""] {
        assert_eq!(reasons_in(bad), ["TimezoneNotFound"], "{bad}");
    }
}

#[test]
fn a_tenant_that_has_begun_is_not_asked_for_its_time_zone_again() {
    let mut old = request();
    old.timezone = Some("Europe/Atlantis".into());
    let pinned = Pinned {
        database_server: Some(name("shared")),
        ..Pinned::default()
    };
    let judged = validate(&old, &partner(), &blueprint(), &pinned, release);
    assert_eq!(judged.unwrap().timezone, "Europe/Atlantis");
}

#[test]
fn all_violations_are_told_at_once() {
    let mut bad = request();
    bad.hostnames = vec!["shop.other.example".into(), "not a host".into()];
    bad.size = "huge".into();
    bad.timezone = Some("Europe/Atlantis".into());
    bad.channel = Some("edge".into());
    assert_eq!(
        reasons(&bad),
        [
            "HostnameOutsidePartnerDomains",
            "HostnameInvalid",
            "SizeNotFound",
            "TimezoneNotFound",
            "ChannelNotFound"
        ]
    );
}

#[test]
fn what_is_wrong_in_a_spec_is_for_the_partner_and_what_is_wrong_beneath_it_for_the_platform() {
    let fault = |field: &str, reason| Violation::new(field, reason, "no").fault();
    let mut bad = request();
    bad.hostnames = vec!["shop.other.example".into(), "not a host".into()];
    bad.size = "huge".into();
    bad.channel = Some("edge".into());
    for violation in judge(&bad).unwrap_err() {
        assert_eq!(violation.fault(), Fault::Caller, "{violation}");
    }
    assert_eq!(fault("spec.blueprint", "BlueprintNotFound"), Fault::Caller);
    for (field, reason) in [
        ("metadata.namespace", "PartnerNotFound"),
        ("spec.blueprint", "BlueprintInvalid"),
        ("spec.release", "ReleaseInvalid"),
        ("status.effective.size.cpu", "FieldInvalid"),
    ] {
        assert_eq!(fault(field, reason), Fault::Platform, "{field}: {reason}");
    }
}

#[test]
fn a_tenant_can_be_reached_at_fewer_hostnames_but_not_at_none() {
    let tenant = judge(&request()).unwrap();
    let all: Vec<Hostname> = tenant.hostnames().cloned().collect();
    assert_eq!(all.len(), 2);
    assert_eq!(tenant.clone().reached_at(&all), Some(tenant.clone()));
    let alias = tenant.clone().reached_at(&all[1..]).unwrap();
    assert_eq!((&alias.hostname, alias.aliases.len()), (&all[1], 0));
    assert_eq!(tenant.reached_at(&[]), None);
}

#[test]
fn a_tenant_without_hostname_is_refused() {
    let mut bad = request();
    bad.hostnames.clear();
    assert_eq!(reasons(&bad), ["HostnameMissing"]);
}

#[test]
fn a_size_keeps_its_meaning_until_the_spec_names_another() {
    let mut blueprint = blueprint();
    let before = blueprint.sizes["small"].clone();
    let pinned = Pinned {
        size: Some(("small".into(), before.clone())),
        ..Pinned::default()
    };
    let of = |blueprint: &BlueprintFacts, name: &str| {
        let mut request = request();
        request.size = name.into();
        validate(&request, &partner(), blueprint, &pinned, release).map(|valid| valid.size)
    };
    let after = Size {
        workers: 9,
        ..before.clone()
    };
    for name in ["small", "large"] {
        blueprint.sizes.insert(name.into(), after.clone());
    }
    assert_eq!(of(&blueprint, "small").unwrap(), before);
    assert_eq!(of(&blueprint, "large").unwrap(), after);
    blueprint.sizes.clear();
    assert_eq!(of(&blueprint, "small").unwrap(), before);
    assert!(of(&blueprint, "large").is_err());
}

#[test]
fn a_database_stays_where_it_is_when_the_blueprint_names_another_server() {
    let pinned = Pinned {
        database_server: Some(name("old")),
        ..Pinned::default()
    };
    let tenant = validate(&request(), &partner(), &blueprint(), &pinned, release).unwrap();
    assert_eq!(tenant.database_server, name("old"));
}
