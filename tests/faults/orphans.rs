//! What belongs to no tenant, and yet is there.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::Ingress;
use kube::api::ListParams;
use kube::{Api, Client, ResourceExt as _};
use tenantry_crd::{HostnameClaim, Tenant, labels};
use tenantry_tests::query;

/// Where hostnames are published that lead to the parking page.
const CONTROL_PLANE: &str = "tenantry-system";
const DATABASES: &str = "SELECT 'database ' || datname FROM pg_database \
     WHERE starts_with(datname, 't_') \
     UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE starts_with(rolname, 't_')";

/// Something that a tenant owns, and whose label or name says which.
struct Owned {
    what: String,
    id: String,
    /// Whether it stays when the tenant is deleted and its data retained.
    is_data: bool,
}

/// Every database, role, namespace, claim and parked Ingress of a tenant that neither exists nor
/// left a tombstone, and every copy of a database of a tenant that is not changing its release.
pub(crate) async fn orphans(kube: &Client) -> Result<BTreeSet<String>> {
    // First what is owned: a tenant that goes meanwhile takes its own along.
    let namespaces = labelled::<Namespace>(Api::all(kube.clone())).await?;
    let tombstones: BTreeSet<_> = namespaces
        .iter()
        .filter(|found| found.annotations().contains_key(labels::DELETED_AT))
        .filter_map(id)
        .collect();
    let mut owned = in_databases(&query("postgres", DATABASES).await?);
    owned.extend(namespaces.iter().filter_map(|found| {
        let what = format!("namespace {}", found.name_any());
        of(found, what, true)
    }));
    let claims = labelled::<HostnameClaim>(Api::all(kube.clone())).await?;
    owned.extend(claims.iter().map(|claim| Owned {
        what: format!("claim of {}", claim.spec.hostname),
        id: claim.spec.tenant_id.clone(),
        is_data: false,
    }));
    let parked = labelled::<Ingress>(Api::namespaced(kube.clone(), CONTROL_PLANE)).await?;
    owned.extend(parked.iter().filter_map(|found| {
        let what = format!("Ingress {CONTROL_PLANE}/{}", found.name_any());
        of(found, what, false)
    }));
    let tenants = changing(kube).await?;
    let has_owner = |owned: &Owned| match tenants.get(&owned.id) {
        Some(changing) => *changing || !owned.what.ends_with("_before"),
        None => owned.is_data && tombstones.contains(&owned.id),
    };
    let left = owned.into_iter().filter(|owned| !has_owner(owned));
    Ok(left.map(|owned| owned.what).collect())
}

/// The tenants that exist, by their ids, and whether each changes its release.
async fn changing(kube: &Client) -> Result<BTreeMap<String, bool>> {
    let tenants: Api<Tenant> = Api::all(kube.clone());
    let tenants = tenants.list(&ListParams::default()).await?;
    let identified = tenants.into_iter().filter_map(|tenant| {
        let status = tenant.status?;
        let change = status.release_change;
        let changing = change.is_some_and(|change| !change.phase.is_over());
        Some((status.tenant_id?, changing))
    });
    Ok(identified.collect())
}

async fn labelled<K>(api: Api<K>) -> Result<Vec<K>>
where
    K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    let every = ListParams::default().labels(labels::TENANT_ID);
    Ok(api.list(&every).await?.items)
}

fn id(object: &impl kube::Resource) -> Option<String> {
    object.labels().get(labels::TENANT_ID).cloned()
}

fn of(object: &impl kube::Resource, what: String, is_data: bool) -> Option<Owned> {
    let id = id(object)?;
    Some(Owned { what, id, is_data })
}

/// From lines such as `database t_0123456789abcdef_before`.
fn in_databases(lines: &str) -> Vec<Owned> {
    let owned = |line: &str| {
        let id = line.split_once("t_").map_or(line, |(_, id)| id);
        Owned {
            id: id.trim_end_matches("_before").to_owned(),
            what: line.to_owned(),
            is_data: true,
        }
    };
    lines.lines().map(owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_a_copy_and_a_role_name_their_tenant() {
        let lines = "database t_abc\ndatabase t_abc_before\nrole t_abc\n";
        let owned = in_databases(lines);
        assert!(owned.iter().all(|owned| owned.id == "abc" && owned.is_data));
        assert_eq!(owned.len(), 3);
    }
}
