//! What holds for every object that is rendered.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry_crd::labels;
use tenantry_domain::ValidTenant;
use tenantry_render::{Kind, Object};

use crate::options::{self, everything, worlds};
use crate::world::{self, PASSWORDS};

/// The pod template of a workload; nothing for other objects.
fn pod(object: &Object) -> Option<&Value> {
    let manifest = object.manifest();
    matches!(
        object.kind,
        Kind::Deployment | Kind::StatefulSet | Kind::Job
    )
    .then(|| &manifest["spec"]["template"])
}

/// Every object that makes pods, with its pod template.
fn pods() -> impl Iterator<Item = (&'static Object, &'static Value)> {
    everything().filter_map(|object| pod(object).map(|pod| (object, pod)))
}

fn containers(pod: &Value) -> Vec<&Value> {
    ["initContainers", "containers"]
        .iter()
        .filter_map(|list| pod["spec"][*list].as_array())
        .flatten()
        .collect()
}

#[test]
fn every_object_says_that_it_is_ours_and_whose_it_is() {
    for object in everything() {
        let labels = &object.manifest()["metadata"]["labels"];
        assert_eq!(
            labels[labels::MANAGED_BY],
            labels::MANAGED_BY_VALUE,
            "{object}"
        );
        let owned = [labels::TENANT_ID, labels::DATABASE_SERVER, labels::PARTNER]
            .iter()
            .any(|owner| labels[*owner].is_string());
        assert!(owned, "{object} belongs to nobody: {labels}");
    }
}

#[test]
fn every_object_carries_the_hash_of_what_it_was_rendered_as() {
    for object in everything() {
        let hash = &object.manifest()["metadata"]["annotations"][labels::RENDERED];
        assert_eq!(hash.as_str().map(str::len), Some(16), "{object}");
    }
}

#[test]
fn every_object_is_where_it_says() {
    for object in everything() {
        let manifest = object.manifest();
        assert_eq!(manifest["kind"], object.kind.as_str(), "{object}");
        assert_eq!(manifest["metadata"]["name"], object.name, "{object}");
        assert_eq!(
            manifest["metadata"]["namespace"].as_str(),
            object.namespace.as_deref(),
            "{object}"
        );
        assert_eq!(
            object.namespace.is_none(),
            object.kind == Kind::Namespace,
            "{object}"
        );
    }
}

#[test]
fn passwords_are_in_secrets_and_nowhere_else() {
    let mut found = BTreeSet::new();
    for object in everything() {
        let text = object.manifest().to_string();
        let shown = format!("{object:?} {object}");
        for password in PASSWORDS {
            let is_told = text.contains(password);
            assert!(
                object.kind == Kind::Secret || !is_told,
                "{object} tells {password}"
            );
            assert!(!shown.contains(password), "{object}");
            if is_told {
                found.insert(password);
            }
        }
    }
    assert_eq!(found, PASSWORDS.into(), "what Secrets hold");
}

#[test]
fn every_container_has_a_memory_limit_and_reserves_memory_and_processor_time() {
    for (object, pod) in pods() {
        for container in containers(pod) {
            let resources = &container["resources"];
            for path in ["/limits/memory", "/requests/memory", "/requests/cpu"] {
                assert!(
                    resources.pointer(path).is_some_and(Value::is_string),
                    "{object} lacks resources{path}"
                );
            }
        }
    }
}

