//! The Kubernetes shapes of Tenantry's kinds (group `tenantry.dev`, version `v1alpha1`), with
//! their validation rules, and what they mean as facts of the domain.
//!
//! The documentation of each field becomes its description in the CRD; `doc` is the kind's own, and
//! that of the spec's type says what one says in it. There is no client here.

#![expect(
    unreachable_pub,
    reason = "the CustomResource and KubeSchema derives repeat the types inside functions"
)]

mod access;
mod blueprint;
mod condition;
mod database_server;
mod documentation;
mod hostname;
pub mod labels;
mod lifecycle;
mod partner;
mod pinned;
mod release;
mod tenant;
mod texts;

pub use access::{AccessRole, AccessSpec, SubjectKind, SubjectSpec};
pub use blueprint::{Blueprint, BlueprintSpec, EgressSpec, NetworkSpec, SizeSpec};
pub use condition::{find, holds, merge_condition, new_condition};
pub use database_server::{
    ConnectionsStatus, DatabaseServer, DatabaseServerSpec, DatabaseServerStatus, ExternalDatabase,
    ManagedDatabase, TemplateStatus, TlsMode, TlsSpec,
};
pub use hostname::{HostnameClaim, HostnameSpec, claim_name};
pub use lifecycle::{DeletionPolicy, DeletionProtection, DeletionSpec, RunStateSpec};
pub use partner::{BrandSpec, Partner, PartnerSpec, PartnerStatus};
pub use pinned::{EffectiveSize, ReleaseChangePhase, ReleaseChangeStatus};
pub use release::{ImageContract, Release, ReleaseSpec};
pub use tenant::{
    AdministratorSpec, DedicatedSpec, EffectiveStatus, Environment, IsolationSpec, PlacementStatus,
    StepStatus, Tenant, TenantSpec, TenantStatus,
};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

use documentation::documented;

/// The API group of all kinds.
pub const GROUP: &str = "tenantry.dev";
/// The only version so far.
pub const VERSION: &str = "v1alpha1";

/// Every CRD of ours, in the order of their names.
#[must_use]
pub fn all() -> Vec<CustomResourceDefinition> {
    vec![
        documented::<Blueprint>(),
        documented::<DatabaseServer>(),
        documented::<HostnameClaim>(),
        documented::<Partner>(),
        documented::<Release>(),
        documented::<Tenant>(),
    ]
}
