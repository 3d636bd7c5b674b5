//! What a valid tenant, a database server, a template or a partner should have in Kubernetes.
//!
//! Rendering is pure and cannot fail: whatever could be wrong was refused by validation before.
//! The same input renders the same bytes, and nothing here knows what exists already.

mod another;
pub mod database_server;
mod endpoint;
mod kept;
mod limits;
pub mod names;
mod namespace;
mod network;
mod object;
pub mod partner;
mod restricted;
mod settings;
pub mod template;
pub mod tenant;

pub use endpoint::{DatabaseTls, Endpoint};
pub use object::{Kind, Object, Writing};
pub use settings::{Ingress, Network, Peer, Settings, Tls};
