//! Calls of `TenantService` against an API server in memory.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prost::Message as _;
use serde_json::{Value, json};
use tenantry_crd::{HostnameClaim, claim_name};
use tenantry_domain::TenantId;
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::v1alpha1::CreateTenantMetadata;
use tonic_types::StatusExt as _;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;
use crate::fake::Fake;

const PATH: &str = "namespaces/partner-acme/tenants/shop42";
const REQUEST_ID: &str = "5f0c2f5e-58f3-4d0e-9d39-2b5b4b6f3c11";

fn tenants(fake: &Fake) -> Tenants {
    Tenants::new(fake.cluster())
}

fn spec() -> Value {
    json!({
        "displayName": "Shop 42",
        "isolation": {"dedicated": {"size": "small"}},
        "blueprint": "retail",
        "hostnames": ["shop42.acme.example"],
        "administrator": {"email": "ana@acme.example"}
    })
}

fn request_for(spec: Value) -> CreateTenantRequest {
    CreateTenantRequest {
        parent: "partners/acme".into(),
        tenant_id: "shop42".into(),
        tenant: Some(TenantMessage {
            spec: serde_json::from_value(spec).unwrap(),
            ..TenantMessage::default()
        }),
        ..CreateTenantRequest::default()
    }
}

async fn create(fake: &Fake, request: CreateTenantRequest) -> Result<Operation, Status> {
    let response = tenants(fake).create_tenant(Request::new(request)).await;
    response.map(Response::into_inner)
}

fn reason(status: &Status) -> String {
    status
        .get_error_details()
        .error_info()
        .unwrap()
        .reason
        .clone()
}

fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|b| b.field_violations.clone());
    violations.into_iter().flatten().map(|v| v.field).collect()
}

#[tokio::test]
async fn a_created_tenant_says_which_call_made_it() {
    let fake = Fake::new();
    let operation = create(&fake, request_for(spec())).await.unwrap();
    let object = fake.get(PATH).unwrap();
    let id = operation.name.strip_prefix("operations/").unwrap();
    assert!(!operation.done);
    assert_eq!(object["spec"], spec());
    assert_eq!(
        object["metadata"]["labels"]["tenantry.dev/managed-by"],
        "API"
    );
    assert_eq!(object["metadata"]["labels"]["tenantry.dev/operation"], id);
    assert_eq!(
        object["metadata"]["annotations"]["tenantry.dev/operation"],
        id
    );
    let received = object["metadata"]["annotations"]["tenantry.dev/received-at"]
        .as_str()
        .unwrap();
    assert_eq!(
        received.len(),
        "2026-11-22T19:40:05.123456Z".len(),
        "{received}"
    );
}

#[tokio::test]
async fn a_traced_call_leaves_its_trace_on_the_tenant_and_in_the_operation() {
    let provider = SdkTracerProvider::default();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _traced = tracing::subscriber::set_default(subscriber);
    let fake = Fake::new();
    let span = tracing::info_span!("call");
    let creation = create(&fake, request_for(spec())).instrument(span.clone());
    let operation = creation.await.unwrap();
    let object = fake.get(PATH).unwrap();
    let left = &object["metadata"]["annotations"]["tenantry.dev/traceparent"];
    assert_eq!(left.as_str(), trace::traceparent(&span).as_deref());
    let metadata = operation.metadata.unwrap().value;
    let metadata = CreateTenantMetadata::decode(metadata).unwrap();
    let trace_id = left.as_str().and_then(trace::trace_id);
    assert_eq!(Some(metadata.trace_id), trace_id);
}

#[tokio::test]
async fn a_tenant_that_exists_is_refused() {
    let fake = Fake::new();
    create(&fake, request_for(spec())).await.unwrap();
    let status = create(&fake, request_for(spec())).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert_eq!(reason(&status), "TENANT_EXISTS");
}

#[tokio::test]
async fn a_repeated_request_has_the_operation_of_the_first() {
    let fake = Fake::new();
    let request = CreateTenantRequest {
        request_id: REQUEST_ID.into(),
        ..request_for(spec())
    };
    let first = create(&fake, request.clone()).await.unwrap();
    let second = create(&fake, request.clone()).await.unwrap();
    assert_eq!(first.name, second.name);
    let other = CreateTenantRequest {
        request_id: Uuid::now_v7().to_string(),
        ..request
    };
    let status = create(&fake, other).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
}

