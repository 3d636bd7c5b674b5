//! Administration of the tenants' database servers by SQL: roles, templates, clones, identity.
//!
//! Every tenant has a database and a login role of its own, both named `t_<tenantId>`.
//! What the tables of a clone belong to is the role `tenantry_objects`, of which every tenant's role is a member;
//! it owns no database, so membership opens none: isolation is `CONNECT`, which only the owner has.
//! What a database is, and how far it came, is kept in its comment on the server itself, never in memory:
//! any function here can be killed between two statements and called again.
//!
//! This crate knows no Kubernetes and no RPC, starts no runtime and keeps no secret longer than a call.
//! It never works as a superuser.

mod catalog;
mod comment;
mod error;
mod names;
mod password;
mod prepare;
mod server;
mod session;
mod sql;
mod template;
mod tenant;

pub use comment::Phase;
pub use error::{During, Error, Fault, Result, Retry};
pub use names::{
    NameError, OBJECTS_ROLE, TEMPLATES_ROLE, TemplateDatabase, TenantDatabase, copy_of,
};
pub use prepare::Prepared;
pub use server::{Endpoint, Limits, Login, Server, Tls};
pub use template::{BUILD_SCRIPT, BUILDER_CONNECTIONS, Seal, Template};
pub use tenant::{Administrator, COPY_MAX, Clone, Database, Identity, Outcome, Tenant, Timings};
