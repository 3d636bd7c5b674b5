//! What a tenant's state makes of its operation.

use serde_json::{Value, json};
use tenantry_proto::v1alpha1::ChangeTenantMetadata;
use tonic_types::RpcStatusExt as _;

use super::*;
use crate::fake::Fake;

const ID: &str = "5f0c2f5e-58f3-4d0e-9d39-2b5b4b6f3c11";

fn object(status: &Value) -> Value {
    json!({
        "kind": "Tenant",
        "apiVersion": "tenantry.dev/v1alpha1",
        "metadata": {
            "name": "shop42", "namespace": "partner-acme", "uid": "u",
            "creationTimestamp": "2026-11-22T19:40:05Z",
            "labels": {"tenantry.dev/operation": ID},
            "annotations": {"tenantry.dev/received-at": "2026-11-22T19:40:04.900001Z"}
        },
        "spec": {
            "displayName": "Shop 42", "isolation": {"dedicated": {"size": "small"}},
            "blueprint": "retail", "hostnames": ["shop42.acme.example"],
            "administrator": {"email": "ana@acme.example"}
        },
        "status": status
    })
}

fn of(status: &Value) -> Operation {
    operation(&serde_json::from_value(object(status)).unwrap()).unwrap()
}

fn condition(kind: &str, status: &str, reason: &str) -> Value {
    json!({
        "type": kind, "status": status, "reason": reason, "message": "because",
        "lastTransitionTime": "2026-11-22T19:40:06Z"
    })
}

fn metadata_of<M: Message + Default>(operation: &Operation, type_url: &str) -> M {
    let any = operation.metadata.as_ref().unwrap();
    assert_eq!(any.type_url, type_url);
    M::decode(any.value.as_ref()).unwrap()
}

fn progress_of(operation: &Operation) -> CreateTenantMetadata {
    let type_url = "type.googleapis.com/tenantry.v1alpha1.CreateTenantMetadata";
    metadata_of(operation, type_url)
}

#[test]
fn an_operation_under_way_tells_its_steps_in_order() {
    let operation = of(&json!({
        "conditions": [condition("Ready", "False", "WaitingForWorkload")],
        "provisioning": [
            {"step": "Database", "startTime": "2026-11-22T19:40:06.500000Z"},
            {"step": "Accept", "startTime": "2026-11-22T19:40:04.900001Z",
                "endTime": "2026-11-22T19:40:05.100000Z"}
        ]
    }));
    assert!(!operation.done);
    assert_eq!(operation.name, format!("operations/{ID}"));
    let metadata = serde_json::to_value(progress_of(&operation)).unwrap();
    assert_eq!(
        metadata,
        json!({
            "tenant": "partners/acme/tenants/shop42",
            "createTime": "2026-11-22T19:40:04.900001Z",
            "message": "because",
            "steps": [
                {"step": "Accept", "startTime": "2026-11-22T19:40:04.900001Z",
                    "endTime": "2026-11-22T19:40:05.100Z"},
                {"step": "Database", "startTime": "2026-11-22T19:40:06.500Z"}
            ]
        })
    );
}

