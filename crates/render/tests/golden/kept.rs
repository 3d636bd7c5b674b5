//! What of a managed database server stays as it was rendered, and what has it rendered anew.

use serde_json::Value;
use tenantry_crd::ManagedDatabase;
use tenantry_render::{Kind, Object, Settings, database_server};

use crate::world;

fn set(managed: &ManagedDatabase, settings: &Settings) -> Object {
    let name = "main".parse().unwrap();
    let objects = database_server::server(&name, managed, settings);
    let mut sets = objects.into_iter();
    let set = sets.find(|object| object.kind == Kind::StatefulSet);
    set.unwrap()
}

fn part(object: &Object, name: &str) -> Value {
    object.manifest()["spec"][name].clone()
}

#[test]
fn a_database_server_keeps_its_volume_when_another_storage_class_is_named() {
    let managed = world::managed_server();
    let before = set(&managed, &world::plain_settings());
    let other = set(&managed, &world::settings());
    let volumes = "volumeClaimTemplates";
    assert_ne!(part(&other, volumes), part(&before, volumes));
    let after = other.in_place_of(before.manifest());
    assert_eq!(part(&after, volumes), part(&before, volumes));
}

#[test]
fn whatever_of_a_database_server_changes_its_pod_has_it_rendered_anew() {
    type Change = fn(&mut ManagedDatabase, &mut Settings);
    let changes: [(&str, Change); 6] = [
        ("cpu", |managed, _| managed.cpu = "7".to_owned()),
        ("memory", |managed, _| managed.memory = "7Gi".to_owned()),
        ("connections", |managed, _| managed.max_connections += 1),
        ("image", |_, settings| {
            let image = format!("other@sha256:{}", "3".repeat(64));
            settings.postgresql_image = image.parse().unwrap();
        }),
        ("storage", |managed, _| managed.storage = "7Gi".to_owned()),
        ("nothing", |_, _| ()),
    ];
    let before = set(&world::managed_server(), &world::settings());
    for (what, change) in changes {
        let (mut managed, mut settings) = (world::managed_server(), world::settings());
        change(&mut managed, &mut settings);
        let rendered = set(&managed, &settings);
        let written = rendered.in_place_of(before.manifest());
        assert_eq!(written.manifest(), rendered.manifest(), "{what}");
        let is_restarted = part(&written, "template") != part(&before, "template");
        let is_about_pod = !["storage", "nothing"].contains(&what);
        assert_eq!(is_restarted, is_about_pod, "{what}");
    }
}
