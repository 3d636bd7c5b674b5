//! What the suites that need a cluster share: where the cluster is, a partner for each test, eyes
//! that watch instead of sleeping, a browser, the doors, and what is said when a test fails.
//!
//! It looks at a cluster as users and operators do, and never into the code under test.

pub mod audit;
mod browser;
mod certificate;
mod diagnosis;
mod doors;
mod environment;
mod kinds;
mod kubectl;
mod partner;
mod platform;
mod postgresql;
mod sick;
mod sql;
mod watch;
mod websocket;

pub use browser::{Answer, Browser};
pub use certificate::{Authority, Identity};
pub use diagnosis::tell;
pub use doors::{Doors, follow};
pub use environment::Environment;
pub use kinds::{ListedKind, listed_kinds};
pub use kubectl::{Output, helm, kubectl, tenantry};
pub use partner::{TestPartner, with_partner};
pub use platform::Platform;
pub use postgresql::{Postgresql, with_postgresql};
pub use sick::with_sick_channel;
pub use sql::{query, query_in};
pub use watch::{condition, delete_abandoned, delete_unused, false_for, gone, until, unused, used};
pub use websocket::WebSocket;
