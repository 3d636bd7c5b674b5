//! A partner's namespace, and who may see and change the tenants in it.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use kube::runtime::controller::Action;
use tenantry_crd::{Partner, PartnerStatus, merge_condition, new_condition};
use tenantry_domain::{ConditionType, PartnerName, Reason};
use tenantry_render::partner as render;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::run::LOOK_AGAIN;

/// Makes a partner's namespace be what it should be, and says so.
pub(crate) async fn reconcile(partner: Arc<Partner>, context: Arc<Context>) -> Result<Action> {
    if partner.metadata.deletion_timestamp.is_some() || context.cluster.is_stale(&*partner) {
        return Ok(Action::await_change());
    }
    let name: PartnerName = partner.name_any().parse()?;
    let outcome = ensure(&partner, &name, &context).await;
    let status = status(&partner, &name, outcome.as_ref().err(), Timestamp::now());
    if partner.status.as_ref() != Some(&status) {
        let version = partner.resource_version().unwrap_or_default();
        context.cluster.report(&*partner, &version, &status).await?;
    }
    outcome?;
    context.backoff.reset(&name.namespace());
    Ok(Action::requeue(LOOK_AGAIN))
}

async fn ensure(partner: &Partner, name: &PartnerName, context: &Context) -> Result<()> {
    let children = &context.world.children;
    let cluster = &context.cluster;
    cluster.ensure(children, &[render::namespace(name)]).await?;
    let contents = render::contents(name, &partner.spec.access);
    cluster.ensure(children, &contents).await?;
    cluster.prune(children, &name.namespace(), &contents).await
}

fn status(
    partner: &Partner,
    name: &PartnerName,
    failure: Option<&Error>,
    now: Timestamp,
) -> PartnerStatus {
    let mut status = partner.status.clone().unwrap_or_default();
    let (reason, message) = match failure {
        None => (
            "NamespaceReady",
            format!("tenants are created in {}", name.namespace()),
        ),
        Some(error) => (error.category(), error.message()),
    };
    status.namespace = Some(name.namespace());
    let ready = new_condition(
        ConditionType::Ready,
        failure.is_none(),
        &Reason::new(reason),
        message,
        partner.metadata.generation,
        Time(now),
    );
    merge_condition(&mut status.conditions, ready);
    status
}
