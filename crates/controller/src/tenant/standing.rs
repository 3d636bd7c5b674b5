//! How a tenant's workload and its route stand, from the caches alone: what is told of them waits
//! for no database.

use kube::api::DynamicObject;
use serde_json::Value;
use tenantry_crd::labels;
use tenantry_domain::TenantKey;
use tenantry_render::{Kind, names};

use crate::context::Context;
use crate::diagnosis::{self, Diagnosis, Sight};

/// How a tenant's workload and its route stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether there is a Deployment.
    pub(super) has_workload: bool,
    /// Why its pod is not ready; nothing when it is.
    pub(super) trouble: Option<Diagnosis>,
    /// How its hostname is published.
    pub(super) route: Route,
    /// Whether its volume is not there although it had one.
    pub(super) volume_is_gone: bool,
    /// Whether the Secret with its first login is not there although it had one.
    pub(super) first_login_is_gone: bool,
}

/// How a tenant's hostname is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// There is no Ingress.
    Absent,
    /// There is an Ingress.
    Published,
    /// There is an Ingress of this class, which there is not.
    ClassMissing(String),
}

impl Standing {
    /// Whether its pod is ready.
    pub(super) fn is_ready(&self) -> bool {
        self.trouble.is_none()
    }
}

/// Looks at a tenant's workload and its route. `had` says whether it was ever built, by us or by
/// whoever left it to be adopted.
pub(super) fn of(tenant: &TenantKey, had: bool, context: &Context) -> Standing {
    let world = &context.world;
    let namespace = tenant.namespace();
    let get = |kind, name| world.children.get(kind, Some(&namespace), name);
    let deployment = get(Kind::Deployment, names::ODOO);
    let claim = get(Kind::PersistentVolumeClaim, names::DATA_VOLUME);
    let first_login = get(Kind::Secret, names::ADMINISTRATOR_SECRET);
    let trouble =
        diagnosis::of_volume(names::DATA_VOLUME, claim.as_ref(), had).or_else(
            || match &deployment {
                Some(deployment) if is_ready(deployment) => None,
                deployment => {
                    let said = world.sights.said_of_volume(&namespace);
                    Some(diagnosis::of_workload(&Sight {
                        deployment: deployment
                            .as_ref()
                            .map_or(&Value::Null, |deployment| &deployment.data["status"]),
                        pods: &world.sights.pods(&namespace, labels::APP, names::ODOO),
                        volume: claim.as_ref(),
                        said_of_volume: said.as_deref(),
                    }))
                }
            },
        );
    Standing {
        has_workload: deployment.is_some(),
        trouble,
        route: route(get(Kind::Ingress, names::ODOO).is_some(), context),
        volume_is_gone: had && claim.is_none(),
        first_login_is_gone: had && first_login.is_none(),
    }
}

fn is_ready(deployment: &DynamicObject) -> bool {
    let status = &deployment.data["status"];
    status["observedGeneration"].as_i64() == deployment.metadata.generation
        && status["readyReplicas"].as_i64() == Some(1)
        && status["updatedReplicas"].as_i64() == Some(1)
}

fn route(published: bool, context: &Context) -> Route {
    let class = &context.settings.ingress.class_name;
    if !published {
        Route::Absent
    } else if context.world.sights.has_ingress_class(class) {
        Route::Published
    } else {
        Route::ClassMissing(class.clone())
    }
}
