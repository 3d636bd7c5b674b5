//! Who may have what a deleted tenant left.

use serde_json::json;
use tenantry_domain::{
    BlueprintFacts, Brand, Egress, PartnerFacts, Pinned, ReleaseFacts, Size, TenantRequest,
    validate,
};

use super::*;

fn id(byte: u8) -> TenantId {
    TenantId::from_bytes([byte; 10])
}

fn key() -> TenantKey {
    "partners/acme/tenants/shop42".parse().unwrap()
}

/// A tenant whose database is on the server `main`.
pub(in crate::tenant) fn valid() -> ValidTenant {
    let request = TenantRequest {
        key: key(),
        display_name: "Shop 42".into(),
        size: "small".into(),
        channel: None,
        release: None,
        hostnames: vec!["shop42.acme.example".into()],
        administrator: tenantry_domain::Administrator {
            login: "ana".into(),
            email: "ana@acme.example".into(),
        },
        modules: [].into(),
        language: None,
        country: None,
        timezone: None,
        brand: Brand::default(),
    };
    let partner = PartnerFacts {
        domains: vec!["acme.example".into()],
        brand: Brand::default(),
    };
    let blueprint = BlueprintFacts {
        name: "retail".parse().unwrap(),
        modules: [].into(),
        language: None,
        country: None,
        database_server: "main".parse().unwrap(),
        sizes: [(
            "small".to_owned(),
            Size {
                workers: 2,
                cpu: "100m".parse().unwrap(),
                memory: "256Mi".parse().unwrap(),
                memory_limit: "1Gi".parse().unwrap(),
                storage: "2Gi".parse().unwrap(),
            },
        )]
        .into(),
        channels: [("stable".to_owned(), "odoo-19".parse().unwrap())].into(),
        egress: Egress::default(),
    };
    validate(&request, &partner, &blueprint, &Pinned::default(), |name| {
        Some(ReleaseFacts {
            name: name.clone(),
            odoo_version: "19.0".into(),
            image: format!("odoo@sha256:{}", "0".repeat(64)).parse().unwrap(),
            command: vec!["odoo".into()],
            uid: 100,
            gid: 101,
            data_directory: "/data".into(),
        })
    })
    .unwrap()
}

const AS_LEFT: tenantry_render::tenant::Left<'_> = tenantry_render::tenant::Left {
    database_server: "main",
    release: "odoo-19",
    deleted_at: "then",
};

fn left(byte: u8, server: &str) -> Tombstone {
    Tombstone {
        id: id(byte),
        database_server: server.to_owned(),
        release: "odoo-19".to_owned(),
        deleted_at: "2026-11-22T00:00:00Z".to_owned(),
    }
}

fn reason(
    known: Option<u8>,
    wanted: Option<u8>,
    found: Option<Tombstone>,
) -> std::result::Result<Option<TenantId>, &'static str> {
    let known = known.map(id);
    decide(known.as_ref(), wanted.map(id), found, &valid())
        .map_err(|violation| violation.reason.as_str())
}

#[test]
fn what_is_left_goes_only_to_who_asks_for_it_by_its_id() {
    assert_eq!(reason(None, None, None), Ok(None));
    let exists = Err("TombstoneExists");
    assert_eq!(reason(None, None, Some(left(1, "main"))), exists);
    let adopted = Ok(Some(id(1)));
    assert_eq!(reason(None, Some(1), Some(left(1, "main"))), adopted);
    let not_found = Err("TombstoneNotFound");
    assert_eq!(reason(None, Some(2), Some(left(1, "main"))), not_found);
    assert_eq!(reason(None, Some(1), None), not_found);
    let elsewhere = Err("TombstoneElsewhere");
    assert_eq!(reason(None, Some(1), Some(left(1, "old"))), elsewhere);
    let mut of_another_release = left(1, "main");
    of_another_release.release = "odoo-18".to_owned();
    let refused = Err("TombstoneOtherRelease");
    assert_eq!(reason(None, Some(1), Some(of_another_release)), refused);
}

#[test]
fn a_tenant_adopts_before_it_has_an_identity_or_never() {
    assert_eq!(reason(Some(1), None, None), Ok(None));
    assert_eq!(reason(Some(1), Some(1), None), Ok(None));
    assert_eq!(reason(Some(1), Some(2), None), Err("AdoptionTooLate"));
}

#[test]
fn a_refusal_says_how_to_go_on() {
    let violation = decide(None, None, Some(left(1, "main")), &valid()).unwrap_err();
    let adopt = format!("set spec.adopt to {}", id(1));
    assert!(violation.message.contains(&adopt), "{violation}");
}

fn namespace(change: impl FnOnce(&mut serde_json::Value)) -> DynamicObject {
    let mut namespace = tenantry_render::tenant::tombstone(&key(), &id(1), &AS_LEFT)
        .manifest()
        .clone();
    change(&mut namespace);
    serde_json::from_value(namespace).unwrap()
}

#[test]
fn what_is_written_when_a_tenant_goes_is_read_when_it_comes_back() {
    let tombstone = read(&namespace(|_| ()), &key()).unwrap();
    assert_eq!(tombstone.id, id(1));
    assert_eq!(tombstone.database_server, "main");
    assert_eq!(tombstone.deleted_at, "then");
}

#[test]
fn a_namespace_of_somebody_else_or_without_a_word_of_deletion_is_no_tombstone() {
    let other = "partners/acme/tenants/other".parse().unwrap();
    assert_eq!(read(&namespace(|_| ()), &other), None);
    for pointer in [
        "/metadata/labels/app.kubernetes.io~1managed-by",
        "/metadata/labels/tenantry.dev~1partner",
        "/metadata/labels/tenantry.dev~1tenant-id",
    ] {
        let spoiled = namespace(|namespace| {
            *namespace.pointer_mut(pointer).unwrap() = json!("else");
        });
        assert_eq!(read(&spoiled, &key()), None, "{pointer}");
    }
    let alive = namespace(|namespace| {
        let annotations = namespace.pointer_mut("/metadata/annotations").unwrap();
        annotations
            .as_object_mut()
            .unwrap()
            .remove(labels::DELETED_AT);
    });
    assert_eq!(read(&alive, &key()), None);
}
