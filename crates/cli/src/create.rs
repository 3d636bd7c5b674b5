//! `tenantry create`: sends tenants and follows them until they serve.

use std::time::Duration;

use tenantry_proto::longrunning::Operation;
use tenantry_proto::v1alpha1::CreateTenantRequest;
use uuid::Uuid;

use crate::arguments::{ConnectionArguments, CreateArguments};
use crate::connection::{Connection, connect};
use crate::document::{self, Wanted};
use crate::failure::Failure;
use crate::{operation, printer, progress};

/// Creates the tenants that the arguments describe.
pub(crate) async fn run(
    arguments: &CreateArguments,
    connection: &ConnectionArguments,
) -> Result<(), Failure> {
    let wanted = wanted(arguments)?;
    let mut connection = connect(connection).await?;
    // The platform judges all of several before the first is created.
    if arguments.dry_run || wanted.len() > 1 {
        for wanted in &wanted {
            send(&mut connection, wanted, true).await?;
        }
    }
    if arguments.dry_run {
        for wanted in wanted {
            printer::line(&format!("{} can be created", wanted.key));
        }
        return Ok(());
    }
    let mut operations = Vec::new();
    for wanted in wanted {
        let operation = send(&mut connection, &wanted, false).await?;
        printer::note(&format!("{} accepted ({})", wanted.key, operation.name));
        operations.push((wanted.key, operation));
    }
    if arguments.no_wait {
        for (key, _) in &operations {
            printer::line(&key.to_string());
        }
        return Ok(());
    }
    let patience = Duration::from_secs(arguments.timeout);
    for (key, operation) in operations {
        progress::follow(&mut connection, &key, operation, patience).await?;
    }
    Ok(())
}

fn wanted(arguments: &CreateArguments) -> Result<Vec<Wanted>, Failure> {
    match (&arguments.file, &arguments.tenant) {
        (Some(file), _) => document::from_file(file),
        (None, Some(tenant)) => {
            let key = document::parse_key(tenant)?;
            Ok(vec![document::from_options(
                &key,
                &arguments.tenant_options,
            )?])
        }
        (None, None) => Err(Failure::usage("there is neither a file nor a tenant")),
    }
}

async fn send(
    connection: &mut Connection,
    wanted: &Wanted,
    dry_run: bool,
) -> Result<Operation, Failure> {
    let key = &wanted.key;
    let request = CreateTenantRequest {
        parent: format!("partners/{}", key.partner),
        tenant_id: key.name.to_string(),
        tenant: Some(wanted.message.clone()),
        request_id: Uuid::new_v4().to_string(),
        validate_only: dry_run,
    };
    operation::answered(async || connection.tenants.create_tenant(request.clone()).await)
        .await
        .map_err(|status| Failure::status(&key.to_string(), &status))
}
