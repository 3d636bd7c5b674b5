//! All of Tenantry that listens: the gRPC API with health and reflection, a second listener for
//! probes and a third one for metrics. It reads and writes objects of ours; what is made of them is the controller's.

mod admission;
mod authentication;
mod cluster;
mod convert;
#[cfg(test)]
mod fake;
mod methods;
mod metrics;
mod operations;
mod page;
mod probes;
mod refusal;
mod server;
mod telemetry;
mod tenants;

pub use server::{Config, ServeError, Server, serve};