#[test]
fn every_pod_fits_the_restricted_pod_security_standard() {
    for (object, pod) in pods() {
        let security = &pod["spec"]["securityContext"];
        assert_eq!(security["runAsNonRoot"], true, "{object}");
        assert!(security["runAsUser"].as_i64() > Some(0), "{object}");
        assert_eq!(
            security["seccompProfile"]["type"], "RuntimeDefault",
            "{object}"
        );
        for host in ["hostNetwork", "hostPID", "hostIPC"] {
            assert!(pod["spec"][host].is_null(), "{object} uses {host}");
        }
        for volume in pod["spec"]["volumes"].as_array().unwrap() {
            assert!(volume["hostPath"].is_null(), "{object} mounts the host");
        }
        for container in containers(pod) {
            let security = &container["securityContext"];
            assert_eq!(security["allowPrivilegeEscalation"], false, "{object}");
            assert_eq!(
                security["capabilities"],
                json!({"drop": ["ALL"]}),
                "{object}"
            );
            assert_eq!(security["readOnlyRootFilesystem"], true, "{object}");
        }
    }
}

#[test]
fn no_pod_can_talk_to_the_api_server() {
    for (object, pod) in pods() {
        assert_eq!(
            pod["spec"]["automountServiceAccountToken"], false,
            "{object}"
        );
    }
}

#[test]
fn every_image_is_named_by_digest() {
    for (object, pod) in pods() {
        for container in containers(pod) {
            let image = container["image"].as_str().unwrap();
            assert!(image.contains("@sha256:"), "{object} runs {image}");
        }
    }
}

#[test]
fn every_pod_is_in_a_namespace_of_ours() {
    for world in worlds() {
        let namespaces: BTreeSet<_> = world
            .objects
            .iter()
            .filter(|object| object.kind == Kind::Namespace)
            .map(|object| object.name.as_str())
            .collect();
        for object in world.objects.iter().filter(|object| pod(object).is_some()) {
            let namespace = object.namespace.as_deref().unwrap();
            assert!(
                namespaces.contains(namespace),
                "{}: nothing renders the namespace of {object}",
                world.what
            );
        }
    }
}

#[test]
fn every_namespace_enforces_the_restricted_standard_and_warns_of_it() {
    for object in everything() {
        if object.kind != Kind::Namespace {
            continue;
        }
        let labels = &object.manifest()["metadata"]["labels"];
        for mode in ["enforce", "warn"] {
            let label = format!("pod-security.kubernetes.io/{mode}");
            assert_eq!(labels[&label], "restricted", "{object}");
            assert_eq!(labels[format!("{label}-version")], "latest", "{object}");
        }
    }
}

#[test]
fn the_roles_that_partners_give_are_those_of_the_chart() {
    let roles = include_str!("../../../../charts/tenantry/templates/access.yaml");
    let rights = include_str!("../../../../charts/tenantry/templates/rbac.yaml");
    let mut given: Vec<String> = Vec::new();
    for object in world::partner_objects() {
        if object.kind == Kind::RoleBinding {
            let role = &object.manifest()["roleRef"];
            assert_eq!(role["kind"], "ClusterRole", "{object}");
            given.push(role["name"].as_str().unwrap().to_owned());
        }
    }
    assert!(!given.is_empty());
    for role in &given {
        assert!(roles.contains(&format!("\n  name: {role}\n")), "{role}");
    }
    let may_bind = format!("resourceNames: [{}]\n    verbs: [bind]", given.join(", "));
    assert!(rights.contains(&may_bind), "not in the chart: {may_bind}");
    assert_eq!(
        rights.matches("bind]").count(),
        1,
        "tenantryd may bind more"
    );
}

#[test]
fn a_workload_selects_its_own_pods() {
    for (object, pod) in pods() {
        let Some(selector) = object.manifest()["spec"]["selector"]["matchLabels"].as_object()
        else {
            assert_eq!(object.kind, Kind::Job, "{object} selects nothing");
            continue;
        };
        for (label, value) in selector {
            assert_eq!(&pod["metadata"]["labels"][label], value, "{object}");
        }
    }
}

