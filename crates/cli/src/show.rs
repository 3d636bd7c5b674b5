//! `tenantry get` and `tenantry list`.

use serde_json::{Value, json};
use tenantry_domain::TenantKey;
use tenantry_proto::v1alpha1::{Condition, ListTenantsRequest, Tenant, TenantStatus};

use crate::arguments::{ConnectionArguments, GetArguments, ListArguments, Output};
use crate::connection::connect;
use crate::failure::Failure;
use crate::{document, printer, yaml};

/// Shows one tenant.
pub(crate) async fn get(
    arguments: &GetArguments,
    connection: &ConnectionArguments,
) -> Result<(), Failure> {
    let key = document::parse_key(&arguments.tenant)?;
    let tenant = connect(connection).await?.tenant(&key).await?;
    let text = match arguments.output {
        Output::Json => json_text(&single(&tenant)?)?,
        other => shown(&[tenant], other)?,
    };
    printer::line(&text);
    Ok(())
}

/// Shows the tenants of a partner, or all.
pub(crate) async fn list(
    arguments: &ListArguments,
    connection: &ConnectionArguments,
) -> Result<(), Failure> {
    let partner = match &arguments.partner {
        Some(name) => document::parse_partner(name)?.to_string(),
        None => "-".to_owned(),
    };
    let parent = format!("partners/{partner}");
    let mut connection = connect(connection).await?;
    let mut tenants = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListTenantsRequest {
            parent: parent.clone(),
            page_size: 0,
            page_token,
        };
        let page = connection
            .tenants
            .list_tenants(request)
            .await
            .map_err(|status| Failure::status(&parent, &status))?
            .into_inner();
        for cluster in page.unreachable {
            printer::note(&format!(
                "{cluster} does not answer; its tenants are missing here"
            ));
        }
        tenants.extend(page.tenants);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if tenants.is_empty() && arguments.output == Output::Table {
        printer::note("there are no tenants");
        return Ok(());
    }
    printer::line(&shown(&tenants, arguments.output)?);
    Ok(())
}

fn shown(tenants: &[Tenant], output: Output) -> Result<String, Failure> {
    match output {
        Output::Table => Ok(table(tenants, false)),
        Output::Wide => Ok(table(tenants, true)),
        Output::Json => {
            json_text(&json!({"apiVersion": "v1", "kind": "List", "items": documents(tenants)?}))
        }
        Output::Yaml => yaml::write(&documents(tenants)?).map_err(|error| unreadable(&error)),
    }
}

fn single(tenant: &Tenant) -> Result<Value, Failure> {
    document::of(tenant).map_err(|error| unreadable(&error))
}

fn documents(tenants: &[Tenant]) -> Result<Vec<Value>, Failure> {
    tenants.iter().map(single).collect()
}

fn json_text(value: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| unreadable(&error.to_string()))
}

fn unreadable(error: &str) -> Failure {
    Failure::platform(format!("the platform's answer cannot be shown: {error}"))
        .with_remedy("the platform may be newer than this command; update it")
}

fn table(tenants: &[Tenant], wide: bool) -> String {
    let mut head = vec!["TENANT", "READY", "REASON", "URL", "PROVISIONED", "AGE"];
    if wide {
        head.extend(["BLUEPRINT", "RELEASE", "ID", "MESSAGE"]);
    }
    let head = head.into_iter().map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head)
        .chain(tenants.iter().map(|tenant| row(tenant, wide)))
        .collect();
    let lines: Vec<_> = rows.iter().map(|row| aligned(row, &rows)).collect();
    lines.join("\n")
}

/// The cells of `row`, each as wide as the widest of its column in `rows`.
pub(crate) fn aligned(row: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let cells = row.iter().enumerate().map(|(column, cell)| {
        let width = width(column).unwrap_or_default();
        format!("{cell:<width$}")
    });
    cells.collect::<Vec<_>>().join("   ").trim_end().to_owned()
}

fn row(tenant: &Tenant, wide: bool) -> Vec<String> {
    let nothing = TenantStatus::default();
    let status = tenant.status.as_ref().unwrap_or(&nothing);
    let ready = status.conditions.iter().find(|c| c.r#type() == "Ready");
    let of_ready = |text: fn(&Condition) -> &str| ready.map(text).unwrap_or_default();
    let mut row = vec![
        tenant.name.parse().map_or_else(
            |_| tenant.name.clone(),
            |key: TenantKey| format!("{}/{}", key.partner, key.name),
        ),
        of_ready(|condition| condition.status()).to_owned(),
        of_ready(|condition| condition.reason()).to_owned(),
        status.url().to_owned(),
        status.provisioned_in().to_owned(),
        age(tenant),
    ];
    if wide {
        let blueprint = tenant.spec.as_ref().and_then(|spec| spec.blueprint.clone());
        row.extend([
            blueprint.unwrap_or_default(),
            status.release().to_owned(),
            status.tenant_id().to_owned(),
            of_ready(|condition| condition.message()).to_owned(),
        ]);
    }
    for cell in &mut row {
        if cell.is_empty() {
            cell.push('-');
        }
    }
    row
}

fn age(tenant: &Tenant) -> String {
    let created = tenant
        .create_time
        .and_then(|time| jiff::Timestamp::try_from(time).ok());
    created.map_or_else(String::new, |created| {
        short(jiff::Timestamp::now().duration_since(created).as_secs())
    })
}

/// The age in its largest unit.
pub(crate) fn short(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{}s", seconds.max(0)),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> Tenant {
        let spec = json!({"blueprint": "retail"});
        let status = json!({
            "conditions": [
                {"type": "Serving", "status": "False"},
                {"type": "Ready", "status": "True", "reason": "Serving", "message": "all is well"}
            ],
            "url": "https://shop42.acme.example", "provisionedIn": "3.412s",
            "tenantId": "0123456789abcdef", "release": "odoo-19"
        });
        Tenant {
            name: "partners/acme/tenants/shop42".into(),
            spec: serde_json::from_value(spec).unwrap(),
            status: serde_json::from_value(status).unwrap(),
            ..Tenant::default()
        }
    }

    #[test]
    fn a_table_has_a_line_per_tenant() {
        let fresh = Tenant {
            name: "partners/acme/tenants/a".into(),
            ..Tenant::default()
        };
        assert_eq!(
            table(&[tenant(), fresh], false),
            "TENANT        READY   REASON    URL                           PROVISIONED   AGE\n\
             acme/shop42   True    Serving   https://shop42.acme.example   3.412s        -\n\
             acme/a        -       -         -                             -             -"
        );
    }

    #[test]
    fn a_wide_table_says_more() {
        let table = table(&[tenant()], true);
        for word in ["retail", "odoo-19", "0123456789abcdef", "all is well"] {
            assert!(table.contains(word), "{table}");
        }
    }

    #[test]
    fn documents_have_the_form_of_kubernetes() {
        let shown = shown(&[tenant()], Output::Json).unwrap();
        let list: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(list["items"][0]["metadata"]["namespace"], "partner-acme");
        assert_eq!(list["items"][0]["status"]["provisionedIn"], "3.412s");
    }

    #[test]
    fn an_age_is_short() {
        let ages = [-1, 5, 119, 120, 7_200, 172_800].map(short);
        assert_eq!(ages, ["0s", "5s", "119s", "2m", "2h", "2d"]);
    }
}
