//! How Odoo reaches the database server of its database.

use serde_json::{Value, json};
use tenantry_domain::ResourceName;

use crate::names;
use crate::object::short_hash;

/// Where the authorities' certificates are mounted.
const DIRECTORY: &str = "/etc/tenantry-database";
/// The file, and its key in the ConfigMap.
const FILE: &str = "ca.crt";

/// Where a database server listens, and what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How connections are protected; nothing is said of it to the clients of a managed server.
    pub tls: Option<DatabaseTls>,
}

/// How connections to an external server are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseTls {
    /// Not at all.
    Disabled,
    /// Encrypted, with whoever answers.
    Required,
    /// Encrypted, with the server's certificate and name verified.
    Verified {
        /// PEM certificates to trust; without them, the public authorities.
        authorities: Option<String>,
    },
}

impl Endpoint {
    /// Where a managed server is reached from inside the cluster.
    #[must_use]
    pub fn managed(server: &ResourceName) -> Self {
        let namespace = names::database_namespace(server);
        Self {
            host: format!("{}.{namespace}.svc", names::POSTGRESQL),
            port: names::POSTGRESQL_PORT,
            tls: None,
        }
    }

    /// Whether it is a server that Tenantry runs.
    pub(crate) fn is_managed(&self) -> bool {
        self.tls.is_none()
    }

    /// Hash of the certificates to trust, which tells people and the controller that they changed.
    #[must_use]
    pub fn authorities_hash(&self) -> Option<String> {
        self.authorities().map(short_hash)
    }

    fn authorities(&self) -> Option<&str> {
        match &self.tls {
            Some(DatabaseTls::Verified { authorities }) => authorities.as_deref(),
            _ => None,
        }
    }

    /// What of an external server reaches pods. New certificates do without another pod.
    pub(crate) fn purpose(&self) -> Option<Value> {
        let tls = match self.tls.as_ref()? {
            DatabaseTls::Disabled => "disabled",
            DatabaseTls::Required => "required",
            DatabaseTls::Verified { authorities: None } => "public authorities",
            DatabaseTls::Verified { .. } => "own authorities",
        };
        Some(json!([self.host, self.port, tls]))
    }

    /// Variables that libpq and Odoo read.
    pub(crate) fn environment(&self) -> Vec<Value> {
        let mut variables = vec![
            json!({"name": "PGHOST", "value": self.host}),
            json!({"name": "PGPORT", "value": self.port.to_string()}),
        ];
        let file = format!("{DIRECTORY}/{FILE}");
        let (mode, authorities) = match &self.tls {
            None => return variables,
            Some(DatabaseTls::Disabled) => ("disable", None),
            Some(DatabaseTls::Required) => ("require", None),
            Some(DatabaseTls::Verified { authorities: None }) => ("verify-full", Some("system")),
            Some(DatabaseTls::Verified { .. }) => ("verify-full", Some(file.as_str())),
        };
        variables.push(json!({"name": "PGSSLMODE", "value": mode}));
        if let Some(authorities) = authorities {
            variables.push(json!({"name": "PGSSLROOTCERT", "value": authorities}));
        }
        variables
    }

    /// What the ConfigMap with the certificates holds, where there has to be one. A pod sees new
    /// ones without a restart, and every new connection is judged by them.
    pub(crate) fn config_map(&self) -> Option<Value> {
        let authorities = self.authorities()?;
        Some(json!({"data": {FILE: authorities}}))
    }

    /// The volume of that ConfigMap.
    pub(crate) fn volume(&self) -> Option<Value> {
        self.authorities()?;
        let map = names::DATABASE_AUTHORITIES;
        Some(json!({"name": map, "configMap": {"name": map}}))
    }

    /// Where that volume is mounted.
    pub(crate) fn mount(&self) -> Option<Value> {
        self.authorities()?;
        let volume = names::DATABASE_AUTHORITIES;
        Some(json!({"name": volume, "mountPath": DIRECTORY, "readOnly": true}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(tls: Option<DatabaseTls>) -> Vec<(String, String)> {
        let endpoint = Endpoint {
            host: "db.example".into(),
            port: 6432,
            tls,
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        endpoint
            .environment()
            .iter()
            .map(|variable| (text(&variable["name"]), text(&variable["value"])))
            .skip(2)
            .collect()
    }

    #[test]
    fn odoo_asks_of_the_server_what_the_spec_asks() {
        let said = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(own).collect()
        };
        let verified = |authorities: Option<&str>| {
            variables(Some(DatabaseTls::Verified {
                authorities: authorities.map(str::to_owned),
            }))
        };
        assert_eq!(variables(None), []);
        assert_eq!(
            variables(Some(DatabaseTls::Disabled)),
            said(&[("PGSSLMODE", "disable")])
        );
        assert_eq!(
            variables(Some(DatabaseTls::Required)),
            said(&[("PGSSLMODE", "require")])
        );
        assert_eq!(
            verified(None),
            said(&[("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", "system")])
        );
        assert_eq!(
            verified(Some("PEM")),
            said(&[
                ("PGSSLMODE", "verify-full"),
                ("PGSSLROOTCERT", "/etc/tenantry-database/ca.crt")
            ])
        );
    }
}