#[test]
fn what_a_pod_mounts_or_reads_is_rendered_too() {
    let of_volumes = [
        (Kind::ConfigMap, "/configMap/name"),
        (Kind::Secret, "/secret/secretName"),
        (
            Kind::PersistentVolumeClaim,
            "/persistentVolumeClaim/claimName",
        ),
    ];
    let of_variables = [(Kind::Secret, "/valueFrom/secretKeyRef/name")];
    for world in worlds() {
        let place =
            |object: &Object, kind, name: &str| (object.namespace.clone(), kind, name.to_owned());
        let objects = world.objects.iter();
        let rendered: BTreeSet<_> = objects
            .map(|object| place(object, object.kind, &object.name))
            .collect();
        for object in &world.objects {
            let Some(pod) = pod(object) else { continue };
            let items = |value: &'static Value| value.as_array().into_iter().flatten();
            let volumes = items(&pod["spec"]["volumes"]).map(|volume| (volume, &of_volumes[..]));
            let variables = containers(pod)
                .into_iter()
                .flat_map(|container| items(&container["env"]))
                .map(|variable| (variable, &of_variables[..]));
            for (said, paths) in volumes.chain(variables) {
                for (kind, path) in paths {
                    if let Some(name) = said.pointer(path).and_then(Value::as_str) {
                        assert!(
                            rendered.contains(&place(object, *kind, name)),
                            "{}: {object} needs {kind} {name}",
                            world.what
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn what_a_pod_needs_is_written_before_it() {
    let is_needed = |object: &&Object| {
        matches!(
            object.kind,
            Kind::Secret
                | Kind::ConfigMap
                | Kind::PersistentVolumeClaim
                | Kind::NetworkPolicy
                | Kind::ResourceQuota
                | Kind::LimitRange
        )
    };
    for world in worlds() {
        let deployment = world
            .objects
            .iter()
            .position(|object| object.kind == Kind::Deployment);
        let deployment = deployment.unwrap();
        let namespace = &world.objects[deployment].namespace;
        let own = |object: &&Object| object.namespace == *namespace;
        let mut later = world.objects[deployment..].iter().filter(own);
        let late = later.find(is_needed);
        assert!(late.is_none(), "{}: {late:?}", world.what);
        let mut before = world.objects[..deployment].iter();
        let made = before.position(|object| Some(&object.name) == namespace.as_ref());
        let first = world.objects.iter().position(|object| own(&object));
        assert!(made.is_some() && made < first, "{}", world.what);
    }
}

#[test]
fn the_same_input_renders_the_same_bytes() {
    for (one, other) in worlds().iter().zip(options::render()) {
        let bytes = |objects: &[Object]| -> Vec<String> {
            let manifests = objects.iter().map(|object| object.manifest().to_string());
            manifests.collect()
        };
        assert_eq!(one.what, other.what);
        assert_eq!(bytes(&one.objects), bytes(&other.objects), "{}", one.what);
    }
}

/// The Deployment of the small tenant, after `change`, and what it was rendered for.
fn workload(change: impl FnOnce(&mut ValidTenant)) -> (Value, Value) {
    let mut tenant = world::valid(&world::request(world::SMALL));
    change(&mut tenant);
    let objects = world::tenant_objects(&tenant, &world::settings());
    let deployment = objects
        .iter()
        .find(|object| object.kind == Kind::Deployment);
    let deployment = deployment.unwrap();
    let annotations = &deployment.manifest()["metadata"]["annotations"];
    (
        pod(deployment).unwrap().clone(),
        annotations[labels::RENDERED_FOR].clone(),
    )
}

#[test]
fn whatever_of_a_tenant_changes_its_pod_has_it_rendered_anew() {
    type Change = fn(&mut ValidTenant);
    let changes: [(&str, Change); 13] = [
        ("tenant", |tenant| {
            tenant.key.name = "other".parse().unwrap();
        }),
        ("partner", |tenant| {
            tenant.key.partner = "other".parse().unwrap();
        }),
        ("server", |tenant| {
            tenant.database_server = "other".parse().unwrap();
        }),
        ("image", |tenant| {
            let image = format!("other@sha256:{}", "3".repeat(64));
            tenant.release.image = image.parse().unwrap();
        }),
        ("command", |tenant| {
            tenant.release.command.push("--dev".into());
        }),
        ("user", |tenant| tenant.release.uid += 1),
        ("group", |tenant| tenant.release.gid += 1),
        ("data directory", |tenant| {
            tenant.release.data_directory = "/data".into();
        }),
        ("workers", |tenant| tenant.size.workers += 1),
        ("cpu", |tenant| tenant.size.cpu = "7".parse().unwrap()),
        ("memory", |tenant| {
            tenant.size.memory = "7Gi".parse().unwrap();
        }),
        ("limit", |tenant| {
            tenant.size.memory_limit = "9Gi".parse().unwrap();
        }),
        ("nothing", |_| ()),
    ];
    let (before, purpose) = workload(|_| ());
    for (what, change) in changes {
        let (after, other_purpose) = workload(change);
        assert_eq!(before != after, what != "nothing", "{what}");
        assert_eq!(purpose != other_purpose, what != "nothing", "{what}");
    }
}

#[test]
fn an_update_of_a_database_is_never_taken_for_what_serves() {
    let tenant = world::valid(&world::request(world::SMALL));
    let job = world::update_job(&tenant, &world::settings());
    let (deployment, _) = workload(|_| ());
    let label = "app.kubernetes.io/name";
    let pod = pod(&job).unwrap();
    assert_ne!(
        pod["metadata"]["labels"][label],
        deployment["metadata"]["labels"][label]
    );
    assert!(containers(pod)[0]["ports"].is_null());
}

/// The pod template of the small tenant, once `change` was made to what it means.
fn template_after(change: &dyn Fn(&mut ValidTenant)) -> Value {
    workload(change).0
}

#[test]
fn nothing_but_release_and_size_restarts_a_tenant() {
    let before = template_after(&|_| ());
    for (what, after) in [
        ("name", template_after(&|t| t.display_name = "Other".into())),
        ("brand", template_after(&|t| t.brand.primary_color = None)),
        ("hostnames", template_after(&|t| t.aliases.clear())),
        (
            "administrator",
            template_after(&|t| t.administrator.login = "x".into()),
        ),
        (
            "language",
            template_after(&|t| t.language = Some("fr_FR".into())),
        ),
        (
            "country",
            template_after(&|t| t.country = Some("BE".into())),
        ),
        (
            "timezone",
            template_after(&|t| t.timezone = "Europe/Paris".into()),
        ),
        ("modules", template_after(&|t| t.modules.clear())),
    ] {
        assert_eq!(before, after, "its {what} restarts it");
    }
    for (what, after) in [
        ("workers", template_after(&|t| t.size.workers += 1)),
        (
            "memory",
            template_after(&|t| t.size.memory = "300Mi".parse().unwrap()),
        ),
        (
            "release",
            template_after(&|t| {
                t.release.image = format!("other@sha256:{}", "3".repeat(64)).parse().unwrap();
            }),
        ),
    ] {
        assert_ne!(before, after, "its {what} does not restart it");
    }
}

#[test]
fn tenants_that_differ_in_modules_language_or_country_have_templates_of_their_own() {
    use tenantry_render::template::Template;
    let small = Template::of(&world::valid(&world::request(world::SMALL)));
    let key = |change: &dyn Fn(&mut Template)| {
        let mut template = small.clone();
        change(&mut template);
        template.key(world::RECIPE)
    };
    let mut keys = vec![
        key(&|_| ()),
        key(&|template| template.language = Some("fr_FR".into())),
        key(&|template| template.country = Some("FR".into())),
        key(&|template| template.modules.extend(["sale".to_owned()])),
        key(&|template| {
            template.release.image = format!("other@sha256:{}", "3".repeat(64)).parse().unwrap();
        }),
        small.key("another recipe"),
    ];
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all, "{keys:?}");
}
