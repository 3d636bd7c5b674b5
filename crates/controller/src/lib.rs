//! The reconcilers: observe -> validate -> plan -> apply -> report.
//!
//! What is observed comes from caches that one module owns ([`world`]); what is decided is pure
//! (`plan.rs` of each kind); what is written goes through one module ([`cluster`]).
//! No SQL is spoken here but through the `database` crate, and no HTTP but through the probe.

mod backoff;
mod builds;
mod children;
mod cluster;
mod context;
mod database_server;
mod diagnosis;
mod drift;
mod error;
mod gist;
mod job;
mod measure;
mod owners;
mod partner;
mod password;
mod placement;
mod refusal;
mod run;
mod servers;
mod sights;
mod tenant;
mod usage;
mod versions;
mod words;
mod world;

pub use run::{Parts, run};
