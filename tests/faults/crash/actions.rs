//! Everything that can be asked of a tenant: how it is asked for, and how it ends.

use anyhow::{Context as _, Result};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tenantry_tests::{Platform, TestPartner};

use crate::end_state::End;
use crate::traces::{alias, identity};

/// Something that is asked of a tenant.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    /// The method of `TenantService` that asks for it, too.
    method: Option<&'static str>,
    deed: Deed,
    pub(crate) end: End,
}

#[derive(Debug)]
enum Deed {
    /// Its object is created.
    Create,
    /// Its object is created, and takes over what is left of another.
    Adopt,
    /// Its spec is changed like this.
    Edit(fn(&TestPartner, &str) -> Value),
    /// Its object is deleted.
    Delete,
}

pub(crate) static CREATE: Action = Action {
    name: "create",
    method: Some("CreateTenant"),
    deed: Deed::Create,
    end: End::Serves,
};

/// What is over once it is done.
pub(crate) static ENDS: [Action; 2] = [
    Action {
        name: "delete with its data",
        method: None,
        deed: Deed::Delete,
        end: End::Gone,
    },
    Action {
        name: "purge",
        method: None,
        deed: Deed::Edit(
            |_, _| json!({"runState": "Deleted", "deletion": {"policy": "Retain", "purgeAfterSeconds": 1}}),
        ),
        end: End::Gone,
    },
];

/// What can be undone, each with what undoes it.
pub(crate) static PAIRS: [&[Action; 2]; 6] = [
    &SUSPENSION,
    &DELETION,
    &SIZE,
    &HOSTNAMES,
    &BRAND,
    &RETENTION,
];

pub(crate) static SUSPENSION: [Action; 2] = [
    Action {
        name: "suspend",
        method: Some("SuspendTenant"),
        deed: Deed::Edit(|_, _| json!({"runState": "Suspended"})),
        end: End::Parked("Suspended"),
    },
    Action {
        name: "resume",
        method: Some("ResumeTenant"),
        deed: Deed::Edit(|_, _| json!({"runState": "Running"})),
        end: End::Serves,
    },
];

static DELETION: [Action; 2] = [
    Action {
        name: "delete",
        method: Some("DeleteTenant"),
        deed: Deed::Edit(|_, _| json!({"runState": "Deleted"})),
        end: End::Parked("Deleted"),
    },
    Action {
        name: "undelete",
        method: Some("UndeleteTenant"),
        deed: Deed::Edit(|_, _| json!({"runState": "Running"})),
        end: End::Serves,
    },
];

pub(crate) static SIZE: [Action; 2] = [
    edit("enlarge", |_, _| size(LARGE)),
    edit("make small", |_, _| size("small")),
];

static HOSTNAMES: [Action; 2] = [
    edit(
        "add a hostname",
        |partner, tenant| json!({"hostnames": [partner.hostname(tenant), alias(partner, tenant)]}),
    ),
    edit(
        "remove a hostname",
        |partner, tenant| json!({"hostnames": [partner.hostname(tenant)]}),
    ),
];

static BRAND: [Action; 2] = [
    edit(
        "give another brand",
        |_, _| json!({"displayName": "Another name", "brand": {"productName": "Another ERP"}}),
    ),
    edit(
        "take the brand away",
        |_, tenant| json!({"displayName": format!("Tenant {tenant}"), "brand": null}),
    ),
];

/// The policy has to be `Retain`.
static RETENTION: [Action; 2] = [
    Action {
        name: "delete without its data",
        method: None,
        deed: Deed::Delete,
        end: End::Retained,
    },
    Action {
        name: "adopt",
        method: None,
        deed: Deed::Adopt,
        end: End::Serves,
    },
];

/// Has a tenant's data stay when its object is deleted.
pub(crate) static RETAIN: Action = edit("retain", |_, _| json!({"deletion": {"policy": "Retain"}}));

/// A change that leaves it serving.
const fn edit(name: &'static str, spec: fn(&TestPartner, &str) -> Value) -> Action {
    Action {
        name,
        method: None,
        deed: Deed::Edit(spec),
        end: End::Serves,
    }
}

/// A size like `small` with a process more. Its volume is no larger, so that there is a way back.
const LARGE: &str = "large";

fn size(name: &str) -> Value {
    json!({"isolation": {"dedicated": {"size": name}}})
}

/// Makes a Blueprint that has both sizes.
pub(crate) async fn blueprint(platform: &Platform<'_>) -> Result<String> {
    platform.blueprint().await?;
    let sizes = json!({"sizes": {(LARGE): {
        "workers": 3, "cpu": "150m", "memory": "640Mi", "memoryLimit": "2Gi", "storage": "2Gi",
    }}});
    platform.edit_blueprint(sizes).await?;
    Ok(platform.blueprint_name())
}

impl Action {
    /// Asks for it. A tenant that is created has `blueprint`; what is left of it is kept when it
    /// is deleted, if it adopted something.
    pub(crate) async fn ask(
        &self,
        partner: &TestPartner,
        tenant: &str,
        blueprint: &str,
    ) -> Result<()> {
        let tenants = partner.tenants();
        match self.deed {
            Deed::Create | Deed::Adopt => {
                let mut manifest = partner.manifest(tenant);
                manifest["spec"]["blueprint"] = json!(blueprint);
                if let Deed::Adopt = self.deed {
                    manifest["spec"]["adopt"] = json!(identity(partner, tenant).await?);
                    manifest["spec"]["deletion"] = json!({"policy": "Retain"});
                }
                let manifest = serde_json::from_value(manifest)?;
                tenants
                    .create(&PostParams::default(), &manifest)
                    .await
                    .map(drop)
            }
            Deed::Edit(spec) => {
                let spec = json!({"spec": spec(partner, tenant)});
                let change = PatchParams::default();
                tenants
                    .patch(tenant, &change, &Patch::Merge(spec))
                    .await
                    .map(drop)
            }
            Deed::Delete => {
                let delete = DeleteParams::default();
                tenants.delete(tenant, &delete).await.map(drop)
            }
        }
        .with_context(|| format!("to {} was refused", self.name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    /// A call that changes something returns an operation.
    const CHANGED: &str = ".google.longrunning.Operation";

    #[test]
    fn every_call_that_changes_a_tenant_is_an_action_that_is_killed() -> Result<()> {
        let set = FileDescriptorSet::decode(tenantry_proto::DESCRIPTORS)?;
        let services = set.file.iter().flat_map(|file| &file.service);
        let calls: BTreeSet<_> = services
            .filter(|service| service.name() == "TenantService")
            .flat_map(|service| &service.method)
            .filter(|method| method.output_type() == CHANGED)
            .map(prost_types::MethodDescriptorProto::name)
            .collect();
        let rows = PAIRS.into_iter().flatten().chain(&ENDS).chain([&CREATE]);
        let killed: BTreeSet<_> = rows.filter_map(|action| action.method).collect();
        assert_eq!(killed, calls, "a row in this table for each");
        Ok(())
    }
}
