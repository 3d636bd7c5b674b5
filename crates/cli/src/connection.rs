//! The connection to the platform.

use std::fs;
use std::time::Duration;

use tenantry_domain::TenantKey;
use tenantry_proto::longrunning::operations_client::OperationsClient;
use tenantry_proto::v1alpha1::tenant_service_client::TenantServiceClient;
use tenantry_proto::v1alpha1::{GetTenantRequest, Tenant};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Response, Status};

use crate::arguments::ConnectionArguments;
use crate::failure::Failure;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

type Authorized = InterceptedService<Channel, Bearer>;

/// The services of the platform.
pub(crate) struct Connection {
    /// Tenants.
    pub(crate) tenants: TenantServiceClient<Authorized>,
    /// Operations.
    pub(crate) operations: OperationsClient<Authorized>,
}

impl Connection {
    /// One tenant.
    pub(crate) async fn tenant(&mut self, key: &TenantKey) -> Result<Tenant, Failure> {
        let name = key.to_string();
        let request = GetTenantRequest { name: name.clone() };
        let answer = self.tenants.get_tenant(request).await;
        answer
            .map(Response::into_inner)
            .map_err(|status| Failure::status(&name, &status))
    }
}

/// Puts the token on every call.
#[derive(Clone)]
pub(crate) struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// Connects to the platform.
pub(crate) async fn connect(arguments: &ConnectionArguments) -> Result<Connection, Failure> {
    let bearer = bearer(arguments.token.as_deref())?;
    let channel = endpoint(arguments)?.connect().await.map_err(|error| {
        Failure::platform(format!(
            "cannot reach {}: {}",
            arguments.endpoint,
            causes(&error)
        ))
        .with_remedy("check TENANTRY_ENDPOINT, or try again later")
    })?;
    Ok(Connection {
        tenants: TenantServiceClient::with_interceptor(channel.clone(), bearer.clone()),
        operations: OperationsClient::with_interceptor(channel, bearer),
    })
}

fn bearer(token: Option<&str>) -> Result<Bearer, Failure> {
    let token = token
        .map(str::trim)
        .filter(|token| !token.is_empty())
        .ok_or_else(|| {
            Failure::caller("there is no token")
                .with_remedy("set TENANTRY_TOKEN to the token that your platform gave you")
        })?;
    let mut value: MetadataValue<Ascii> = format!("Bearer {token}")
        .parse()
        .map_err(|_| Failure::caller("the token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(Bearer(value))
}

fn endpoint(arguments: &ConnectionArguments) -> Result<Endpoint, Failure> {
    let address = &arguments.endpoint;
    let wrong = || {
        Failure::usage(format!(
            "{address:?} is not a URL, such as https://api.example.com"
        ))
    };
    let endpoint = Endpoint::from_shared(address.clone())
        .map_err(|_| wrong())?
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
        .map_err(|_| wrong())?;
    match endpoint.uri().scheme_str() {
        Some("http") => Ok(endpoint),
        Some("https") => endpoint
            .tls_config(tls(arguments)?)
            .map_err(|error| Failure::caller(format!("cannot use TLS: {}", causes(&error)))),
        _ => Err(wrong()),
    }
}

fn tls(arguments: &ConnectionArguments) -> Result<ClientTlsConfig, Failure> {
    // Fails only when one was chosen before, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let Some(file) = &arguments.ca else {
        return Ok(ClientTlsConfig::new().with_native_roots());
    };
    let certificates = fs::read(file)
        .map_err(|error| Failure::caller(format!("cannot read {}: {error}", file.display())))?;
    Ok(ClientTlsConfig::new().ca_certificate(Certificate::from_pem(certificates)))
}

/// The error with its causes, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(endpoint: &str) -> ConnectionArguments {
        ConnectionArguments {
            endpoint: endpoint.to_owned(),
            token: None,
            ca: None,
        }
    }

    #[test]
    fn only_urls_are_endpoints() {
        for good in ["http://127.0.0.1:8443", "https://api.example.com"] {
            assert!(endpoint(&arguments(good)).is_ok(), "{good}");
        }
        for bad in ["127.0.0.1:8443", "ftp://x", ""] {
            assert!(endpoint(&arguments(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_token_nothing_is_called() {
        for token in [None, Some(""), Some(" \n")] {
            assert!(bearer(token).is_err());
        }
        assert!(bearer(Some("secret\n")).is_ok());
    }
}
