//! Asks tenants for their login page, as a user's browser would: through the ingress, by the
//! tenant's hostname, following no redirect.
//!
//! It knows hostnames, certificates and answers, nothing of Kubernetes.

mod door;
mod history;
mod prober;
mod request;

pub use door::{Door, DoorError};
pub use history::{Health, Verdict};
pub use prober::{Prober, Transition};
pub use request::{ProbeError, ask_for_login_page};
