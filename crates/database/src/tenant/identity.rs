//! Writes who a tenant is into its clone, and reads it back.
//!
//! All of it is one transaction and may be repeated.
//! The secrets Odoo signs with are made by the server itself, so they travel nowhere.

use super::Identity;
use crate::error::{Error, Result};
use crate::names::TenantDatabase;
use crate::session::Session;

/// Odoo's first user besides its own: `base.user_admin`.
const ADMINISTRATOR: i32 = 2;

/// Kept by the template for its own making: a clone stores new attachments in its filestore.
const OF_THE_TEMPLATE: [&str; 2] = ["ir_attachment.location", crate::template::FINISHED];

/// Refuses what could not be right in any database.
pub(super) fn check(tenant: &TenantDatabase, identity: &Identity) -> Result<()> {
    let url = &identity.base_url;
    let web = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let problem = if web.is_none_or(|host| host.is_empty() || host.contains(['/', ' '])) {
        "the base URL must be http:// or https:// and a host, without a path"
    } else if identity.company.trim().is_empty() {
        "the company has no name"
    } else if identity.administrator.login.trim().is_empty() {
        "the administrator has no login"
    } else {
        return Ok(());
    };
    Err(refusal(tenant, problem.to_owned()))
}

fn refusal(tenant: &TenantDatabase, problem: String) -> Error {
    Error::Identity {
        database: tenant.name().to_owned(),
        problem,
    }
}

pub(super) async fn write(
    session: &mut Session,
    tenant: &TenantDatabase,
    identity: &Identity,
    hash: &str,
) -> Result<()> {
    session.begin().await?;
    parameters(session, identity).await?;
    let language = identity.language.as_deref();
    if let Some(language) = language
        && !has_language(session, language).await?
    {
        return Err(refusal(
            tenant,
            format!("the template does not have the language {language}"),
        ));
    }
    let touched = administrator(session, identity, hash).await?;
    if touched != 1 {
        return Err(refusal(
            tenant,
            format!("there is no user {ADMINISTRATOR} with a partner"),
        ));
    }
    company(session, &identity.company).await?;
    crons(session, identity.cron_offset.as_secs_f64()).await?;
    session.commit().await
}

async fn parameters(session: &mut Session, identity: &Identity) -> Result<()> {
    let query = sqlx::query("DELETE FROM ir_config_parameter WHERE key = ANY ($1)");
    session
        .touch(
            "clearing parameters of",
            query.bind(OF_THE_TEMPLATE.as_slice()),
        )
        .await?;
    let query = sqlx::query(
        "INSERT INTO ir_config_parameter (key, value, create_uid, write_uid, create_date, write_date)
         SELECT key, value, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
         FROM (VALUES
             ('database.uuid', gen_random_uuid()::text),
             ('database.secret', gen_random_uuid()::text),
             ('database.create_date', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')),
             ('web.base.url', $1),
             ('report.url', $2),
             ('web.base.url.freeze', 'True')) AS wanted (key, value)
         ON CONFLICT (key) DO UPDATE
         SET value = excluded.value, write_uid = 1, write_date = excluded.write_date",
    );
    session
        .touch(
            "writing parameters of",
            query.bind(&identity.base_url).bind(&identity.own_url),
        )
        .await?;
    Ok(())
}

async fn has_language(session: &mut Session, language: &str) -> Result<bool> {
    let query = sqlx::query_as("SELECT count(*) > 0 FROM res_lang WHERE code = $1 AND active");
    let (found,) = session
        .one("looking for the language in", query.bind(language))
        .await?;
    Ok(found)
}

/// The user and the partner behind it. How many users were touched.
async fn administrator(session: &mut Session, identity: &Identity, hash: &str) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE res_users SET login = $2, password = $3, write_date = now() AT TIME ZONE 'UTC'
         WHERE id = $1 AND partner_id IS NOT NULL",
    )
    .bind(ADMINISTRATOR)
    .bind(&identity.administrator.login)
    .bind(hash);
    let touched = session.touch("writing the administrator of", query).await?;
    let query = sqlx::query(
        "UPDATE res_partner SET email = $2, lang = coalesce($3, lang), tz = coalesce($4, tz),
             write_date = now() AT TIME ZONE 'UTC'
         WHERE id = (SELECT partner_id FROM res_users WHERE id = $1)",
    )
    .bind(ADMINISTRATOR)
    .bind(&identity.administrator.email)
    .bind(identity.language.as_deref())
    .bind(identity.timezone.as_deref());
    session.touch("writing the administrator of", query).await?;
    if has_column(session, "res_partner", "email_normalized").await? {
        // A stored field of Odoo's mail module, which it computes only when Odoo itself writes.
        let query = sqlx::query(
            "UPDATE res_partner SET email_normalized = lower($2)
             WHERE id = (SELECT partner_id FROM res_users WHERE id = $1)",
        );
        let query = query
            .bind(ADMINISTRATOR)
            .bind(&identity.administrator.email);
        session.touch("writing the administrator of", query).await?;
    }
    Ok(touched)
}

