//! Logs.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

const DEFAULT_FILTER: &str = "info";

/// Starts logging to standard error: lines for people on a terminal, JSON elsewhere. What is
/// logged is chosen by the environment variable `RUST_LOG`.
pub(crate) fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| DEFAULT_FILTER.into());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        logs.init();
    } else {
        logs.json().flatten_event(true).with_span_list(false).init();
    }
}
