//! What is rendered, as whole manifests, and what holds for every one of them.
//!
//! Fixtures go through the real kinds and the real validation. After a wanted change, accept the
//! new manifests with `cargo insta test --accept` or `INSTA_UPDATE=always cargo test`.

#[cfg(test)]
mod changes;
#[cfg(test)]
mod invariants;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod names;
#[cfg(test)]
mod network;
#[cfg(test)]
mod options;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod world;