/// The administrator's company and its partner, with the names Odoo stores computed.
async fn company(session: &mut Session, name: &str) -> Result<()> {
    let query = sqlx::query(
        "WITH company AS (
             UPDATE res_company SET name = $2, write_date = now() AT TIME ZONE 'UTC'
             WHERE id = (SELECT company_id FROM res_users WHERE id = $1) RETURNING partner_id)
         UPDATE res_partner SET name = $2, complete_name = $2, commercial_company_name = $2,
             write_date = now() AT TIME ZONE 'UTC'
         WHERE id = (SELECT partner_id FROM company)",
    );
    let query = query.bind(ADMINISTRATOR).bind(name);
    session.touch("writing the company of", query).await?;
    Ok(())
}

/// All scheduled actions of a template that is days old are overdue.
async fn crons(session: &mut Session, offset_s: f64) -> Result<()> {
    // Whole seconds: Odoo's own times have no fractions.
    let query = sqlx::query(
        "UPDATE ir_cron SET nextcall = date_trunc('second',
             greatest(nextcall, now() AT TIME ZONE 'UTC') + make_interval(secs => $1))",
    );
    session
        .touch("spreading the scheduled actions of", query.bind(offset_s))
        .await?;
    Ok(())
}

async fn has_column(session: &mut Session, table: &str, column: &str) -> Result<bool> {
    let query = sqlx::query_as(
        "SELECT count(*) > 0 FROM pg_attribute
         WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped",
    );
    let (found,) = session
        .one("examining", query.bind(table).bind(column))
        .await?;
    Ok(found)
}

type Back = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    i64,
    bool,
    bool,
    bool,
);

/// Reads back, after the commit, what a tenant depends on.
pub(super) async fn verify(
    session: &mut Session,
    tenant: &TenantDatabase,
    identity: &Identity,
    hash: &str,
    template_uuid: &str,
) -> Result<()> {
    let query = sqlx::query_as(
        "SELECT (SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'),
                (SELECT value FROM ir_config_parameter WHERE key = 'database.secret'),
                (SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'),
                (SELECT value FROM ir_config_parameter WHERE key = 'web.base.url.freeze'),
                (SELECT count(*) FROM ir_config_parameter WHERE key = ANY ($2)),
                coalesce((SELECT login = $3 AND password = $4 FROM res_users WHERE id = $1), false),
                coalesce((SELECT email = $5 FROM res_partner
                 WHERE id = (SELECT partner_id FROM res_users WHERE id = $1)), false),
                coalesce((SELECT name = $6 FROM res_company
                 WHERE id = (SELECT company_id FROM res_users WHERE id = $1)), false)",
    )
    .bind(ADMINISTRATOR)
    .bind(OF_THE_TEMPLATE.as_slice())
    .bind(&identity.administrator.login)
    .bind(hash)
    .bind(&identity.administrator.email)
    .bind(&identity.company);
    let back: Back = session.one("reading back", query).await?;
    let (uuid, secret, url, freeze, left, user, email, company) = back;
    let findings: Vec<String> = [
        (
            uuid.is_some_and(|uuid| uuid != template_uuid),
            "database.uuid is not its own",
        ),
        (
            secret.is_some_and(|secret| secret.len() >= 32),
            "database.secret is missing",
        ),
        (
            url.as_deref() == Some(identity.base_url.as_str()),
            "web.base.url differs",
        ),
        (
            freeze.as_deref() == Some("True"),
            "web.base.url is not frozen",
        ),
        (left == 0, "parameters of the template are left"),
        (user, "the administrator's login or password differs"),
        (email, "the administrator's e-mail differs"),
        (company, "the company's name differs"),
    ]
    .into_iter()
    .filter(|(good, _)| !good)
    .map(|(_, finding)| finding.to_owned())
    .collect();
    if findings.is_empty() {
        return Ok(());
    }
    Err(Error::Unverified {
        database: tenant.name().to_owned(),
        findings,
    })
}

impl Session {
    async fn begin(&mut self) -> Result<()> {
        let database = self.database().to_owned();
        self.run("beginning in", &database, "BEGIN".to_owned())
            .await
    }

    async fn commit(&mut self) -> Result<()> {
        let database = self.database().to_owned();
        self.run("committing in", &database, "COMMIT".to_owned())
            .await
    }
}
