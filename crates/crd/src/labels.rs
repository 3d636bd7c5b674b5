//! Labels and annotations that Tenantry sets and reads.

/// On every object of ours: `tenantry`. What lacks it is not ours and is never touched.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`].
pub const MANAGED_BY_VALUE: &str = "tenantry";
/// On tenants: the door that owns the spec, `API` or `Manifest`.
pub const DOOR: &str = "tenantry.dev/managed-by";
/// The partner's name.
pub const PARTNER: &str = "tenantry.dev/partner";
/// The tenant's name.
pub const TENANT: &str = "tenantry.dev/tenant";
/// The tenant's immutable identity.
pub const TENANT_ID: &str = "tenantry.dev/tenant-id";
/// The database server's name.
pub const DATABASE_SERVER: &str = "tenantry.dev/database-server";
/// The template database that a Job makes.
pub const TEMPLATE: &str = "tenantry.dev/template";
/// On tenants created by a call: the id of the operation that follows it.
pub const OPERATION: &str = "tenantry.dev/operation";
/// On tenants created by a call: when the call was received, RFC 3339 with microseconds.
pub const RECEIVED_AT: &str = "tenantry.dev/received-at";
/// On what we applied: the hash of what it was rendered as.
pub const RENDERED: &str = "tenantry.dev/rendered";
/// On what must not be restarted by another rendering: the hash of what it was rendered for.
pub const RENDERED_FOR: &str = "tenantry.dev/rendered-for";
/// The part of it that stays while [`RENDERED_FOR`] does: its hash, and the part as it was rendered.
pub const KEPT: &str = "tenantry.dev/kept";
/// Keeps a tenant's object until everything it owned is gone.
pub const FINALIZER: &str = "tenantry.dev/tenant";
