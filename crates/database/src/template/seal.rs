//! Looks whether a template is whole and holds nothing that a clone must not have, then closes it for good.

use super::{FINISHED, Seal, Template, judge, read};
use crate::catalog;
use crate::comment::{SealMark, TemplateMark, TemplatePhase};
use crate::error::{Error, Result};
use crate::names::{OBJECTS_ROLE, TEMPLATES_ROLE, TemplateDatabase};
use crate::prepare::comment_on;
use crate::server::Server;
use crate::session::Session;
use crate::sql::identifier;

/// Tables that must be empty where they exist, and what a row in them would be.
const MUST_BE_EMPTY: [(&str, &str); 5] = [
    ("res_users_apikeys", "API keys"),
    ("auth_totp_device", "trusted devices"),
    ("auth_passkey_key", "passkeys"),
    ("ir_mail_server", "outgoing mail servers"),
    ("fetchmail_server", "incoming mail servers"),
];

/// Findings beyond this many of one kind are counted, not listed.
const LISTED_MAX: usize = 5;

impl Server {
    /// Reads back whether Odoo finished, then takes the builder away and closes the template. Idempotent.
    ///
    /// `modules` are those that were asked for; `base` always is.
    ///
    /// # Errors
    /// [`Error::TemplateUnfit`] with everything that was found: then nothing was changed,
    /// unless the build was still going on at the second look, when its builder is locked out.
    pub async fn seal_template(
        &self,
        template: &TemplateDatabase,
        modules: &[&str],
    ) -> Result<Seal> {
        let mut session = self.locked(template.name()).await?;
        let result = self.seal_locked(&mut session, template, modules).await;
        self.release(session, template.name(), result).await
    }

    async fn seal_locked(
        &self,
        session: &mut Session,
        template: &TemplateDatabase,
        modules: &[&str],
    ) -> Result<Seal> {
        let pair = catalog::pair(session, template.name()).await?;
        let name = || template.template().to_owned();
        match judge(&pair, template)?.map(|mark| mark.phase) {
            None => return Err(Error::TemplateMissing { template: name() }),
            Some(TemplatePhase::Dropping) => {
                return Err(Error::BeingDropped {
                    database: template.name().to_owned(),
                });
            }
            Some(TemplatePhase::Building) => self.close(session, template, modules).await?,
            Some(TemplatePhase::Sealed) => {}
        }
        match read(session, template).await? {
            Template::Sealed(seal) => Ok(seal),
            _ => Err(Error::TemplateNotSealed { template: name() }),
        }
    }