#[tokio::test]
async fn a_repeated_request_is_not_judged_by_what_changed_since_the_first() {
    let fake = Fake::new();
    let request = CreateTenantRequest {
        request_id: REQUEST_ID.into(),
        ..request_for(spec())
    };
    let first = create(&fake, request.clone()).await.unwrap();
    fake.remove("blueprints/retail");
    let second = create(&fake, request).await.unwrap();
    assert_eq!(first.name, second.name);
    let status = create(&fake, request_for(spec())).await.unwrap_err();
    assert_eq!(reason(&status), "TENANT_EXISTS");
}

#[tokio::test]
async fn a_repeated_request_has_the_operation_of_the_first_whatever_call_came_later() {
    let fake = Fake::new();
    let request = CreateTenantRequest {
        request_id: REQUEST_ID.into(),
        ..request_for(spec())
    };
    let first = create(&fake, request.clone()).await.unwrap();
    let suspension = Asked {
        change: Change::Suspend,
        name: "partners/acme/tenants/shop42",
        etag: "",
        request_id: "",
    };
    let later = lifecycle::change(&fake.cluster(), suspension).await;
    assert_ne!(later.unwrap().name, first.name);
    let second = create(&fake, request).await.unwrap();
    assert_eq!(second.name, first.name);
    assert!(!second.done, "nothing was seen of the tenant yet");
    let type_url = second.metadata.unwrap().type_url;
    assert_eq!(type_url, first.metadata.unwrap().type_url);
}

#[tokio::test]
async fn validation_only_creates_nothing() {
    let fake = Fake::new();
    let request = CreateTenantRequest {
        validate_only: true,
        ..request_for(spec())
    };
    let operation = create(&fake, request).await.unwrap();
    assert!(operation.done && operation.name.is_empty());
    assert!(matches!(operation.result, Some(Outcome::Response(_))));
    assert_eq!(fake.get(PATH), None);
}

#[tokio::test]
async fn each_mistake_has_its_code_and_its_fields() {
    let with = |pointer: &str, value: Value| {
        let mut spec = spec();
        *spec.pointer_mut(pointer).unwrap() = value;
        request_for(spec)
    };
    let cases = [
        (
            with("/displayName", json!("")),
            Code::InvalidArgument,
            "FIELD_INVALID",
            "tenant.spec.displayName",
        ),
        (
            with("/administrator", json!({})),
            Code::InvalidArgument,
            "FIELD_INVALID",
            "tenant.spec.administrator.email",
        ),
        (
            with("/hostnames", json!(["UPPER.acme.example"])),
            Code::InvalidArgument,
            "HOSTNAME_INVALID",
            "tenant.spec.hostnames[0]",
        ),
        (
            with("/hostnames", json!(["a.other.example"])),
            Code::FailedPrecondition,
            "HOSTNAME_OUTSIDE_PARTNER_DOMAINS",
            "tenant.spec.hostnames[0]",
        ),
        (
            with("/blueprint", json!("none")),
            Code::FailedPrecondition,
            "BLUEPRINT_NOT_FOUND",
            "tenant.spec.blueprint",
        ),
        (
            with("/isolation/dedicated/size", json!("huge")),
            Code::FailedPrecondition,
            "SIZE_NOT_FOUND",
            "tenant.spec.isolation.dedicated.size",
        ),
        (
            CreateTenantRequest {
                tenant_id: "shop--42".into(),
                ..request_for(spec())
            },
            Code::InvalidArgument,
            "NAME_INVALID",
            "tenant_id",
        ),
        (
            CreateTenantRequest {
                parent: "acme".into(),
                ..request_for(spec())
            },
            Code::InvalidArgument,
            "NAME_INVALID",
            "parent",
        ),
        (
            CreateTenantRequest {
                tenant: None,
                ..request_for(spec())
            },
            Code::InvalidArgument,
            "FIELD_REQUIRED",
            "tenant",
        ),
        (
            CreateTenantRequest {
                request_id: "1".into(),
                ..request_for(spec())
            },
            Code::InvalidArgument,
            "REQUEST_ID_INVALID",
            "request_id",
        ),
    ];
    let fake = Fake::new();
    for (request, code, expected, field) in cases {
        let status = create(&fake, request).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (code, expected),
            "{status:?}"
        );
        assert_eq!(fields(&status), [field], "{status:?}");
    }
    assert_eq!(fake.get(PATH), None);
}

/// Has the tenant `holder` claim the hostname of [`spec`], and be there with the identity `id`.
fn claimed(fake: &Fake, holder: &str, id: &str) {
    let holder: TenantKey = holder.parse().unwrap();
    let hostname = "shop42.acme.example".parse().unwrap();
    let claim = HostnameClaim::of(&hostname, &holder, &TenantId::from_bytes([7; 10]));
    let path = format!("hostnames/{}", claim_name(&hostname));
    fake.put(&path, serde_json::to_value(&claim).unwrap());
    let (namespace, name) = (holder.partner.namespace(), holder.name.as_str());
    let metadata = json!({"name": name, "namespace": namespace, "resourceVersion": "1"});
    fake.put(
        &format!("namespaces/{namespace}/tenants/{name}"),
        json!({
            "kind": "Tenant", "metadata": metadata, "spec": spec(), "status": {"tenantId": id}
        }),
    );
}

