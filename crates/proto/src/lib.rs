//! The gRPC API in Rust: messages, services and descriptors, generated from `proto/` by
//! `cargo xtask generate` and committed; and Tenants as documents, judged by the CRD's own rules.

mod document;
mod structure;
mod timestamp;

pub use document::{DocumentViolation, judge};
pub use timestamp::{Timestamp, TimestampError};

pub use google::longrunning;
pub use tenantry::v1alpha1;

/// Every message and service of the API, as bytes of a `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!("gen/descriptors.bin");

/// Generated code names packages from the root, so they are nested as in the `.proto` files.
mod tenantry {
    /// The package `tenantry.v1alpha1`.
    #[expect(clippy::pedantic, reason = "generated")]
    pub mod v1alpha1 {
        include!("gen/tenantry.v1alpha1.rs");
        include!("gen/tenantry.v1alpha1.serde.rs");
    }
}

mod google {
    /// The package `google.longrunning`.
    #[expect(missing_docs, clippy::pedantic, reason = "generated")]
    pub mod longrunning {
        include!("gen/google.longrunning.rs");
    }
}
