//! `tenantry describe`: how a tenant stands, told as a story: what is wrong, who acts, what happens
//! next; then what it is, and how it came to be.

use jiff::Timestamp;
use tenantry_domain::TenantKey;
use tenantry_proto::Timestamp as ProtoTimestamp;
use tenantry_proto::v1alpha1::{Step, Tenant, TenantStatus};

use crate::arguments::{ConnectionArguments, DescribeArguments};
use crate::connection::connect;
use crate::failure::Failure;
use crate::show::{aligned, short};
use crate::{change, document, printer, progress};

/// Tells how one tenant stands.
pub(crate) async fn run(
    arguments: &DescribeArguments,
    connection: &ConnectionArguments,
) -> Result<(), Failure> {
    let key = document::parse_key(&arguments.tenant)?;
    let tenant = connect(connection).await?.tenant(&key).await?;
    printer::line(&story(&key, &tenant, Timestamp::now()));
    Ok(())
}

fn story(key: &TenantKey, tenant: &Tenant, now: Timestamp) -> String {
    let nothing = TenantStatus::default();
    let status = tenant.status.as_ref().unwrap_or(&nothing);
    let mut paragraphs = vec![
        standing(
            &format!("{}/{}", key.partner, key.name),
            tenant,
            status,
            now,
        ),
        indented(&facts(tenant, status)),
    ];
    let conditions = conditions(status, now);
    if !conditions.is_empty() {
        paragraphs.push(format!("Conditions\n{}", indented(&conditions)));
    }
    let steps: Vec<_> = status.provisioning.iter().map(|s| step(s, now)).collect();
    if !steps.is_empty() {
        paragraphs.push(format!("Provisioning\n{}", indented(&steps)));
    }
    paragraphs.join("\n\n")
}

/// Whether it serves; and if not, what is wrong, who acts, and what happens next.
fn standing(name: &str, tenant: &Tenant, status: &TenantStatus, now: Timestamp) -> String {
    let Some(ready) = status.conditions.iter().find(|c| c.r#type() == "Ready") else {
        return format!("{name} was accepted and has not been looked at yet");
    };
    let since = since(ready.last_transition_time, now);
    let Message { what, who, next } = Message::of(ready.message());
    if ready.status() == "True" {
        return format!("{name} serves{since}: {}", ready.message());
    }
    let (nobody, by_itself) = unasked(ready.reason(), tenant);
    let rows = [
        row(["Why", ready.reason()]),
        row(["What", what]),
        row(["Who acts", who.unwrap_or(nobody)]),
        row(["What next", next.unwrap_or(&by_itself)]),
    ];
    format!("{name} does not serve{since}\n{}", indented(&rows))
}

/// Who acts and what happens next when the condition does not say it.
fn unasked(reason: &str, tenant: &Tenant) -> (&'static str, String) {
    let way_back = format!("{} brings it back", change::way_back(tenant));
    match reason {
        "Suspended" => ("nobody has to", format!("it stays so; {way_back}")),
        "Deleted" => (
            "nobody has to",
            format!("it is purged; until then {way_back}"),
        ),
        "Stopping" => ("nobody has to: it is being stopped", way_back),
        _ => (
            "nobody has to: it is on its way",
            "it goes on by itself".to_owned(),
        ),
    }
}

/// A condition's message: `what happened (who acts; what happens next)`.
struct Message<'a> {
    what: &'a str,
    who: Option<&'a str>,
    next: Option<&'a str>,
}

impl<'a> Message<'a> {
    fn of(text: &'a str) -> Self {
        let parts = text
            .strip_suffix(')')
            .and_then(|text| text.rsplit_once(" ("))
            .and_then(|(what, advice)| Some((what, advice.split_once("; ")?)));
        match parts {
            Some((what, (who, next))) => Self {
                what,
                who: Some(who),
                next: Some(next),
            },
            None => Self {
                what: text,
                who: None,
                next: None,
            },
        }
    }
}

