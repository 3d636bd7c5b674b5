//! What hostnames are answered with.

use axum::body::Body;
use http_body_util::BodyExt as _;
use kube::runtime::watcher::Event;
use serde_json::{Value, json};
use tenantry_domain::TenantId;
use tower::ServiceExt as _;

use super::*;

fn object<K: DeserializeOwned>(kind: &str, metadata: &Value, spec: &Value) -> K {
    serde_json::from_value(json!({
        "apiVersion": "tenantry.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec
    }))
    .unwrap()
}

fn tenant(partner: &str, name: &str, change: &Value) -> Tenant {
    let mut spec = json!({
        "displayName": "Shop <42>",
        "isolation": {"dedicated": {"size": "small"}},
        "blueprint": "retail",
        "hostnames": ["shop42.acme.example"],
        "administrator": {"email": "ana@acme.example"},
        "runState": "Suspended",
    });
    for (field, value) in change.as_object().unwrap() {
        spec[field] = value.clone();
    }
    let metadata = json!({"name": name, "namespace": format!("partner-{partner}")});
    object("Tenant", &metadata, &spec)
}

fn partner(name: &str, domain: &str) -> Partner {
    let spec = json!({
        "displayName": name, "domains": [domain],
        "brand": {
            "productName": format!("{name} ERP"), "primaryColor": "#123abc",
            "supportUrl": "https://help.example/?a=1&b=2", "supportEmail": "help@acme.example",
        },
    });
    object("Partner", &json!({"name": name}), &spec)
}

/// Of these tenants, of which `shop42` of `acme` has claimed its hostname.
fn directory(tenants: Vec<Tenant>) -> Directory {
    let (claim_store, mut writer) = reflector::store();
    let hostname = "shop42.acme.example".parse().unwrap();
    let holder = "partners/acme/tenants/shop42".parse().unwrap();
    let id = TenantId::from_bytes([7; 10]);
    let claim = HostnameClaim::of(&hostname, &holder, &id);
    writer.apply_watcher_event(&Event::Apply(claim));
    let (tenant_store, mut writer) = reflector::store();
    for tenant in tenants {
        writer.apply_watcher_event(&Event::Apply(tenant));
    }
    let (partner_store, mut writer) = reflector::store();
    for partner in [
        partner("acme", "acme.example"),
        partner("evil", "evil.example"),
    ] {
        writer.apply_watcher_event(&Event::Apply(partner));
    }
    Directory {
        claims: claim_store,
        tenants: tenant_store,
        partners: partner_store,
    }
}

/// Status, Retry-After and page.
async fn get(directory: &Directory, host: &str, path: &str) -> (StatusCode, String, String) {
    let request = Request::builder()
        .uri(path)
        .header(header::HOST, host)
        .body(Body::empty())
        .unwrap();
    let response = router(directory.clone()).oneshot(request).await.unwrap();
    let retry_after = response.headers()[header::RETRY_AFTER].to_str().unwrap();
    let (status, retry_after) = (response.status(), retry_after.to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (
        status,
        retry_after,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn a_parked_hostname_shows_its_brand_and_customer_whatever_is_asked_for() {
    let directory = directory(vec![tenant("acme", "shop42", &json!({}))]);
    for (host, path) in [
        ("shop42.acme.example", "/"),
        ("SHOP42.acme.example:8080", "/web/login?redirect=x"),
        ("shop42.acme.example.", "/websocket"),
    ] {
        let (status, retry_after, page) = get(&directory, host, path).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{host}{path}");
        assert_eq!(retry_after, "600");
        for said in [
            "<title>acme ERP</title>",
            "Shop &lt;42&gt; is not available",
            "solid #123abc",
            "href=\"https://help.example/?a=1&amp;b=2\"",
            "mailto:help@acme.example",
        ] {
            assert!(page.contains(said), "{said} is not in {page}");
        }
        assert!(!page.contains("Shop <42>"), "{page}");
    }
}

#[tokio::test]
async fn an_unknown_hostname_is_answered_too_and_says_nothing_about_anybody() {
    let directory = directory(vec![tenant("acme", "shop42", &json!({}))]);
    for host in ["other.acme.example", "not a host", "10.0.0.1"] {
        let (status, _, page) = get(&directory, host, "/").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{host}");
        assert!(!page.contains("acme"), "{page}");
    }
}

#[tokio::test]
async fn a_tenant_that_starts_asks_to_come_again_soon() {
    let directory = directory(vec![tenant(
        "acme",
        "shop42",
        &json!({"runState": "Running"}),
    )]);
    let (status, retry_after, page) = get(&directory, "shop42.acme.example", "/").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(retry_after, "10");
    assert!(page.contains("is starting"), "{page}");
}

#[tokio::test]
async fn a_hostname_that_others_name_too_shows_the_brand_of_who_has_claimed_it() {
    let thief = tenant("evil", "aaa", &json!({"displayName": "Thief"}));
    let directory = directory(vec![thief, tenant("acme", "shop42", &json!({}))]);
    let (_, _, page) = get(&directory, "shop42.acme.example", "/").await;
    assert!(page.contains("acme ERP"), "{page}");
    assert!(!page.contains("Thief"), "{page}");
}

#[test]
fn nothing_that_a_brand_says_becomes_markup_style_or_script() {
    let page = Page {
        customer: "<script>alert('x')</script>".into(),
        brand: Brand {
            product_name: Some("\"><img>".into()),
            primary_color: Some("red;}<x>".into()),
            support_url: Some("javascript:alert(1)".into()),
            support_email: Some("\"onclick=\"@x".into()),
            ..Brand::default()
        },
        starting: false,
    };
    let page = html(Some(&page));
    for bad in ["<script", "<img", "<x>", "javascript:", "\"onclick"] {
        assert!(!page.contains(bad), "{bad} is in {page}");
    }
    assert!(page.contains(PLAIN_COLOR), "{page}");
}
