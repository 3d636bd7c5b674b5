//! The Kubernetes shapes of Tenantry's kinds (group `tenantry.dev`, version `v1alpha1`), with
//! their validation rules, and what they mean as facts of the domain.
//!
//! The documentation of each field becomes its description in the CRD. There is no client here.

#![expect(
    unreachable_pub,
    reason = "the CustomResource and KubeSchema derives repeat the types inside functions"
)]

mod access;
mod blueprint;
mod condition;
mod database_server;
pub mod labels;
mod partner;
mod release;
mod tenant;

pub use access::{AccessRole, AccessSpec, SubjectKind, SubjectSpec};
pub use blueprint::{Blueprint, BlueprintSpec, EgressSpec, NetworkSpec, SizeSpec};
pub use condition::{holds, merge_condition, new_condition};
pub use database_server::{
    DatabaseServer, DatabaseServerSpec, DatabaseServerStatus, ManagedDatabase, TemplateStatus,
};
pub use partner::{BrandSpec, Partner, PartnerSpec, PartnerStatus};
pub use release::{ImageContract, Release, ReleaseSpec};
pub use tenant::{
    AdministratorSpec, DedicatedSpec, DeletionPolicy, DeletionSpec, EffectiveStatus, Environment,
    IsolationSpec, PlacementStatus, StepStatus, Tenant, TenantSpec, TenantStatus,
};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt as _;

/// The API group of all kinds.
pub const GROUP: &str = "tenantry.dev";
/// The only version so far.
pub const VERSION: &str = "v1alpha1";

/// Every CRD of ours, in the order of their names.
#[must_use]
pub fn all() -> Vec<CustomResourceDefinition> {
    vec![
        Blueprint::crd(),
        DatabaseServer::crd(),
        Partner::crd(),
        Release::crd(),
        Tenant::crd(),
    ]
}
