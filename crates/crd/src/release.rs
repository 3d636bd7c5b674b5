//! `Release`: what runs.

use kube::{CustomResource, KubeSchema, ResourceExt as _};
use serde::{Deserialize, Serialize};
use tenantry_domain::{ReleaseFacts, ResourceName, Violation};

use crate::blueprint::{unusable, violation};
use crate::texts::named;

/// Which Odoo runs, and how its image is run. It never changes.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[kube(
    group = "tenantry.dev",
    version = "v1alpha1",
    kind = "Release",
    doc = "An immutable bundle of what runs. To run something else, create another Release: tenants that name it in their spec change to it, and a Blueprint's channel that is pointed at it gives it to new tenants.",
    shortname = "rel",
    cel,
    derive = "PartialEq",
    printcolumn = r#"{"name":"Odoo","type":"string","jsonPath":".spec.odooVersion"}"#,
    printcolumn = r#"{"name":"Image","type":"string","jsonPath":".spec.image","priority":1}"#,
    printcolumn = r#"{"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}"#,
    validation = named("a release's", ResourceName::MAX_LENGTH)
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = kube::core::Rule::new("self == oldSelf").message("a release is immutable; create another one"))]
pub struct ReleaseSpec {
    /// The Odoo version, such as `19.0`.
    #[schemars(length(max = 10), regex(pattern = r"^[0-9]+\.[0-9]+$"))]
    pub odoo_version: String,
    /// The Odoo image by digest, `REPOSITORY@sha256:…`.
    #[schemars(length(max = 500), regex(pattern = r"^[^@\s]+@sha256:[0-9a-f]{64}$"))]
    pub image: String,
    /// How the image is run.
    pub contract: ImageContract,
}

/// What Tenantry has to know of an Odoo image in order to run it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageContract {
    /// The program that starts Odoo, and its first arguments.
    #[schemars(length(min = 1, max = 16), inner(length(max = 1000)))]
    pub command: Vec<String>,
    /// Numeric user of the Odoo process; not root.
    #[schemars(range(min = 1, max = 65535))]
    pub uid: i64,
    /// Numeric group of the Odoo process.
    #[schemars(range(min = 1, max = 65535))]
    pub gid: i64,
    /// Where Odoo keeps attachments and sessions.
    #[schemars(length(max = 500), regex(pattern = r"^/[A-Za-z0-9._/-]+$"))]
    pub data_directory: String,
}

impl Release {
    /// What the release runs.
    ///
    /// # Errors
    /// The object was written past the CRD's schema.
    pub fn facts(&self) -> Result<ReleaseFacts, Violation> {
        let name = self.name_any();
        self.read()
            .map_err(|error| unusable("spec.release", "ReleaseInvalid", "Release", &name, &error))
    }

    fn read(&self) -> Result<ReleaseFacts, Violation> {
        let contract = &self.spec.contract;
        Ok(ReleaseFacts {
            name: self
                .name_any()
                .parse::<ResourceName>()
                .map_err(violation("metadata.name"))?,
            odoo_version: self.spec.odoo_version.clone(),
            image: self.spec.image.parse().map_err(violation("spec.image"))?,
            command: contract.command.clone(),
            uid: contract.uid,
            gid: contract.gid,
            data_directory: contract.data_directory.clone(),
        })
    }
}
