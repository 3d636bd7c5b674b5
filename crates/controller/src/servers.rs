//! How the database servers are reached: where they are, who we are there, and one pool for each.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::DynamicObject;
use kube::runtime::reflector::ObjectRef;
use kube::{Resource, ResourceExt as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use tenantry_crd::{DatabaseServer, ExternalDatabase, TlsMode, find};
use tenantry_database::{Endpoint as ServerEndpoint, Limits, Login, Server, Tls as ServerTls};
use tenantry_domain::{ConditionType, Fault, ResourceName, Retry};
use tenantry_render::{DatabaseTls, Endpoint, Kind, names};

use crate::context::Context;
use crate::database_server::STARTING;
use crate::error::{Error, Result};

/// Key of the user's name in a Secret of credentials.
const USERNAME_KEY: &str = "username";
/// Key of the certificates in a Secret or ConfigMap of authorities.
const AUTHORITIES_KEY: &str = "ca.crt";

/// A database server that can be asked.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    /// Our own connections to it.
    pub(crate) connection: Server,
    /// How Odoo reaches it.
    pub(crate) endpoint: Endpoint,
}

/// Why a server cannot be used just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is none of that name.
    Absent,
    /// It comes by itself; with what is said of it.
    Starting(String),
    /// It does not; with what is said of it, and of who acts.
    Sick(String),
}

/// What is known of how the servers are reached.
#[derive(Default)]
pub(crate) struct Servers(Mutex<HashMap<ResourceName, Known>>);

struct Known {
    /// The spec that it follows from.
    generation: Option<i64>,
    login: Login,
    reached: Reached,
}

impl Context {
    /// The server of that name when it is ready.
    pub(crate) fn usable_server(
        &self,
        name: &ResourceName,
    ) -> std::result::Result<Arc<DatabaseServer>, Unusable> {
        let servers = &self.world.servers;
        let server = servers
            .get(&ObjectRef::new(name.as_str()))
            .ok_or(Unusable::Absent)?;
        let status = server.status.as_ref();
        let ready = status.and_then(|status| find(&status.conditions, ConditionType::Ready));
        match ready {
            Some(ready) if ready.status == "True" => Ok(server),
            Some(ready) => Err(Unusable::told(&ready.reason, &ready.message)),
            None => Err(Unusable::Starting("it has not been looked at yet".into())),
        }
    }

    /// The server, if its login exists. What an external one's Secret says was read when the
    /// server's spec was first met, or when it was [looked up](Self::look_up) last.
    pub(crate) async fn reach(&self, server: &DatabaseServer) -> Result<Option<Reached>> {
        let name = name_of(server)?;
        match self.servers.known(&name, server.metadata.generation) {
            Some(reached) if server.spec.external.is_some() => Ok(Some(reached)),
            _ => self.look_up(server).await,
        }
    }

    /// The server of that name. One that cannot be asked is an error, and never "nothing there".
    pub(crate) async fn reach_named(&self, name: &str) -> Result<Reached> {
        let unknown = || Error::ServerUnknown {
            server: name.to_owned(),
        };
        let server = self.world.servers.get(&ObjectRef::new(name));
        let server = server.ok_or_else(unknown)?;
        self.reach(&server).await?.ok_or_else(unknown)
    }

    /// The server, by what its Secret says now; nothing until a managed one's is there.
    pub(crate) async fn look_up(&self, server: &DatabaseServer) -> Result<Option<Reached>> {
        let name = name_of(server)?;
        let (endpoint, login) = match &server.spec.external {
            Some(external) => self.external(external).await?,
            None => match self.managed_login(&name) {
                Some(login) => (Endpoint::managed(&name), login),
                None => return Ok(None),
            },
        };
        let generation = server.metadata.generation;
        Ok(Some(self.servers.keep(name, generation, endpoint, login)))
    }

    fn managed_login(&self, name: &ResourceName) -> Option<Login> {
        let namespace = names::database_namespace(name);
        let children = &self.world.children;
        Some(Login {
            user: names::SERVER_LOGIN.to_owned(),
            password: children.password(&namespace, names::SERVER_LOGIN_SECRET)?,
        })
    }

    async fn external(&self, external: &ExternalDatabase) -> Result<(Endpoint, Login)> {
        let name = &external.credentials_secret_name;
        let secret: Secret = self.own(Kind::Secret, name).await?;
        let value = |key| self.text(Kind::Secret, name, key, secret.data.as_ref());
        let login = Login {
            user: value(USERNAME_KEY)?,
            password: SecretString::from(value(names::PASSWORD_KEY)?),
        };
        let tls = match external.tls.mode {
            TlsMode::Disabled => DatabaseTls::Disabled,
            TlsMode::Require => DatabaseTls::Required,
            TlsMode::VerifyFull => DatabaseTls::Verified {
                authorities: self.authorities(external).await?,
            },
        };
        let endpoint = Endpoint {
            host: external.host.clone(),
            port: port(external)?,
            tls: Some(tls),
        };
        Ok((endpoint, login))
    }

