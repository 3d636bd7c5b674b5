//! What Tenantry tells of itself: metrics, and the traces that calls and reconciles belong to.
//!
//! This is the vocabulary; it listens nowhere and sends nothing. The `api` crate serves the page
//! of metrics, and the daemon sends traces and logs when it is told where to.

mod metrics;
mod probed;
mod queue;
mod source;
pub mod table;
mod tenants;
pub mod trace;

pub use metrics::{CONTENT_TYPE, Metrics};
pub use probed::Probed;
pub use tenants::Condition;
