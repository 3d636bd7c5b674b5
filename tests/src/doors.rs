//! The gRPC door.

use std::time::Duration;

use anyhow::{Result, bail};
use pbjson_types::Duration as ProtoDuration;
use tenantry_proto::longrunning::operations_client::OperationsClient;
use tenantry_proto::longrunning::{Operation, WaitOperationRequest};
use tenantry_proto::v1alpha1::tenant_service_client::TenantServiceClient;
use tokio::time::Instant;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::environment::Environment;

const PATIENCE: Duration = Duration::from_mins(6);
const ONE_WAIT_SECONDS: i64 = 30;
const CONNECT_MAX: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Puts the token on every call.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        Ok(request)
    }
}

type Guarded = InterceptedService<Channel, Bearer>;

/// The gRPC door, with or without a key.
#[derive(Clone)]
pub struct Doors {
    /// The connection itself.
    pub channel: Channel,
    bearer: Bearer,
}

impl Doors {
    /// The door, with the token of `environment`.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn open(environment: &Environment) -> Result<Self> {
        Self::with_token(environment, Some(&environment.token)).await
    }

    /// The door, with another token or none.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn with_token(environment: &Environment, token: Option<&str>) -> Result<Self> {
        let channel = Channel::from_shared(environment.endpoint.clone())?;
        let bearer = token.map(|token| format!("Bearer {token}").parse());
        Ok(Self {
            channel: connected(channel).await?,
            bearer: Bearer(bearer.transpose()?),
        })
    }

    /// The service of tenants.
    #[must_use]
    pub fn tenants(&self) -> TenantServiceClient<Guarded> {
        TenantServiceClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }

    /// The service of operations.
    #[must_use]
    pub fn operations(&self) -> OperationsClient<Guarded> {
        OperationsClient::with_interceptor(self.channel.clone(), self.bearer.clone())
    }
}

/// Connects; on a busy machine the door may be without a ready pod for a moment.
async fn connected(endpoint: Endpoint) -> Result<Channel> {
    let deadline = Instant::now() + CONNECT_MAX;
    loop {
        match endpoint.connect().await {
            Err(_) if Instant::now() < deadline => tokio::time::sleep(LOOK_AGAIN).await,
            outcome => return Ok(outcome?),
        }
    }
}

/// Waits until `operation` is done.
///
/// # Errors
/// It is not in time, or cannot be asked for.
pub async fn follow(doors: &Doors, mut operation: Operation) -> Result<Operation> {
    let deadline = Instant::now() + PATIENCE;
    while !operation.done {
        if Instant::now() > deadline {
            bail!(
                "{} is not done after {} s",
                operation.name,
                PATIENCE.as_secs()
            );
        }
        let request = WaitOperationRequest {
            name: operation.name,
            timeout: Some(ProtoDuration {
                seconds: ONE_WAIT_SECONDS,
                nanos: 0,
            }),
        };
        operation = doors
            .operations()
            .wait_operation(request)
            .await?
            .into_inner();
    }
    Ok(operation)
}