    async fn close(
        &self,
        session: &mut Session,
        template: &TemplateDatabase,
        modules: &[&str],
    ) -> Result<()> {
        let mut own = self.open(template.name()).await?;
        inspect(&mut own, template, modules).await?;
        // What was seen must still be so when it is sealed, so nobody may write in between.
        let name = identifier(template.name());
        let sql = format!("ALTER ROLE {name} WITH NOLOGIN");
        session
            .run("locking out the builder of", template.name(), sql)
            .await?;
        session.end_sessions_of(template.name()).await?;
        let mark = inspect(&mut own, template, modules).await?;
        // Clones inherit statistics and frozen rows, so they need no vacuum of their own at first.
        own.run(
            "vacuuming",
            template.name(),
            "VACUUM (FREEZE, ANALYZE)".to_owned(),
        )
        .await?;
        own.close().await;

        let mark = TemplateMark::new(template.template(), TemplatePhase::Sealed, Some(mark));
        let sql = format!(
            "{comment};
             ALTER DATABASE {name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false;
             ALTER ROLE {name} IN DATABASE {name} RESET ALL;
             REVOKE ALL ON DATABASE {name} FROM {name}",
            comment = comment_on("DATABASE", template.name(), &mark),
        );
        session.drop_role("sealing", template.name(), &sql).await
    }
}

/// All that is wrong, or what the seal shall say.
async fn inspect(
    own: &mut Session,
    template: &TemplateDatabase,
    modules: &[&str],
) -> Result<SealMark> {
    let mut findings = Vec::new();
    if is_table(own, "ir_module_module").await? {
        installed(own, modules, &mut findings).await?;
        contents(own, &mut findings).await?;
        ownership(own, &mut findings).await?;
    } else {
        findings.push("Odoo has not made its tables".to_owned());
    }
    if !findings.is_empty() {
        return Err(Error::TemplateUnfit {
            template: template.template().to_owned(),
            findings,
        });
    }
    let query = sqlx::query_as(
        "SELECT (SELECT count(*) FROM ir_module_module WHERE state = 'installed'),
                (SELECT count(*) FROM ir_attachment WHERE url LIKE '/web/assets/%'),
                extract(epoch FROM now())::bigint,
                coalesce((SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'), '')",
    );
    let (modules, bundles, sealed_at, uuid) = own.one("summing up", query).await?;
    Ok(SealMark {
        modules,
        bundles,
        sealed_at,
        uuid,
    })
}

async fn is_table(own: &mut Session, table: &str) -> Result<bool> {
    let query = sqlx::query_as("SELECT to_regclass('public.' || quote_ident($1)) IS NOT NULL");
    let (found,) = own.one("looking for tables in", query.bind(table)).await?;
    Ok(found)
}

async fn installed(own: &mut Session, modules: &[&str], findings: &mut Vec<String>) -> Result<()> {
    let wanted: Vec<&str> = std::iter::once("base")
        .chain(modules.iter().copied())
        .collect();
    let query = sqlx::query_as(
        "SELECT wanted, coalesce(m.state, 'unknown') FROM unnest($1::text[]) AS wanted
         LEFT JOIN ir_module_module m ON m.name = wanted
         WHERE m.state IS DISTINCT FROM 'installed'
         UNION SELECT name, state FROM ir_module_module WHERE state LIKE 'to %' ORDER BY 1",
    );
    let rows: Vec<(String, String)> = own
        .all("reading the modules of", query.bind(wanted))
        .await?;
    list(
        findings,
        rows.into_iter()
            .map(|(module, state)| format!("module {module} is {state}")),
    );
    let query = sqlx::query_as("SELECT name FROM ir_module_module WHERE demo ORDER BY 1");
    let rows: Vec<(String,)> = own.all("reading the modules of", query).await?;
    list(
        findings,
        rows.into_iter()
            .map(|(module,)| format!("module {module} has demo data")),
    );
    Ok(())
}

async fn contents(own: &mut Session, findings: &mut Vec<String>) -> Result<()> {
    let query = sqlx::query_as("SELECT count(*) FROM ir_attachment WHERE store_fname IS NOT NULL");
    let (in_files,): (i64,) = own.one("reading the attachments of", query).await?;
    if in_files > 0 {
        findings.push(format!(
            "{in_files} attachments are in files, which a clone would not have"
        ));
    }
    let query = sqlx::query_as("SELECT count(*) FROM ir_config_parameter WHERE key = $1");
    let (finished,): (i64,) = own
        .one("reading the parameters of", query.bind(FINISHED))
        .await?;
    if finished == 0 {
        findings.push("its build did not come to its end".to_owned());
    }
    // Odoo's own users come from a module's data and have a name there.
    let query = sqlx::query_as(
        "SELECT login FROM res_users u WHERE NOT EXISTS (
             SELECT FROM ir_model_data d WHERE d.model = 'res.users' AND d.res_id = u.id)
             OR (active AND id > 2) ORDER BY 1",
    );
    let rows: Vec<(String,)> = own.all("reading the users of", query).await?;
    list(
        findings,
        rows.into_iter()
            .map(|(login,)| format!("there is a user {login}")),
    );
    for (table, what) in MUST_BE_EMPTY {
        if is_table(own, table).await? {
            let sql = format!("SELECT count(*) FROM {}", identifier(table));
            let (rows,): (i64,) = own.one("looking for leftovers in", query_of(sql)).await?;
            if rows > 0 {
                findings.push(format!("there are {what}: {rows}"));
            }
        }
    }
    Ok(())
}

fn query_of<'q, T>(
    sql: String,
) -> sqlx::query::QueryAs<'q, sqlx::Postgres, T, sqlx::postgres::PgArguments>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
}

/// A clone's tenant can use only what belongs to `tenantry_objects`.
async fn ownership(own: &mut Session, findings: &mut Vec<String>) -> Result<()> {
    let query = sqlx::query_as(
        "SELECT c.relname::text, pg_get_userbyid(c.relowner)::text
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
           AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
           AND pg_get_userbyid(c.relowner) NOT IN ($1, $2)
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                           AND d.objid = c.oid AND d.deptype = 'e')
         ORDER BY 1",
    );
    let query = query.bind(OBJECTS_ROLE).bind(TEMPLATES_ROLE);
    let rows: Vec<(String, String)> = own.all("reading the owners in", query).await?;
    list(
        findings,
        rows.into_iter()
            .map(|(name, owner)| format!("{name} belongs to {owner}")),
    );
    Ok(())
}

fn list(findings: &mut Vec<String>, found: impl Iterator<Item = String>) {
    let mut found: Vec<String> = found.collect();
    if found.len() > LISTED_MAX {
        let rest = found.len() - LISTED_MAX;
        found.truncate(LISTED_MAX);
        found.push(format!("and {rest} more like that"));
    }
    findings.extend(found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let mut findings = vec!["first".to_owned()];
        list(&mut findings, (0..8).map(|n| n.to_string()));
        assert_eq!(findings.len(), 1 + LISTED_MAX + 1);
        assert_eq!(
            findings.last().map(String::as_str),
            Some("and 3 more like that")
        );
    }
}
