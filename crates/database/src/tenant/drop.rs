//! Takes a tenant's database and role away.

use super::judge;
use crate::catalog::{self, Pair};
use crate::comment::{Phase, TenantMark};
use crate::error::{Error, Result};
use crate::names::TenantDatabase;
use crate::prepare::comment_on;
use crate::server::Server;
use crate::session::Session;
use crate::sql::identifier;

impl Server {
    /// Ends all connections of a tenant, drops its database, then its role, and looks that both are gone.
    /// A role that others gave rights in their databases stays, and can do nothing.
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
    let found = match judge(&pair, tenant) {
        // The comment is the tenant's to write, and keeps nothing of it from going.
        Err(Error::Foreign { .. }) if is_its_own(&pair, tenant) => None,
        found => found?,
    };
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
        let owned = format!("DROP OWNED BY {name} CASCADE");
        session
            .drop_role("dropping the role", tenant.name(), &owned)
            .await?;
    }
    let left = catalog::pair(session, tenant.name()).await?;
    let can_login = left.role.is_some_and(|role| role.can_login);
    if can_login || left.database.is_some() || left.copy.is_some() {
        let findings = vec!["it is still there after it was dropped".to_owned()];
        return Err(Error::Unverified {
            database: tenant.name().to_owned(),
            findings,
        });
    }
    Ok(())
}

/// Whether everything under the tenant's name is the tenant's, by what it cannot write itself: our
/// comment on its role, and that this owns the rest.
fn is_its_own(pair: &Pair, tenant: &TenantDatabase) -> bool {
    let comment = pair.role.as_ref().and_then(|role| role.comment.as_deref());
    let is_ours = TenantMark::read(comment, tenant.id()).is_some();
    let database = pair.database.as_ref().map(|database| &database.owner);
    let copy = pair.copy.as_ref().map(|copy| &copy.owner);
    is_ours
        && database
            .into_iter()
            .chain(copy)
            .all(|owner| owner == tenant.name())
}
