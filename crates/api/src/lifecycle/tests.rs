//! Calls that change the run state, against an API server in memory.

use serde_json::{Value, json};
use tenantry_proto::longrunning::operation::Result as Outcome;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::*;
use crate::fake::Fake;

const NAME: &str = "partners/acme/tenants/shop42";
const PATH: &str = "namespaces/partner-acme/tenants/shop42";
const REQUEST_ID: &str = "5f0c2f5e-58f3-4d0e-9d39-2b5b4b6f3c11";

/// With a tenant whose spec says `more`, and that was observed as `Ready` for `reason`.
fn with_tenant(more: &Value, reason: &str) -> Fake {
    let fake = Fake::new();
    let mut spec = json!({
        "displayName": "Shop 42",
        "isolation": {"dedicated": {"size": "small"}},
        "blueprint": "retail",
        "hostnames": ["shop42.acme.example"],
        "administrator": {"email": "ana@acme.example"}
    });
    for (field, value) in more.as_object().unwrap() {
        spec[field] = value.clone();
    }
    let condition = |kind: &str, status: &str, reason: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": "because",
            "observedGeneration": 1, "lastTransitionTime": "2026-11-22T19:40:06Z"
        })
    };
    let ready = if reason == "Serving" { "True" } else { "False" };
    fake.put(
        PATH,
        json!({
            "kind": "Tenant",
            "metadata": {
                "name": "shop42", "namespace": "partner-acme", "uid": "a-uid", "generation": 1,
                "resourceVersion": "1", "creationTimestamp": "2026-11-22T19:40:05Z"
            },
            "spec": spec,
            "status": {
                "tenantId": "0123456789abcdef",
                "conditions": [
                    condition("Accepted", "True", "Accepted"), condition("Ready", ready, reason)
                ]
            }
        }),
    );
    fake
}

/// With a tenant whose time is over.
fn with_expired() -> Fake {
    let spec = json!({"runState": "Deleted", "deletion": {"purgeAfterSeconds": 0}});
    let fake = with_tenant(&spec, "Deleted");
    let mut object = fake.get(PATH).unwrap();
    object["status"]["deleteTime"] = json!("2020-01-01T00:00:00Z");
    fake.put(PATH, object);
    fake
}

async fn ask(fake: &Fake, change: Change, etag: &str) -> Result<Operation, Status> {
    let asked = Asked {
        change,
        name: NAME,
        etag,
        request_id: "",
    };
    Ok(super::change(&fake.cluster(), asked).await?)
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    details.error_info().unwrap().reason.clone()
}

#[tokio::test]
async fn a_change_is_written_with_its_operation_and_nothing_else() {
    let fake = with_tenant(&json!({}), "Serving");
    let operation = ask(&fake, Change::Suspend, "").await.unwrap();
    assert!(!operation.done);
    let object = fake.get(PATH).unwrap();
    let id = operation.name.strip_prefix("operations/").unwrap();
    assert_eq!(object["spec"]["runState"], "Suspended");
    assert_eq!(object["spec"]["displayName"], "Shop 42");
    assert_eq!(object["metadata"]["labels"]["tenantry.dev/operation"], id);
    let annotations = &object["metadata"]["annotations"];
    assert_eq!(
        annotations["tenantry.dev/operation-method"],
        "SuspendTenant"
    );
}

#[tokio::test]
async fn to_run_again_is_to_say_nothing_of_the_run_state() {
    let fake = with_tenant(&json!({"runState": "Deleted"}), "Deleted");
    let operation = ask(&fake, Change::Undelete, "").await.unwrap();
    assert!(!operation.done);
    assert_eq!(fake.get(PATH).unwrap()["spec"]["runState"], json!(null));
}

#[tokio::test]
async fn what_is_so_already_is_done_at_once_and_keeps_its_etag() {
    let fake = with_tenant(&json!({"runState": "Suspended"}), "Suspended");
    let operation = ask(&fake, Change::Suspend, "").await.unwrap();
    assert!(operation.done, "{operation:?}");
    assert!(matches!(operation.result, Some(Outcome::Response(_))));
    assert_eq!(fake.get(PATH).unwrap()["metadata"]["generation"], 1);
}

#[tokio::test]
async fn an_etag_of_another_state_is_refused() {
    let fake = with_tenant(&json!({}), "Serving");
    let status = ask(&fake, Change::Delete, "W/\"0123456789abcdef.2\"").await;
    let status = status.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert_eq!(reason(&status), "ETAG_MISMATCH");
    let same = "W/\"0123456789abcdef.1\"";
    assert!(ask(&fake, Change::Delete, same).await.is_ok());
    assert_eq!(fake.get(PATH).unwrap()["spec"]["runState"], "Deleted");
}

#[tokio::test]
async fn what_the_state_does_not_allow_is_a_failed_precondition() {
    let protected = json!({"deletion": {"protection": "Enabled"}});
    let deleted = json!({"runState": "Deleted"});
    for (spec, change, expected) in [
        (&protected, Change::Delete, "TENANT_PROTECTED"),
        (&deleted, Change::Suspend, "TENANT_DELETED"),
        (&deleted, Change::Resume, "TENANT_DELETED"),
        (&json!({}), Change::Undelete, "TENANT_NOT_DELETED"),
    ] {
        let fake = with_tenant(spec, "Serving");
        let status = ask(&fake, change, "").await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{change:?}");
        assert_eq!(reason(&status), expected, "{change:?} of {spec}");
    }
}

#[tokio::test]
async fn a_tenant_whose_time_is_over_cannot_be_had_back() {
    let status = ask(&with_expired(), Change::Undelete, "")
        .await
        .unwrap_err();
    assert_eq!(reason(&status), "TENANT_PURGED");
}

#[tokio::test]
async fn a_repeated_request_has_the_operation_of_the_first() {
    let fake = with_tenant(&json!({}), "Serving");
    let repeat = |change| Asked {
        change,
        name: NAME,
        etag: "W/\"0123456789abcdef.1\"",
        request_id: REQUEST_ID,
    };
    let cluster = fake.cluster();
    let first = super::change(&cluster, repeat(Change::Suspend)).await;
    let second = super::change(&cluster, repeat(Change::Suspend)).await;
    assert_eq!(first.unwrap().name, second.unwrap().name);
}

#[tokio::test]
async fn a_write_in_between_is_written_after() {
    let fake = with_tenant(&json!({}), "Serving");
    fake.conflict_once();
    assert!(ask(&fake, Change::Suspend, "").await.is_ok());
}

#[tokio::test]
async fn an_operation_that_somebody_else_overruled_ends_with_an_error() {
    let fake = with_tenant(&json!({}), "Serving");
    ask(&fake, Change::Suspend, "").await.unwrap();
    let mut object = fake.get(PATH).unwrap();
    object["spec"]["runState"] = json!("Deleted");
    let tenant: Tenant = serde_json::from_value(object).unwrap();
    let operation = operations::operation(&tenant).unwrap();
    let Some(Outcome::Error(error)) = operation.result else {
        panic!("{operation:?}");
    };
    assert_eq!(error.code, i32::from(Code::Aborted));
}

#[tokio::test]
async fn a_tenant_that_is_not_there_cannot_be_changed() {
    let status = ask(&Fake::new(), Change::Delete, "").await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}