#[test]
fn an_operation_tells_the_trace_of_its_call() {
    let mut tenant: Tenant = serde_json::from_value(object(&json!({}))).unwrap();
    let created = |tenant: &Tenant| progress_of(&operation(tenant).unwrap()).trace_id;
    assert_eq!(created(&tenant), "", "the call was not traced");
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let annotations = tenant.annotations_mut();
    annotations.insert(labels::TRACEPARENT.into(), traceparent.into());
    assert_eq!(created(&tenant), "0af7651916cd43dd8448eb211c80319c");
    let annotations = tenant.annotations_mut();
    annotations.insert(labels::OPERATION_METHOD.into(), "SuspendTenant".into());
    let type_url = "type.googleapis.com/tenantry.v1alpha1.ChangeTenantMetadata";
    let changed: ChangeTenantMetadata = metadata_of(&operation(&tenant).unwrap(), type_url);
    assert_eq!(changed.trace_id, "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn an_operation_is_done_when_the_tenant_has_served() {
    let operation = of(&json!({
        "conditions": [condition("Serving", "False", "ProbeFailed")],
        "provisionedIn": "3.412s"
    }));
    assert!(operation.done);
    assert_eq!(progress_of(&operation).provisioned_in, "3.412s");
    assert!(matches!(operation.result, Some(Outcome::Response(_))));
}

#[test]
fn the_creation_of_a_tenant_that_is_not_to_run_is_done_when_it_rests() {
    let of = |run_state: &str, reason: &str| {
        let status = json!({"conditions": [condition("Ready", "False", reason)]});
        let mut object = object(&status);
        object["spec"]["runState"] = json!(run_state);
        operation(&serde_json::from_value(object).unwrap()).unwrap()
    };
    for state in ["Suspended", "Deleted"] {
        let rests = of(state, state);
        assert!(
            matches!(rests.result, Some(Outcome::Response(_))),
            "{state}"
        );
        assert!(!of(state, "Stopping").done, "{state}");
        assert!(!of("Running", state).done, "{state}");
    }
}

#[test]
fn an_operation_fails_when_the_tenant_is_not_accepted() {
    let operation = of(&json!({
        "conditions": [condition("Accepted", "False", "SizeNotFound")]
    }));
    assert!(operation.done);
    let Some(Outcome::Error(error)) = operation.result else {
        panic!("{operation:?}");
    };
    assert_eq!(error.code, i32::from(Code::FailedPrecondition));
    assert_eq!(error.message, "because");
}

#[test]
fn an_operation_that_fails_says_who_has_to_act() {
    let told = |fault: Option<Fault>| {
        let mut condition = condition("Accepted", "False", "ReleaseNotFound");
        if let Some(fault) = fault {
            let told = format!("spec.channel: (none) ({fault}; {})", Violation::RETRY);
            condition["message"] = json!(told);
        }
        let Some(Outcome::Error(error)) = of(&json!({"conditions": [condition]})).result else {
            panic!("it was not refused");
        };
        let info = error.get_details_error_info().unwrap();
        info.metadata.get("fault").cloned()
    };
    for fault in [Fault::Caller, Fault::Platform] {
        assert_eq!(told(Some(fault)), Some(fault.to_string()));
    }
    assert_eq!(told(None), None);
}

async fn get(fake: &Fake, name: &str) -> Result<Operation, Status> {
    let request = Request::new(GetOperationRequest { name: name.into() });
    let response = Operations::new(fake.cluster(), CancellationToken::new())
        .get_operation(request)
        .await;
    response.map(Response::into_inner)
}

#[tokio::test]
async fn an_operation_is_found_by_its_tenant() {
    let fake = Fake::new();
    fake.put("namespaces/partner-acme/tenants/shop42", object(&json!({})));
    let name = format!("operations/{ID}");
    assert_eq!(get(&fake, &name).await.unwrap().name, name);
    for name in [
        "operations/5f0c2f5e-58f3-4d0e-9d39-2b5b4b6f3c12",
        "operations/x,y",
        "x",
    ] {
        assert_eq!(
            get(&fake, name).await.unwrap_err().code(),
            Code::NotFound,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_creation_is_found_whatever_call_came_later() {
    let fake = Fake::new();
    let mut suspended = stopping("SuspendTenant");
    let later = "5f0c2f5e-58f3-4d0e-9d39-2b5b4b6f3c12";
    suspended["metadata"]["labels"] =
        json!({"tenantry.dev/operation": later, "tenantry.dev/creation": ID});
    fake.put("namespaces/partner-acme/tenants/shop42", suspended);
    let found = async |id: &str| {
        let name = format!("operations/{id}");
        let operation = get(&fake, &name).await.unwrap();
        assert_eq!(operation.name, name);
        operation
    };
    let metadata = serde_json::to_value(progress_of(&found(ID).await)).unwrap();
    assert_eq!(
        metadata,
        json!({
            "tenant": "partners/acme/tenants/shop42", "message": "because",
            "createTime": "2026-11-22T19:40:05Z"
        }),
        "the notes of the later call are not the creation's"
    );
    let type_url = "type.googleapis.com/tenantry.v1alpha1.ChangeTenantMetadata";
    let metadata: ChangeTenantMetadata = metadata_of(&found(later).await, type_url);
    assert_eq!(metadata.method, "SuspendTenant");
}

#[tokio::test]
async fn what_is_done_is_not_waited_for() {
    let fake = Fake::new();
    let done = object(&json!({"provisionedIn": "1s"}));
    fake.put("namespaces/partner-acme/tenants/shop42", done);
    let request = Request::new(WaitOperationRequest {
        name: format!("operations/{ID}"),
        timeout: None,
    });
    let operations = Operations::new(fake.cluster(), CancellationToken::new());
    assert!(
        operations
            .wait_operation(request)
            .await
            .unwrap()
            .get_ref()
            .done
    );
}

/// A tenant that the call `method` deleted or stopped, and that still stops.
fn stopping(method: &str) -> Value {
    let mut object = object(&json!({"conditions": [condition("Ready", "False", "Stopping")]}));
    object["metadata"]["annotations"]["tenantry.dev/operation-method"] = json!(method);
    object["spec"]["runState"] = match method {
        "DeleteTenant" => json!("Deleted"),
        _ => json!("Suspended"),
    };
    object
}

/// What who waits for the operation of `object` is told once `what` happened to it.
async fn waited(object: Value, what: &str, later: Value) -> Result<Operation, Status> {
    let fake = Fake::new();
    fake.put("namespaces/partner-acme/tenants/shop42", object);
    fake.happens(what, later);
    let request = Request::new(WaitOperationRequest {
        name: format!("operations/{ID}"),
        timeout: None,
    });
    let operations = Operations::new(fake.cluster(), CancellationToken::new());
    let response = operations.wait_operation(request).await;
    response.map(Response::into_inner)
}

#[tokio::test]
async fn a_deletion_is_done_once_the_tenant_is_being_removed() {
    let mut removed = stopping("DeleteTenant");
    removed["metadata"]["deletionTimestamp"] = json!("2026-11-22T19:40:07Z");
    let operation = waited(stopping("DeleteTenant"), "MODIFIED", removed).await;
    let operation = operation.unwrap();
    assert!(operation.done);
    assert!(matches!(operation.result, Some(Outcome::Response(_))));
}

#[tokio::test]
async fn a_deletion_is_done_when_the_tenant_is_gone() {
    let object = stopping("DeleteTenant");
    let operation = waited(object.clone(), "DELETED", object).await.unwrap();
    assert_eq!(operation.name, format!("operations/{ID}"));
    assert!(operation.done);
    assert!(matches!(operation.result, Some(Outcome::Response(_))));
}

#[tokio::test]
async fn what_else_was_asked_of_a_tenant_that_is_gone_is_forgotten() {
    let object = stopping("SuspendTenant");
    let status = waited(object.clone(), "DELETED", object).await;
    assert_eq!(status.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn an_operation_that_another_call_overtook_is_forgotten() {
    let mut overtaken = stopping("SuspendTenant");
    overtaken["metadata"]["labels"]["tenantry.dev/operation"] = json!("another");
    let status = waited(stopping("DeleteTenant"), "MODIFIED", overtaken).await;
    assert_eq!(status.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn only_tenants_made_by_calls_have_operations() {
    let fake = Fake::new();
    fake.put("namespaces/partner-acme/tenants/shop42", object(&json!({})));
    let mut by_manifest = object(&json!({}));
    by_manifest["metadata"]["labels"] = json!({});
    fake.put("namespaces/partner-acme/tenants/manual", by_manifest);
    let operations = Operations::new(fake.cluster(), CancellationToken::new());
    let list = async |filter: &str| {
        let request = ListOperationsRequest {
            name: COLLECTION.into(),
            filter: filter.into(),
            ..ListOperationsRequest::default()
        };
        operations.list_operations(Request::new(request)).await
    };
    assert_eq!(list("").await.unwrap().get_ref().operations.len(), 1);
    assert_eq!(
        list("done=true").await.unwrap_err().code(),
        Code::InvalidArgument
    );
}

#[test]
fn patience_has_a_limit() {
    let patience = |seconds, nanos| {
        patience(&WaitOperationRequest {
            name: String::new(),
            timeout: Some(pbjson_types::Duration { seconds, nanos }),
        })
    };
    assert_eq!(
        patience(0, 500_000_000).unwrap(),
        Duration::from_millis(500)
    );
    assert_eq!(patience(i64::MAX, 0).unwrap(), MAX_WAIT);
    assert!(patience(-1, 0).is_err());
}
