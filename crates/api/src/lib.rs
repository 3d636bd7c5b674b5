//! All of Tenantry that listens: the gRPC API with health and reflection, and a second listener
//! for probes. It reads and writes objects of ours; what is made of them is the controller's.

mod admission;
mod authentication;
mod cluster;
mod convert;
#[cfg(test)]
mod fake;
mod operations;
mod page;
mod probes;
mod refusal;
mod server;
mod telemetry;
mod tenants;

pub use server::{Config, ServeError, Server, serve};
