//! What is seen of an operation while it goes on: its steps with their times.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use prost::{Message as _, Name as _};
use tenantry_domain::TenantKey;
use tenantry_proto::longrunning::Operation;
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::v1alpha1::{CreateTenantMetadata, Step, Tenant};
use tonic_types::pb;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::{change, operation, printer};

/// Shows the operation until it is done, and then where the tenant is.
pub(crate) async fn follow(
    connection: &mut Connection,
    key: &TenantKey,
    operation: Operation,
    patience: Duration,
) -> Result<(), Failure> {
    let mut screen = Screen::new(key);
    let ask = async |request| connection.operations.wait_operation(request).await;
    let show = |operation: &Operation| screen.show(&metadata(operation).steps);
    let ended = operation::wait(operation, patience, ask, show).await;
    screen.close();
    let ended = ended.map_err(|status| Failure::status(&key.to_string(), &status))?;
    let metadata = metadata(&ended);
    let outcome = ended
        .result
        .ok_or_else(|| too_long(key, &ended.name, &metadata, patience))?;
    printer::line(&conclusion(key, outcome, &metadata)?);
    Ok(())
}

fn metadata(operation: &Operation) -> CreateTenantMetadata {
    operation
        .metadata
        .as_ref()
        .filter(|any| any.type_url == CreateTenantMetadata::type_url())
        .and_then(|any| CreateTenantMetadata::decode(any.value.as_ref()).ok())
        .unwrap_or_default()
}

fn conclusion(
    key: &TenantKey,
    outcome: Outcome,
    metadata: &CreateTenantMetadata,
) -> Result<String, Failure> {
    let any = match outcome {
        Outcome::Error(error) => return Err(cannot_be_built(key, &error)),
        Outcome::Response(any) => any,
    };
    let tenant = Tenant::decode(any.value.as_ref()).unwrap_or_default();
    if metadata.provisioned_in.is_empty() {
        let way_back = change::way_back(&tenant);
        return Ok(format!(
            "{key} is there and does not run; {way_back} has it run"
        ));
    }
    let status = tenant.status.unwrap_or_default();
    Ok(served(key, status.url(), &metadata.provisioned_in))
}

/// A tenant that was refused has nothing that could be lost. Deleted over the API, it would have its
/// name for as long as one that has.
fn cannot_be_built(key: &TenantKey, error: &pb::Status) -> Failure {
    let what = format!("{key} cannot be built: {}", error.message);
    let failure = Failure::ended(what, error);
    if !failure.is_callers() {
        return failure;
    }
    let kubectl = format!("kubectl --namespace {}", key.partner.namespace());
    let name = &key.name;
    failure.with_remedy(format!(
        "mend its spec with `{kubectl} edit tenant {name}`, or remove it with \
         `{kubectl} delete tenant {name}` and create it again"
    ))
}

fn served(key: &TenantKey, url: &str, provisioned_in: &str) -> String {
    format!(
        "{key} serves at {url} (in {provisioned_in})\n\
         Its administrator's login and password:\n  \
         kubectl --namespace {} get secret odoo-administrator --output \
         go-template='{{{{.data.login|base64decode}}}} {{{{.data.password|base64decode}}}}{{{{\"\\n\"}}}}'",
        key.namespace()
    )
}

fn too_long(
    key: &TenantKey,
    operation: &str,
    metadata: &CreateTenantMetadata,
    patience: Duration,
) -> Failure {
    let waiting = if metadata.message.is_empty() {
        String::new()
    } else {
        format!(": {}", metadata.message)
    };
    Failure::platform(format!(
        "{key} does not serve after {} s{waiting}",
        patience.as_secs()
    ))
    .with_remedy(format!(
        "it is still being built ({operation}); look with `tenantry describe {}/{}`",
        key.partner, key.name
    ))
}

/// The steps: on a terminal a line each that moves, otherwise a line when one ends.
struct Screen {
    prefix: String,
    told: Vec<String>,
    terminal: Option<(MultiProgress, BTreeMap<String, ProgressBar>)>,
}

impl Screen {
    fn new(key: &TenantKey) -> Self {
        Self {
            prefix: format!("{}/{}", key.partner, key.name),
            told: Vec::new(),
            terminal: stderr()
                .is_terminal()
                .then(|| (MultiProgress::new(), BTreeMap::new())),
        }
    }

    fn show(&mut self, steps: &[Step]) {
        for step in steps {
            match &mut self.terminal {
                Some((screen, bars)) => show_bar(screen, bars, &self.prefix, step),
                None => show_line(&mut self.told, &self.prefix, step),
            }
        }
    }

    /// Leaves the finished steps where they are and removes what still moves.
    fn close(&mut self) {
        for bar in self.terminal.iter().flat_map(|(_, bars)| bars.values()) {
            if !bar.is_finished() {
                bar.finish_and_clear();
            }
        }
    }
}

