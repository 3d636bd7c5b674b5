//! Connections to the database servers, one pool for each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use tenantry_database::{Endpoint, Limits, Login, Server, Tls};
use tenantry_domain::ResourceName;
use tenantry_render::names;

use crate::world::Children;

/// Connections to the database servers, one pool for each.
#[derive(Default)]
pub(crate) struct Servers(Mutex<HashMap<ResourceName, (SecretString, Server)>>);

impl Servers {
    /// The server of that name; `None` until its login exists.
    pub(crate) fn get(&self, children: &Children, name: &ResourceName) -> Option<Server> {
        let namespace = names::database_namespace(name);
        let password = children.password(&namespace, names::SERVER_LOGIN_SECRET)?;
        let mut servers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, server)) = servers.get(name)
            && known.expose_secret() == password.expose_secret()
        {
            return Some(server.clone());
        }
        let server = connect(name, &password);
        servers.insert(name.clone(), (password, server.clone()));
        Some(server)
    }
}

fn connect(name: &ResourceName, password: &SecretString) -> Server {
    let endpoint = Endpoint {
        host: names::database_host(name),
        port: names::POSTGRESQL_PORT,
        tls: Tls::Disabled,
    };
    let login = Login {
        user: names::SERVER_LOGIN.to_owned(),
        password: password.clone(),
    };
    Server::connect(endpoint, &login, Limits::default())
}
