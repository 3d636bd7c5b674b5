//! `tenantry-database` against a real PostgreSQL, as a login with CREATEDB and CREATEROLE.
//!
//! The templates here are a small hand-made schema: the tables of Odoo that an identity and a seal touch,
//! made by the builder's own login. The real Odoo is the matter of the end-to-end suite.
//!
//! The server comes from the environment:
//! - `TENANTRY_TEST_POSTGRES`: host:port
//! - `TENANTRY_TEST_POSTGRES_LOGIN` and `TENANTRY_TEST_POSTGRES_PASSWORD`: the login
//!
//! What a failed test leaves on that server starts with `t_it` or `tpl_it`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test program: it panics to fail, and what its modules share goes nowhere else"
)]

mod access;
mod cut;
mod drops;
mod errors;
mod foreign;
mod hostile;
mod interruption;
mod isolation;
mod many;
mod release;
mod support;
mod templates;
mod turns;
