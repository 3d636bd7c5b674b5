//! The methods that there are. A caller can make up the path of a call; a metric must not have a
//! line for each.

use std::collections::BTreeSet;
use std::sync::Arc;

use prost::Message as _;
use prost_types::FileDescriptorSet;

/// Every method that the server has, and one word for all that it has not.
pub(crate) struct Methods {
    known: BTreeSet<Arc<str>>,
    other: Arc<str>,
}

impl Default for Methods {
    fn default() -> Self {
        let sets = [
            tenantry_proto::DESCRIPTORS,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        ];
        Self {
            known: sets.into_iter().flat_map(methods).collect(),
            other: "Other".into(),
        }
    }
}

impl Methods {
    /// The method at `path` of a request, such as `/package.Service/Method`.
    pub(crate) fn of(&self, path: &str) -> Arc<str> {
        let method = path.trim_start_matches('/');
        Arc::clone(self.known.get(method).unwrap_or(&self.other))
    }
}

fn methods(descriptors: &[u8]) -> Vec<Arc<str>> {
    let set = FileDescriptorSet::decode(descriptors)
        .expect("descriptors were generated together with the services");
    let files = set.file.iter();
    let services = files.flat_map(|file| file.service.iter().map(move |it| (file.package(), it)));
    services
        .flat_map(|(package, service)| {
            service
                .method
                .iter()
                .map(move |method| format!("{package}.{}/{}", service.name(), method.name()).into())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_methods_that_exist_are_told_apart() {
        let methods = Methods::default();
        for method in [
            "tenantry.v1alpha1.TenantService/CreateTenant",
            "google.longrunning.Operations/WaitOperation",
            "grpc.health.v1.Health/Check",
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        ] {
            assert_eq!(&*methods.of(&format!("/{method}")), method);
        }
        for path in [
            "",
            "/",
            "/a.B/C",
            "/tenantry.v1alpha1.TenantService/Made_up",
        ] {
            assert_eq!(&*methods.of(path), "Other");
        }
    }
}