    async fn authorities(&self, external: &ExternalDatabase) -> Result<Option<String>> {
        let tls = &external.tls;
        if let Some(name) = &tls.ca_secret_name {
            let secret: Secret = self.own(Kind::Secret, name).await?;
            let data = secret.data.as_ref();
            return self
                .text(Kind::Secret, name, AUTHORITIES_KEY, data)
                .map(Some);
        }
        let Some(name) = &tls.ca_config_map_name else {
            return Ok(None);
        };
        let map: ConfigMap = self.own(Kind::ConfigMap, name).await?;
        let text = map.data.and_then(|mut data| data.remove(AUTHORITIES_KEY));
        text.map(Some)
            .ok_or_else(|| self.lacking(Kind::ConfigMap, name, AUTHORITIES_KEY))
    }

    /// An object of the control plane's own namespace, which holds what people wrote for us.
    async fn own<K: Resource + DeserializeOwned>(&self, kind: Kind, name: &str) -> Result<K> {
        let found: Option<DynamicObject> = self
            .cluster
            .find(kind, Some(&self.settings.namespace), name)
            .await?;
        let found = found.ok_or_else(|| Error::CredentialsMissing {
            what: format!("{kind} {}/{name}", self.settings.namespace),
        })?;
        // What is wrong with it could be told with what it holds.
        found.try_parse().map_err(|_| {
            Error::Invalid(format!("{kind} {}/{name} is none", self.settings.namespace))
        })
    }

    fn text(
        &self,
        kind: Kind,
        name: &str,
        key: &'static str,
        data: Option<&BTreeMap<String, ByteString>>,
    ) -> Result<String> {
        data.and_then(|data| data.get(key))
            .and_then(|bytes| String::from_utf8(bytes.0.clone()).ok())
            .filter(|text| !text.is_empty())
            .ok_or_else(|| self.lacking(kind, name, key))
    }

    fn lacking(&self, kind: Kind, name: &str, key: &str) -> Error {
        Error::CredentialsMissing {
            what: format!("the key {key} of {kind} {}/{name}", self.settings.namespace),
        }
    }
}

impl Unusable {
    /// What a server's condition `Ready` says that is not True.
    fn told(reason: &str, message: &str) -> Self {
        let said = format!("{reason}: {message}");
        if reason == STARTING {
            Self::Starting(said)
        } else {
            Self::Sick(said)
        }
    }

    /// The reason of who waits for the server.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "DatabaseServerNotFound",
            Self::Starting(_) => "DatabaseServerNotReady",
            Self::Sick(_) => "DatabaseServerSick",
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => {
                let (fault, retry) = (Fault::Platform, Retry::OnChange);
                write!(f, "it does not exist ({fault}; {retry})")
            }
            Self::Starting(said) | Self::Sick(said) => f.write_str(said),
        }
    }
}

impl Servers {
    fn known(&self, name: &ResourceName, generation: Option<i64>) -> Option<Reached> {
        let servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = servers.get(name)?;
        (known.generation == generation).then(|| known.reached.clone())
    }

    /// Keeps the connections of a server for as long as nothing about it changes.
    fn keep(
        &self,
        name: ResourceName,
        generation: Option<i64>,
        endpoint: Endpoint,
        login: Login,
    ) -> Reached {
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = servers.get_mut(&name)
            && known.reached.endpoint == endpoint
            && known.login.user == login.user
            && known.login.password.expose_secret() == login.password.expose_secret()
        {
            known.generation = generation;
            return known.reached.clone();
        }
        let reached = Reached::new(endpoint, &login);
        let known = Known {
            generation,
            login,
            reached: reached.clone(),
        };
        servers.insert(name, known);
        reached
    }
}

impl Reached {
    /// Nothing is opened before it is used.
    pub(crate) fn new(endpoint: Endpoint, login: &Login) -> Self {
        Self {
            connection: Server::connect(ours(&endpoint), login, Limits::default()),
            endpoint,
        }
    }
}

/// The same endpoint, for our own connections.
fn ours(endpoint: &Endpoint) -> ServerEndpoint {
    ServerEndpoint {
        host: endpoint.host.clone(),
        port: endpoint.port,
        tls: match &endpoint.tls {
            None | Some(DatabaseTls::Disabled) => ServerTls::Disabled,
            Some(DatabaseTls::Required) => ServerTls::Required,
            Some(DatabaseTls::Verified { authorities }) => ServerTls::Verified {
                authorities: authorities.clone().map(String::into_bytes),
            },
        },
    }
}

/// Where the server listens, `host:port`.
pub(crate) fn address(server: &DatabaseServer, name: &ResourceName) -> String {
    let Some(external) = &server.spec.external else {
        let Endpoint { host, port, .. } = Endpoint::managed(name);
        return format!("{host}:{port}");
    };
    let port = external.port.unwrap_or(names::POSTGRESQL_PORT.into());
    format!("{}:{port}", external.host)
}

fn port(external: &ExternalDatabase) -> Result<u16> {
    let Some(port) = external.port else {
        return Ok(names::POSTGRESQL_PORT);
    };
    u16::try_from(port).map_err(|_| Error::Invalid(format!("spec.external.port: {port}")))
}

fn name_of(server: &DatabaseServer) -> Result<ResourceName> {
    Ok(server.name_any().parse()?)
}
