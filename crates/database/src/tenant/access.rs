//! Whether a tenant's role can log in, and its password set back when somebody changed it.

use secrecy::SecretString;
use tokio::task::spawn_blocking;

use super::judge;
use crate::catalog;
use crate::comment::Phase;
use crate::error::{During, Error, Result};
use crate::names::TenantDatabase;
use crate::password;
use crate::server::Server;
use crate::session::Session;
use crate::sql::{identifier, literal};

impl Server {
    /// Whether the server takes `password` for the tenant's role. The role must exist and be
    /// admitted: the server answers the same to a wrong password and to an unknown role.
    ///
    /// # Errors
    /// When the server cannot be asked, or does not ask for a password.
    pub async fn accepts(&self, tenant: &TenantDatabase, password: &SecretString) -> Result<bool> {
        match self.enter(tenant, password).await {
            Ok(session) => {
                session.close().await;
                Ok(true)
            }
            // A role's own connections are counted after its password was taken.
            Err(Error::OutOfConnections { source, .. })
                if source.to_string().contains("for role") =>
            {
                Ok(true)
            }
            Err(Error::WrongPassword { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives the role of a tenant whose database was handed over the password that it should
    /// have. Nothing else is changed, neither the database nor what the role may do.
    ///
    /// # Errors
    /// When role or database are not ours, or the server cannot do it.
    pub async fn reset_password(
        &self,
        tenant: &TenantDatabase,
        password: &SecretString,
    ) -> Result<()> {
        let password = password.clone();
        let hash = spawn_blocking(move || password::scram_verifier(&password));
        let verifier = hash.await.map_err(|_| Error::Aborted {
            during: During::new("hashing the password of", tenant.name()),
        })?;
        let mut session = self.locked(tenant.name()).await?;
        let result = reset(&mut session, tenant, &verifier).await;
        self.release(session, tenant.name(), result).await
    }
}

async fn reset(session: &mut Session, tenant: &TenantDatabase, verifier: &str) -> Result<()> {
    let pair = catalog::pair(session, tenant.name()).await?;
    let handed_over =
        judge(&pair, tenant)?.is_some_and(|found| found.phase == Phase::Ready && found.has_role);
    if !handed_over {
        return Err(Error::Unverified {
            database: tenant.name().to_owned(),
            findings: vec!["its role or its database went meanwhile".to_owned()],
        });
    }
    let sql = format!(
        "ALTER ROLE {} WITH PASSWORD {}",
        identifier(tenant.name()),
        literal(verifier)
    );
    session
        .run("resetting the password of", tenant.name(), sql)
        .await
}
