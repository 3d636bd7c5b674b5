//! What a tenant begins with that it chose itself: modules beside those of its blueprint, and a
//! country.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tenantry_crd::{DatabaseServer, TemplateStatus};
use tenantry_tests::{TestPartner, kubectl, query, until, with_partner};

use crate::secrecy::{Log, nothing_is_told};
use crate::story::database_of;

const PATIENCE: Duration = Duration::from_mins(6);
/// How often a server is asked to look at its templates, and how long one look may take.
const LOOKS: u32 = 12;
const LOOK: Duration = Duration::from_secs(10);
const SERVER: &str = "main";
const SERVER_NAMESPACE: &str = "database-main";
/// A small module of Odoo's that needs no other. No other test asks for it.
const MODULE: &str = "uom";
/// One whose currency is no other's by chance.
const COUNTRY: (&str, &str) = ("CH", "CHF");

/// Waits until the server tells of the template that has the module. It was sealed before only if an
/// earlier run did not come to its end.
async fn template(partner: &TestPartner) -> Result<TemplateStatus> {
    let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
    until(&servers, SERVER, PATIENCE, |server| {
        let status = server.and_then(|server: &DatabaseServer| server.status.as_ref());
        let templates = status.map(|status| &status.templates[..]);
        let mut templates = templates.unwrap_or_default().iter();
        templates
            .find(|template| template.modules == [MODULE] && template.unused_since.is_none())
            .cloned()
            .ok_or_else(|| format!("with the templates {:?}", status.map(|all| &all.templates)))
    })
    .await
}

/// Waits until nothing asks for the template any more: until then it would be made again.
async fn is_unused(partner: &TestPartner, template: &str) -> Result<()> {
    let servers: Api<DatabaseServer> = Api::all(partner.environment.kube.clone());
    let is_unused = |server: Option<&DatabaseServer>| {
        let status = server.and_then(|server| server.status.as_ref());
        let templates = status.map(|status| &status.templates[..]);
        let mut wanted = templates.unwrap_or_default().iter();
        let wanted = wanted.find(|found| found.name == template && found.unused_since.is_none());
        wanted.map_or(Ok(()), |wanted| Err(format!("{wanted:?}")))
    };
    for look in 1..=LOOKS {
        // Nothing but a change has a server look at its templates at once.
        let look = format!("{} {look}", partner.name);
        let touch = json!({"metadata": {"annotations": {"tests.tenantry.dev/look": look}}});
        servers
            .patch(SERVER, &PatchParams::default(), &Patch::Merge(touch))
            .await?;
        if until(&servers, SERVER, LOOK, is_unused).await.is_ok() {
            return Ok(());
        }
    }
    until(&servers, SERVER, LOOK, is_unused).await
}

/// The template is made anew in every run, and its Job's log can be searched meanwhile.
async fn forget(partner: &TestPartner, template: &str) -> Result<()> {
    is_unused(partner, template).await?;
    for statement in [
        format!("ALTER DATABASE tpl_{template} IS_TEMPLATE false"),
        format!("DROP DATABASE tpl_{template} WITH (FORCE)"),
    ] {
        query("postgres", &statement).await.context(statement)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_tenant_begins_with_the_modules_and_the_country_that_it_asks_for() -> Result<()> {
    with_partner(async |partner| {
        let mut manifest = partner.manifest("shop");
        manifest["spec"]["modules"] = json!([MODULE]);
        manifest["spec"]["country"] = json!(COUNTRY.0);
        kubectl(&["create", "--filename=-"], &manifest.to_string())
            .await?
            .text()?;
        let template = template(partner).await?;
        if !template.sealed {
            no_password_is_told_by_its_job(partner, &template.name).await?;
        }

        let tenant = partner.serving("shop").await?;
        let status = tenant.status.context("no status")?;
        let effective = status.effective.context("nothing effective")?;
        ensure!(effective.modules == [MODULE], "{:?}", effective.modules);
        let database = database_of(partner).await?;
        let state = format!("SELECT state FROM ir_module_module WHERE name = '{MODULE}'");
        let state = query(&database, &state).await?;
        ensure!(state == "installed", "{MODULE} is {state}");
        let of_company = "SELECT country.code, currency.name FROM res_company company \
                          JOIN res_partner partner ON partner.id = company.partner_id \
                          JOIN res_country country ON country.id = partner.country_id \
                          JOIN res_currency currency ON currency.id = company.currency_id";
        let found = query(&database, of_company).await?;
        let (country, currency) = COUNTRY;
        ensure!(
            found == format!("{country}|{currency}"),
            "its company: {found}"
        );
        forget(partner, &template.name).await
    })
    .await
}

/// While Odoo makes the template, there is a password for that, and a log of it.
async fn no_password_is_told_by_its_job(partner: &TestPartner, template: &str) -> Result<()> {
    let job = &format!("template-{template}");
    let log = Log {
        namespace: SERVER_NAMESPACE,
        pod: job,
        previous: false,
    };
    let environment = &partner.environment;
    let known = nothing_is_told(&environment.kube, &environment.token, &[log]).await?;
    let secret = format!("{SERVER_NAMESPACE}/{job}");
    ensure!(known.contains(&secret), "{secret} is not among {known:?}");
    Ok(())
}
