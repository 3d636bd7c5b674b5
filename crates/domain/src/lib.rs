//! The business rules of Tenantry: names, identity, hostnames, what makes a tenant valid, the
//! steps of a provisioning and the vocabulary of conditions and errors.
//!
//! Nothing in here talks to the world: no runtime, no Kubernetes, no SQL, no clock and no
//! randomness. Whatever a rule needs is an argument.

mod cidr;
mod condition;
mod fault;
mod hostname;
mod image;
mod name;
mod quantity;
mod step;
mod tenant;
mod tenant_id;

pub use cidr::{Cidr, CidrError};
pub use condition::{ConditionType, Reason};
pub use fault::{Fault, Retry};
pub use hostname::{Hostname, HostnameError};
pub use image::{ImageError, ImageReference};
pub use name::{NameError, PartnerName, ResourceName, TenantKey, TenantName};
pub use quantity::{Quantity, QuantityError};
pub use step::Step;
pub use tenant::{
    Administrator, BlueprintFacts, Brand, Egress, PartnerFacts, ReleaseFacts, Size, TenantRequest,
    ValidTenant, Violation, validate,
};
pub use tenant_id::{TenantId, TenantIdError};