#[tokio::test]
async fn a_hostname_of_another_tenant_is_refused() {
    let id = TenantId::from_bytes([7; 10]);
    for (holder, told) in [
        ("partners/acme/tenants/shop41", "shop41"),
        ("partners/globex/tenants/secret", "is taken"),
    ] {
        let fake = Fake::new();
        claimed(&fake, holder, id.as_str());
        let status = create(&fake, request_for(spec())).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::FailedPrecondition, "HOSTNAME_TAKEN")
        );
        assert_eq!(fields(&status), ["tenant.spec.hostnames[0]"]);
        assert!(status.message().contains(told), "{status:?}");
        assert!(!status.message().contains("secret"), "{status:?}");
        assert_eq!(fake.get(PATH), None);
    }
}

#[tokio::test]
async fn a_claim_whose_tenant_is_gone_stands_in_nobodys_way() {
    let fake = Fake::new();
    let another = TenantId::from_bytes([8; 10]);
    claimed(&fake, "partners/acme/tenants/shop41", another.as_str());
    create(&fake, request_for(spec())).await.unwrap();
}

#[tokio::test]
async fn a_repeated_request_is_not_refused_for_its_own_hostname() {
    let fake = Fake::new();
    let request = CreateTenantRequest {
        request_id: REQUEST_ID.into(),
        ..request_for(spec())
    };
    let first = create(&fake, request.clone()).await.unwrap();
    let mut tenant = fake.get(PATH).unwrap();
    let id = TenantId::from_bytes([7; 10]);
    claimed(&fake, "partners/acme/tenants/shop42", id.as_str());
    tenant["status"]["tenantId"] = json!(id.as_str());
    fake.put(PATH, tenant);
    let second = create(&fake, request).await.unwrap();
    assert_eq!(first.name, second.name);
}

#[tokio::test]
async fn a_reserved_label_is_refused() {
    let mut request = request_for(spec());
    if let Some(tenant) = &mut request.tenant {
        tenant
            .labels
            .insert("tenantry.dev/operation".into(), "x".into());
    }
    let status = create(&Fake::new(), request).await.unwrap_err();
    assert_eq!(reason(&status), "LABEL_RESERVED");
}

#[tokio::test]
async fn a_partner_that_is_not_there_is_not_found() {
    let fake = Fake::new();
    fake.remove("partners/acme");
    let status = create(&fake, request_for(spec())).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::NotFound, "PARTNER_NOT_FOUND")
    );
    let request = ListTenantsRequest {
        parent: "partners/acme".into(),
        ..ListTenantsRequest::default()
    };
    let status = tenants(&fake)
        .list_tenants(Request::new(request))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_tenant_is_got_by_its_name() {
    let fake = Fake::new();
    create(&fake, request_for(spec())).await.unwrap();
    let get = async |name: &str| {
        let request = Request::new(GetTenantRequest { name: name.into() });
        tenants(&fake)
            .get_tenant(request)
            .await
            .map(Response::into_inner)
    };
    let tenant = get("partners/acme/tenants/shop42").await.unwrap();
    assert_eq!(serde_json::to_value(tenant.spec.unwrap()).unwrap(), spec());
    let status = get("partners/acme/tenants/other").await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::NotFound, "TENANT_NOT_FOUND")
    );
    assert_eq!(
        get("shop42").await.unwrap_err().code(),
        Code::InvalidArgument
    );
}

#[tokio::test]
async fn a_list_comes_in_pages_in_the_order_of_names() {
    let fake = Fake::new();
    for name in ["c", "a", "b"] {
        let request = CreateTenantRequest {
            tenant_id: name.into(),
            ..request_for(spec())
        };
        create(&fake, request).await.unwrap();
    }
    for parent in ["partners/acme", "partners/-"] {
        let mut names = Vec::new();
        let mut token = String::new();
        loop {
            let request = ListTenantsRequest {
                parent: parent.into(),
                page_size: 2,
                page_token: token,
            };
            let page = tenants(&fake)
                .list_tenants(Request::new(request))
                .await
                .unwrap();
            let page = page.into_inner();
            names.extend(page.tenants.into_iter().map(|tenant| tenant.name));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        let expected = ["a", "b", "c"].map(|name| format!("partners/acme/tenants/{name}"));
        assert_eq!(names, expected);
    }
}
