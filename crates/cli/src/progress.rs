//! What is seen of an operation while it goes on: its steps with their times.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use prost::{Message as _, Name as _};
use tenantry_domain::TenantKey;
use tenantry_proto::longrunning::operation::Result as Outcome;
use tenantry_proto::longrunning::{Operation, WaitOperationRequest};
use tenantry_proto::v1alpha1::{CreateTenantMetadata, Step, Tenant};
use tonic::{Code, Status};

use crate::connection::Connection;
use crate::failure::Failure;
use crate::printer;

/// How long one call waits; the steps are shown anew after each.
const TURN: Duration = Duration::from_millis(500);
/// How long the platform may be away before that is an error.
const AWAY: Duration = Duration::from_secs(30);

/// Shows the operation until it is done, and then where the tenant is.
pub(crate) async fn follow(
    connection: &mut Connection,
    key: &TenantKey,
    mut operation: Operation,
    patience: Duration,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut answered = Instant::now();
    let mut screen = Screen::new(key);
    loop {
        let metadata = metadata(&operation);
        screen.show(&metadata.steps);
        if let Some(outcome) = operation.result.take().filter(|_| operation.done) {
            screen.close();
            return conclude(key, outcome, &metadata);
        }
        if began.elapsed() > patience {
            screen.close();
            return Err(too_long(key, &operation.name, &metadata, patience));
        }
        let request = WaitOperationRequest {
            name: operation.name.clone(),
            timeout: Some(TURN.into()),
        };
        match connection.operations.wait_operation(request).await {
            Ok(response) => {
                answered = Instant::now();
                operation = response.into_inner();
            }
            Err(status) if status.code() == Code::Unavailable && answered.elapsed() < AWAY => {
                tokio::time::sleep(TURN).await;
            }
            Err(status) => {
                screen.close();
                return Err(Failure::status(&key.to_string(), &status));
            }
        }
    }
}

fn metadata(operation: &Operation) -> CreateTenantMetadata {
    operation
        .metadata
        .as_ref()
        .filter(|any| any.type_url == CreateTenantMetadata::type_url())
        .and_then(|any| CreateTenantMetadata::decode(any.value.as_ref()).ok())
        .unwrap_or_default()
}

fn conclude(
    key: &TenantKey,
    outcome: Outcome,
    metadata: &CreateTenantMetadata,
) -> Result<(), Failure> {
    match outcome {
        Outcome::Error(error) => {
            let status = Status::new(Code::from(error.code), error.message);
            Err(
                Failure::caller(format!("{key} cannot be built: {}", status.message()))
                    .with_remedy("mend its spec with kubectl, or delete it and create it again"),
            )
        }
        Outcome::Response(any) => {
            let tenant = Tenant::decode(any.value.as_ref()).unwrap_or_default();
            let url = tenant
                .status
                .and_then(|status| status.url)
                .unwrap_or_default();
            printer::line(&served(key, &url, &metadata.provisioned_in));
            Ok(())
        }
    }
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
