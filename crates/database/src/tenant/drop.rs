//! Takes a tenant's database and role away.

use super::judge;
use crate::catalog;
use crate::comment::{Phase, TenantMark};
use crate::error::{Error, Result};
use crate::names::TenantDatabase;
use crate::prepare::comment_on;
use crate::server::Server;
use crate::session::Session;
use crate::sql::identifier;

impl Server {
    /// Ends all connections of a tenant, drops its database, then its role, and looks that both are gone.
    /// Idempotent. Nothing brings the data back.
    ///
    /// # Errors
    /// When either exists and is not ours, or the server cannot do it.
    pub async fn drop_tenant(&self, tenant: &TenantDatabase) -> Result<()> {
        let mut session = self.locked(tenant.name()).await?;
        let result = remove(&mut session, tenant).await;
        self.release(session, tenant.name(), result).await
    }
}

async fn remove(session: &mut Session, tenant: &TenantDatabase) -> Result<()> {
    let pair = catalog::pair(session, tenant.name()).await?;
    let found = judge(&pair, tenant)?;
    let name = identifier(tenant.name());
    let template = found.and_then(|found| found.template);
    if pair.database.is_some() {
        // Whoever comes after us knows why nobody gets in.
        let mark = TenantMark::new(tenant.id(), Phase::Dropping, template.as_deref());
        let sql = comment_on("DATABASE", tenant.name(), &mark);
        session.run("giving up", tenant.name(), sql).await?;
    }
    if pair.role.is_some() {
        // From the maintenance database, where Odoo listens, it could open its own again.
        let sql = format!("ALTER ROLE {name} WITH NOLOGIN");
        session.run("locking out", tenant.name(), sql).await?;
        session.end_sessions_of(tenant.name()).await?;
    }
    // The copy first: alone it would stand for the database.
    session.drop_database(&tenant.copy_name()).await?;
    session.drop_database(tenant.name()).await?;
    if pair.role.is_some() {
        // What it may have left in the maintenance database, large objects for one, would keep it alive.
        let sql = format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}");
        session.run("dropping the role", tenant.name(), sql).await?;
    }
    let left = catalog::pair(session, tenant.name()).await?;
    if left.role.is_some() || left.database.is_some() || left.copy.is_some() {
        let findings = vec!["it is still there after it was dropped".to_owned()];
        return Err(Error::Unverified {
            database: tenant.name().to_owned(),
            findings,
        });
    }
    Ok(())
}