fn show_bar(
    screen: &MultiProgress,
    bars: &mut BTreeMap<String, ProgressBar>,
    prefix: &str,
    step: &Step,
) {
    let name = step.step().to_owned();
    let bar = bars.entry(name.clone()).or_insert_with(|| {
        let bar = screen.add(ProgressBar::new_spinner());
        bar.set_style(style("  {spinner} {msg} {elapsed}"));
        bar.set_message(format!("{prefix} {name}"));
        if let Some(begun) = since(step) {
            bar.set_elapsed(begun);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    });
    if let Some(time) = duration(step).filter(|_| !bar.is_finished()) {
        bar.set_style(style("  ✓ {msg}"));
        bar.finish_with_message(format!("{prefix} {name} {time}"));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn show_line(told: &mut Vec<String>, prefix: &str, step: &Step) {
    let Some(time) = duration(step) else { return };
    if !told.iter().any(|name| name == step.step()) {
        printer::note(&format!("  {prefix} {} {time}", step.step()));
        told.push(step.step().to_owned());
    }
}

/// How long ago a step began.
fn since(step: &Step) -> Option<Duration> {
    let begun = jiff::Timestamp::try_from(step.start_time?).ok()?;
    let now = jiff::Timestamp::now();
    Duration::try_from(now.duration_since(begun)).ok()
}

/// How long a step took, once it has ended.
pub(crate) fn duration(step: &Step) -> Option<String> {
    let begun = jiff::Timestamp::try_from(step.start_time?).ok()?;
    let ended = jiff::Timestamp::try_from(step.end_time?).ok()?;
    let milliseconds = ended.duration_since(begun).as_millis();
    Some(format!(
        "{}.{:03}s",
        milliseconds / 1000,
        milliseconds % 1000
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenantry_domain::Fault;
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt as _};

    fn step(end: Option<&str>) -> Step {
        let time = |text: &str| text.parse::<jiff::Timestamp>().unwrap().into();
        Step {
            step: Some("Template".into()),
            start_time: Some(time("2026-11-22T19:40:05.100000Z")),
            end_time: end.map(time),
        }
    }

    #[test]
    fn a_step_is_told_once_and_only_when_it_has_ended() {
        let mut told = Vec::new();
        show_line(&mut told, "acme/shop42", &step(None));
        assert_eq!(told, Vec::<String>::new());
        for _ in 0..2 {
            show_line(
                &mut told,
                "acme/shop42",
                &step(Some("2026-11-22T19:40:06Z")),
            );
            assert_eq!(told, ["Template"]);
        }
    }

    #[test]
    fn a_step_is_measured_in_milliseconds() {
        assert_eq!(duration(&step(None)), None);
        let time = duration(&step(Some("2026-11-22T19:41:06.123999Z")));
        assert_eq!(time.as_deref(), Some("61.023s"));
    }

    /// What is printed when a creation ended before the tenant served.
    fn concluded(outcome: Outcome) -> String {
        let key = "partners/acme/tenants/shop42".parse().unwrap();
        let concluded = conclusion(&key, outcome, &CreateTenantMetadata::default());
        concluded.unwrap_or_else(|failure| failure.to_string())
    }

    #[test]
    fn who_cannot_have_a_tenant_is_told_how_to_have_its_name_again() {
        let error = Outcome::Error(pb::Status {
            message: "there is no size huge".into(),
            ..Default::default()
        });
        assert_eq!(
            concluded(error),
            "error: partners/acme/tenants/shop42 cannot be built: there is no size huge\n\
             mend its spec with `kubectl --namespace partner-acme edit tenant shop42`, or remove it \
             with `kubectl --namespace partner-acme delete tenant shop42` and create it again"
        );
    }

    #[test]
    fn who_cannot_have_a_tenant_for_the_platforms_sake_is_not_told_to_mend_it() {
        let metadata = [("fault".to_owned(), Fault::Platform.to_string())];
        let details = ErrorDetails::with_error_info("RELEASE_NOT_FOUND", "tenantry.dev", metadata);
        let status = Status::with_error_details(Code::FailedPrecondition, "no release", details);
        let error = pb::Status::decode(status.details()).unwrap();
        assert_eq!(
            concluded(Outcome::Error(error)),
            "error: partners/acme/tenants/shop42 cannot be built: no release\n\
             tell those who run the platform"
        );
    }

    #[test]
    fn a_tenant_that_is_not_to_run_is_not_said_to_serve() {
        let tenant = |run_state: &str| Tenant {
            name: "partners/acme/tenants/shop42".into(),
            spec: serde_json::from_value(serde_json::json!({"runState": run_state})).unwrap(),
            ..Tenant::default()
        };
        for (run_state, way_back) in [("Suspended", "resume"), ("Deleted", "undelete")] {
            let any = pbjson_types::Any {
                type_url: Tenant::type_url(),
                value: tenant(run_state).encode_to_vec().into(),
            };
            assert_eq!(
                concluded(Outcome::Response(any)),
                format!(
                    "partners/acme/tenants/shop42 is there and does not run; \
                     `tenantry {way_back} acme/shop42` has it run"
                )
            );
        }
    }

    #[test]
    fn in_the_end_stands_the_address_and_how_to_log_in() {
        let key = "partners/acme/tenants/shop42".parse().unwrap();
        assert_eq!(
            served(&key, "https://shop42.acme.example", "3.412s"),
            "partners/acme/tenants/shop42 serves at https://shop42.acme.example (in 3.412s)\n\
             Its administrator's login and password:\n  \
             kubectl --namespace tenant-acme--shop42 get secret odoo-administrator --output \
             go-template='{{.data.login|base64decode}} {{.data.password|base64decode}}{{\"\\n\"}}'"
        );
    }
}