fn facts(tenant: &Tenant, status: &TenantStatus) -> Vec<Vec<String>> {
    let spec = tenant.spec.as_ref();
    let placement = status.placement.as_ref().map(|placement| {
        format!(
            "namespace {}, database {} on DatabaseServer {}",
            placement.namespace(),
            placement.database(),
            placement.database_server()
        )
    });
    let size = spec
        .and_then(|spec| spec.isolation.as_ref()?.dedicated.as_ref()?.size.as_deref())
        .unwrap_or("-");
    let blueprint = spec.and_then(|spec| spec.blueprint.as_deref());
    [
        ("Customer", spec.and_then(|spec| spec.display_name.clone())),
        ("Address", status.url.clone()),
        ("Placement", placement),
        (
            "Blueprint",
            blueprint.map(|name| format!("{name}, size {size}")),
        ),
        ("Release", status.release.clone()),
        ("Identity", status.tenant_id.clone()),
        (
            "Provisioned",
            status
                .provisioned_in
                .as_ref()
                .map(|time| format!("in {time}")),
        ),
    ]
    .into_iter()
    .filter_map(|(name, fact)| Some(row([name, &fact?])))
    .collect()
}

fn conditions(status: &TenantStatus, now: Timestamp) -> Vec<Vec<String>> {
    let others = status.conditions.iter().filter(|c| c.r#type() != "Ready");
    others
        .map(|condition| {
            let (mark, said) = match condition.status() {
                "True" => ("✓", condition.message().to_owned()),
                status => (
                    if status == "False" { "✗" } else { "?" },
                    format!(
                        "{}: {}",
                        condition.reason(),
                        Message::of(condition.message()).what
                    ),
                ),
            };
            let age = age(condition.last_transition_time, now).unwrap_or_default();
            row([mark, condition.r#type(), &age, &said])
        })
        .collect()
}

fn step(step: &Step, now: Timestamp) -> Vec<String> {
    let time = progress::duration(step).unwrap_or_else(|| {
        let runs = age(step.start_time, now).unwrap_or_default();
        format!("runs, {runs} so far")
    });
    row([step.step(), &time])
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

fn indented(rows: &[Vec<String>]) -> String {
    let lines: Vec<_> = rows
        .iter()
        .map(|row| format!("  {}", aligned(row, rows)))
        .collect();
    lines.join("\n")
}

/// ` for 3m`, or nothing.
fn since(time: Option<ProtoTimestamp>, now: Timestamp) -> String {
    age(time, now).map_or_else(String::new, |age| format!(" for {age}"))
}

fn age(time: Option<ProtoTimestamp>, now: Timestamp) -> Option<String> {
    let begun = Timestamp::try_from(time?).ok()?;
    Some(short(now.duration_since(begun).as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: &str = "2026-11-22T22:03:05Z";

    fn tenant(status: &Value) -> Tenant {
        let spec = json!({
            "displayName": "Shop 42", "blueprint": "retail",
            "isolation": {"dedicated": {"size": "small"}},
        });
        Tenant {
            name: "partners/acme/tenants/shop42".into(),
            spec: serde_json::from_value(spec).unwrap(),
            status: serde_json::from_value(status.clone()).unwrap(),
            ..Tenant::default()
        }
    }

    fn told(status: &Value) -> String {
        let key = "partners/acme/tenants/shop42".parse().unwrap();
        story(&key, &tenant(status), NOW.parse().unwrap())
    }

    #[test]
    fn a_sick_tenant_says_what_is_wrong_who_acts_and_what_happens_next() {
        let message = "image x@sha256:00 cannot be pulled: not found (404) \
                       (for the platform to mend; tried again within 5 minutes)";
        let time = "2026-11-22T22:00:05Z";
        let condition = |kind: &str, status: &str, reason: &str, message: &str| {
            json!({"type": kind, "status": status, "reason": reason, "message": message,
                "lastTransitionTime": time})
        };
        let status = json!({
            "conditions": [
                condition("Accepted", "True", "Accepted", "the spec is valid"),
                condition("WorkloadReady", "False", "ImageNotPulled", message),
                condition("Ready", "False", "ImageNotPulled", message),
            ],
            "url": "https://shop42.acme.example", "tenantId": "0123", "release": "odoo-19",
            "placement": {"namespace": "tenant-acme--shop42", "databaseServer": "main",
                "database": "t_0123"},
            "provisioning": [
                {"step": "Accept", "startTime": "2026-11-22T22:00:05Z",
                    "endTime": "2026-11-22T22:00:05.020Z"},
                {"step": "Workload", "startTime": "2026-11-22T22:00:05.020Z"},
            ],
        });
        assert_eq!(
            told(&status),
            "\
acme/shop42 does not serve for 3m
  Why         ImageNotPulled
  What        image x@sha256:00 cannot be pulled: not found (404)
  Who acts    for the platform to mend
  What next   tried again within 5 minutes

  Customer    Shop 42
  Address     https://shop42.acme.example
  Placement   namespace tenant-acme--shop42, database t_0123 on DatabaseServer main
  Blueprint   retail, size small
  Release     odoo-19
  Identity    0123

Conditions
  ✓   Accepted        3m   the spec is valid
  ✗   WorkloadReady   3m   ImageNotPulled: image x@sha256:00 cannot be pulled: not found (404)

Provisioning
  Accept     0.020s
  Workload   runs, 2m so far"
        );
    }

    #[test]
    fn a_tenant_on_its_way_needs_nobody() {
        let message = "its pod has not passed its readiness probe";
        let status = json!({"conditions": [
            {"type": "Ready", "status": "False", "reason": "PodStarting", "message": message},
        ]});
        let told = told(&status);
        assert!(
            told.starts_with(&format!(
                "acme/shop42 does not serve\n  \
                 Why         PodStarting\n  \
                 What        {message}\n  \
                 Who acts    nobody has to: it is on its way\n  \
                 What next   it goes on by itself\n"
            )),
            "{told}"
        );
    }

    #[test]
    fn a_tenant_that_is_not_to_run_says_what_brings_it_back() {
        let told = |run_state: &str, reason: &str| {
            let key = "partners/acme/tenants/shop42".parse().unwrap();
            let mut tenant = tenant(&json!({"conditions": [
                {"type": "Ready", "status": "False", "reason": reason, "message": "as it is to be"},
            ]}));
            tenant.spec.as_mut().unwrap().run_state = Some(run_state.into());
            story(&key, &tenant, NOW.parse().unwrap())
        };
        for (run_state, reason, command) in [
            ("Suspended", "Suspended", "`tenantry resume acme/shop42`"),
            ("Suspended", "Stopping", "`tenantry resume acme/shop42`"),
            ("Deleted", "Deleted", "`tenantry undelete acme/shop42`"),
            ("Deleted", "Stopping", "`tenantry undelete acme/shop42`"),
        ] {
            let told = told(run_state, reason);
            let next = told.lines().find(|line| line.contains("What next"));
            assert!(next.is_some_and(|next| next.contains(command)), "{told}");
            assert!(!told.contains("on its way"), "{told}");
        }
    }

    #[test]
    fn a_tenant_that_serves_says_so_in_one_line() {
        let status = json!({"conditions": [
            {"type": "Ready", "status": "True", "reason": "Serving",
                "message": "users can log in", "lastTransitionTime": "2026-11-22T22:03:00Z"},
        ]});
        let told = told(&status);
        assert_eq!(
            told.lines().next(),
            Some("acme/shop42 serves for 5s: users can log in")
        );
    }

    #[test]
    fn a_tenant_without_a_status_was_not_looked_at_yet() {
        let told = told(&json!(null));
        assert!(told.starts_with("acme/shop42 was accepted"), "{told}");
    }
}
