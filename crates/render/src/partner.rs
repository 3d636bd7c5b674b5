//! What a partner has: the namespace of its tenants' specs, and who may see and change them.

use serde_json::{Value, json};
use tenantry_crd::{AccessRole, AccessSpec, SubjectKind, SubjectSpec, labels};
use tenantry_domain::PartnerName;

use crate::object::{Kind, Labels, Object};
use crate::{limits, names, namespace, network};

const RBAC: &str = "rbac.authorization.k8s.io";

fn owner(partner: &PartnerName) -> Labels {
    vec![(labels::PARTNER, partner.to_string())]
}

/// The namespace that holds the partner's tenants, which comes before all else.
#[must_use]
pub fn namespace(partner: &PartnerName) -> Object {
    namespace::namespace(&partner.namespace(), &owner(partner))
}

/// What is in the namespace beside tenants.
#[must_use]
pub fn contents(partner: &PartnerName, access: &[AccessSpec]) -> Vec<Object> {
    let (namespace, owner) = (partner.namespace(), owner(partner));
    let object = |kind, name: &str, body| Object::new(kind, Some(&namespace), name, &owner, body);
    let policies = network::of_partner()
        .into_iter()
        .map(|(name, body)| object(Kind::NetworkPolicy, name, body));
    let quota = object(
        Kind::ResourceQuota,
        names::BASELINE,
        limits::quota_of_partner(),
    );
    let bindings = [AccessRole::Viewer, AccessRole::Admin]
        .map(|role| object(Kind::RoleBinding, cluster_role(role), binding(role, access)));
    policies.chain([quota]).chain(bindings).collect()
}

/// The ClusterRole of the chart that says what the role may do.
fn cluster_role(role: AccessRole) -> &'static str {
    match role {
        AccessRole::Viewer => names::VIEWER,
        AccessRole::Admin => names::PARTNER_ADMIN,
    }
}

/// Everybody who holds the role. It is there when nobody does, too, so that whoever is taken from
/// the spec loses the role.
fn binding(role: AccessRole, access: &[AccessSpec]) -> Value {
    let subjects: Vec<_> = access
        .iter()
        .filter(|access| access.role == role)
        .flat_map(|access| &access.subjects)
        .map(subject)
        .collect();
    json!({
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": cluster_role(role)},
        "subjects": subjects,
    })
}

fn subject(subject: &SubjectSpec) -> Value {
    let name = &subject.name;
    match subject.kind {
        SubjectKind::User => json!({"apiGroup": RBAC, "kind": "User", "name": name}),
        SubjectKind::Group => json!({"apiGroup": RBAC, "kind": "Group", "name": name}),
        SubjectKind::ServiceAccount => json!({
            "kind": "ServiceAccount",
            "name": name,
            "namespace": subject.namespace,
        }),
    }
}
