//! Labels and annotations that Tenantry sets and reads.

/// On every object of ours: `tenantry`. What lacks it is not ours and is never touched.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY`].
pub const MANAGED_BY_VALUE: &str = "tenantry";
/// On pods: the program that runs in them.
pub const APP: &str = "app.kubernetes.io/name";
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
/// On tenants written by a call: the id of the operation that follows it.
pub const OPERATION: &str = "tenantry.dev/operation";
/// On tenants created by a call: the id of the operation that followed it, whatever calls came later.
pub const CREATION: &str = "tenantry.dev/creation";
/// On tenants that a call changed: which one, such as `SuspendTenant`; absent means that the
/// operation is the tenant's creation.
pub const OPERATION_METHOD: &str = "tenantry.dev/operation-method";
/// On tenants written by a call: when the call was received, RFC 3339 with microseconds.
pub const RECEIVED_AT: &str = "tenantry.dev/received-at";
/// On tenants created by a call that was traced: where in which trace, as W3C `traceparent`.
pub const TRACEPARENT: &str = "tenantry.dev/traceparent";
/// On partners, blueprints, releases and database servers that others need: `true`. What carries
/// it is not deleted.
pub const IN_USE: &str = "tenantry.dev/in-use";
/// On an object whose removal is stuck or refused: its tenant's id, or its own name, lets it go all
/// the same.
pub const ABANDON: &str = "tenantry.dev/abandon";
/// On a namespace that outlived its tenant: when the tenant was deleted, RFC 3339.
pub const DELETED_AT: &str = "tenantry.dev/deleted-at";
/// On a namespace that outlived its tenant: the Release that its data is of.
pub const RELEASE: &str = "tenantry.dev/release";
/// On what we applied: the hash of what it was rendered as.
pub const RENDERED: &str = "tenantry.dev/rendered";
/// On what must not be restarted by another rendering: the hash of what it was rendered for.
pub const RENDERED_FOR: &str = "tenantry.dev/rendered-for";
/// The part of it that stays while [`RENDERED_FOR`] does: its hash, and the part as it was rendered.
pub const KEPT: &str = "tenantry.dev/kept";
/// As [`RENDERED_FOR`], for the volumes of a StatefulSet.
pub const VOLUMES_RENDERED_FOR: &str = "tenantry.dev/volumes-rendered-for";
/// As [`KEPT`], for the volumes of a StatefulSet.
pub const KEPT_VOLUMES: &str = "tenantry.dev/kept-volumes";
/// Keeps a tenant's object until everything it owned is gone.
pub const FINALIZER: &str = "tenantry.dev/tenant";
