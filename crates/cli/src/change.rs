//! `tenantry suspend`, `resume`, `delete` and `undelete`: changes whether a tenant runs.

use std::time::Duration;

use jiff::Timestamp;
use prost::Message as _;
use tenantry_domain::{Change, TenantKey};
use tenantry_proto::longrunning::Operation;
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::v1alpha1::{
    DeleteTenantRequest, ResumeTenantRequest, SuspendTenantRequest, Tenant, UndeleteTenantRequest,
};
use tonic::{Response, Status};
use uuid::Uuid;

use crate::arguments::{ChangeArguments, ConnectionArguments};
use crate::connection::{Connection, connect};
use crate::failure::Failure;
use crate::{document, operation, printer};

/// Makes the change, and follows it unless told otherwise.
pub(crate) async fn run(
    change: Change,
    arguments: &ChangeArguments,
    connection: &ConnectionArguments,
) -> Result<(), Failure> {
    let key = document::parse_key(&arguments.tenant)?;
    let mut connection = connect(connection).await?;
    let asked = Asked {
        name: key.to_string(),
        etag: arguments.etag.clone().unwrap_or_default(),
        request_id: Uuid::new_v4().to_string(),
    };
    let operation =
        operation::answered(async || send(&mut connection, change, asked.clone()).await)
            .await
            .map_err(|status| Failure::status(&asked.name, &status))?;
    if arguments.no_wait {
        printer::line(&format!("{key} accepted ({})", operation.name));
        return Ok(());
    }
    let patience = Duration::from_secs(arguments.timeout);
    let tenant = follow(&mut connection, &key, operation, patience).await?;
    printer::line(&said(change, &key, &tenant, Timestamp::now()));
    Ok(())
}

/// What every change says; the same each time that it is sent.
#[derive(Clone)]
struct Asked {
    name: String,
    etag: String,
    request_id: String,
}

async fn send(
    connection: &mut Connection,
    change: Change,
    asked: Asked,
) -> Result<Response<Operation>, Status> {
    let Asked {
        name,
        etag,
        request_id,
    } = asked;
    let tenants = &mut connection.tenants;
    match change {
        Change::Suspend => {
            let request = SuspendTenantRequest {
                name,
                etag,
                request_id,
            };
            tenants.suspend_tenant(request).await
        }
        Change::Resume => {
            let request = ResumeTenantRequest {
                name,
                etag,
                request_id,
            };
            tenants.resume_tenant(request).await
        }
        Change::Delete => {
            let request = DeleteTenantRequest {
                name,
                etag,
                request_id,
            };
            tenants.delete_tenant(request).await
        }
        Change::Undelete => {
            let request = UndeleteTenantRequest {
                name,
                etag,
                request_id,
            };
            tenants.undelete_tenant(request).await
        }
    }
}

/// Waits until the operation is done, and returns its tenant.
async fn follow(
    connection: &mut Connection,
    key: &TenantKey,
    operation: Operation,
    patience: Duration,
) -> Result<Tenant, Failure> {
    let ask = async |request| connection.operations.wait_operation(request).await;
    let ended = operation::wait(operation, patience, ask, |_| ())
        .await
        .map_err(|status| Failure::status(&key.to_string(), &status))?;
    match ended.result {
        Some(Outcome::Error(error)) => {
            Err(Failure::ended(format!("{key}: {}", error.message), &error))
        }
        Some(Outcome::Response(any)) => Ok(Tenant::decode(any.value.as_ref()).unwrap_or_default()),
        None => Err(
            Failure::platform(format!("{key}: not done after {} s", patience.as_secs()))
                .with_remedy(format!(
                    "it goes on ({}); look with `tenantry describe {}/{}`",
                    ended.name, key.partner, key.name
                )),
        ),
    }
}

/// The command that brings back a tenant that is not to run.
pub(crate) fn way_back(tenant: &Tenant) -> String {
    let spec = tenant.spec.as_ref();
    let verb = match spec.and_then(|spec| spec.run_state.as_deref()) {
        Some("Deleted") => "undelete",
        _ => "resume",
    };
    match tenant.name.parse::<TenantKey>() {
        Ok(key) => format!("`tenantry {verb} {}/{}`", key.partner, key.name),
        Err(_) => format!("`tenantry {verb}`"),
    }
}

fn said(change: Change, key: &TenantKey, tenant: &Tenant, now: Timestamp) -> String {
    let status = tenant.status.clone().unwrap_or_default();
    match change {
        Change::Suspend => format!("{key} is suspended"),
        Change::Resume | Change::Undelete => format!("{key} serves at {}", status.url()),
        Change::Delete => {
            let time = status
                .purge_time
                .and_then(|time| Timestamp::try_from(time).ok())
                .filter(|time| *time > now);
            let purged = time.map_or_else(String::new, |time| {
                format!("; it is purged at {time}, until then `tenantry undelete` brings it back")
            });
            format!("{key} is deleted{purged}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What is said at `now` of a tenant that was deleted.
    fn deleted(now: &str) -> String {
        let key = "partners/acme/tenants/shop42".parse().unwrap();
        let status = json!({"purgeTime": "2026-11-29T00:00:00Z"});
        let tenant = Tenant {
            status: serde_json::from_value(status).unwrap(),
            ..Tenant::default()
        };
        said(Change::Delete, &key, &tenant, now.parse().unwrap())
    }

    #[test]
    fn what_is_deleted_says_until_when_it_can_be_had_back() {
        assert_eq!(
            deleted("2026-11-22T00:00:00Z"),
            "partners/acme/tenants/shop42 is deleted; it is purged at 2026-11-29T00:00:00Z, \
             until then `tenantry undelete` brings it back"
        );
    }

    #[test]
    fn what_is_purged_at_once_is_not_said_to_come_back() {
        assert_eq!(
            deleted("2026-11-29T00:00:00Z"),
            "partners/acme/tenants/shop42 is deleted"
        );
    }
}
