//! A tenant's quota leaves room for what we render, whatever its size.

use proptest::prelude::*;
use serde_json::{Map, Value};
use tenantry_domain::{Quantity, Size, ValidTenant};
use tenantry_render::{Kind, Object};

use crate::options::{everything, worlds};
use crate::world;

/// A quantity of Kubernetes in thousandths, read as Kubernetes does.
fn amount(text: &str) -> u128 {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "m" => 1,
        "" => 1000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        "Ti" => 1000 << 40,
        "Pi" => 1000 << 50,
        other => panic!("{other} is no unit that is expected in {text}"),
    };
    digits.parse::<u128>().unwrap() * unit
}

fn find(objects: &[Object], kind: Kind) -> &Value {
    let found = objects.iter().find(|object| object.kind == kind);
    found.unwrap().manifest()
}

fn hard(objects: &[Object]) -> Map<String, Value> {
    let quota = find(objects, Kind::ResourceQuota);
    quota["spec"]["hard"].as_object().cloned().unwrap()
}

fn quantity(units: &'static [&'static str], below: u32) -> impl Strategy<Value = Quantity> {
    (1..below, proptest::sample::select(units))
        .prop_filter_map("not as the API server stores it", |(number, unit)| {
            format!("{number}{unit}").parse().ok()
        })
}

fn sizes() -> impl Strategy<Value = Size> {
    (
        1_u32..64,
        quantity(&["m", ""], 64_000),
        quantity(&["", "Mi", "Gi"], 2_000_000),
        quantity(&["", "Mi", "Gi"], 2_000_000),
        quantity(&["Mi", "Gi", "Ti"], 100_000),
    )
        .prop_map(|(workers, cpu, memory, memory_limit, storage)| Size {
            workers,
            cpu,
            memory,
            memory_limit,
            storage,
        })
}

fn sized(size: Size) -> ValidTenant {
    let mut tenant = world::valid(&world::request(world::SMALL));
    tenant.size = size;
    tenant
}

/// What all containers of the tenant's pod together ask for.
fn asked(objects: &[Object], resource: &str) -> Option<u128> {
    let (part, name) = resource.split_once('.')?;
    let pod = &find(objects, Kind::Deployment)["spec"]["template"]["spec"];
    let lists = ["initContainers", "containers"];
    let containers = lists.iter().filter_map(|list| pod[*list].as_array());
    let said = |container: &Value| container["resources"][part][name].as_str().map(amount);
    containers.flatten().map(said).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn odoo_its_twin_and_two_jobs_fit_whatever_the_size(size in sizes()) {
        let objects = world::tenant_objects(&sized(size), &world::settings());
        let defaults = &find(&objects, Kind::LimitRange)["spec"]["limits"][0];
        for (resource, bound) in hard(&objects) {
            let bound = amount(bound.as_str().unwrap());
            let job = match resource.as_str() {
                "requests.cpu" => &defaults["defaultRequest"]["cpu"],
                "requests.memory" => &defaults["defaultRequest"]["memory"],
                "limits.memory" => &defaults["default"]["memory"],
                _ => continue,
            };
            // What the quota bounds and a container does not say is refused.
            let odoo = asked(&objects, &resource);
            prop_assert!(odoo.is_some(), "a container says nothing of {resource}");
            let needed = 2 * odoo.unwrap_or_default() + 2 * amount(job.as_str().unwrap());
            prop_assert!(needed <= bound, "{resource}: {needed} of {bound}");
        }
    }

    #[test]
    fn its_volume_fits_and_one_to_restore_into(size in sizes()) {
        let objects = world::tenant_objects(&sized(size), &world::settings());
        let claims = objects.iter().filter(|object| object.kind == Kind::PersistentVolumeClaim);
        let sizes: Vec<u128> = claims
            .map(|claim| &claim.manifest()["spec"]["resources"]["requests"]["storage"])
            .map(|storage| amount(storage.as_str().unwrap()))
            .collect();
        let hard = hard(&objects);
        let bound = |resource: &str| hard[resource].as_str().map(amount).unwrap();
        prop_assert!(sizes.len() as u128 * 2000 <= bound("persistentvolumeclaims"));
        prop_assert!(sizes.iter().sum::<u128>() * 2 <= bound("requests.storage"));
    }
}

#[test]
fn every_namespace_has_a_quota_that_forbids_to_publish_past_the_ingress() {
    for world in worlds() {
        let objects = world.objects.iter();
        for namespace in objects.filter(|object| object.kind == Kind::Namespace) {
            let quota = world.objects.iter().find(|object| {
                object.kind == Kind::ResourceQuota
                    && object.namespace.as_deref() == Some(namespace.name.as_str())
            });
            let quota = quota.unwrap_or_else(|| panic!("{}: none of {namespace}", world.what));
            let hard = &quota.manifest()["spec"]["hard"];
            assert_eq!(hard["services.loadbalancers"], "0", "{quota}");
            assert_eq!(hard["services.nodeports"], "0", "{quota}");
        }
    }
}

#[test]
fn a_quota_bounds_nothing_that_a_container_of_ours_leaves_out() {
    for object in everything() {
        if object.kind == Kind::ResourceQuota {
            let hard = &object.manifest()["spec"]["hard"];
            assert!(hard["limits.cpu"].is_null(), "{object} refuses our pods");
        }
    }
}

#[test]
fn nothing_runs_in_a_partners_namespace() {
    assert_eq!(hard(&world::partner_objects())["pods"], "0");
}
