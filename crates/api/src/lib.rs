//! All of Tenantry that listens: the gRPC API with health and reflection, a second listener for
//! probes, a third one for metrics, and the parking page. It reads and writes objects of ours; what is made of them is the controller's.

mod admission;
mod authentication;
mod cluster;
mod convert;
#[cfg(test)]
mod fake;
mod lifecycle;
mod methods;
mod metrics;
mod operations;
mod page;
mod parking;
mod probes;
mod refusal;
mod server;
mod telemetry;
mod tenants;

pub use server::{Config, ServeError, Server, serve};
