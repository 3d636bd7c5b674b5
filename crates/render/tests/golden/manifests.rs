//! Whole manifests. A reviewer sees in the difference what a change means for a cluster.

use std::fmt::Write as _;

use insta::assert_snapshot;
use tenantry_render::Object;

use crate::world;

/// The objects as YAML documents, each under a line that says how it is written.
fn documents(objects: &[Object]) -> String {
    let mut text = String::new();
    for object in objects {
        let manifest = serde_yaml::to_string(object.manifest()).unwrap();
        writeln!(text, "---\n# {object}, {:?}\n{manifest}", object.writing).unwrap();
    }
    text
}

#[test]
fn small_tenant() {
    let tenant = world::valid(&world::request(world::SMALL));
    assert_snapshot!(documents(&world::tenant_objects(
        &tenant,
        &world::plain_settings()
    )));
}

#[test]
fn tenant_that_says_all_it_can() {
    let tenant = world::valid(&world::request(world::FULL));
    assert_snapshot!(documents(&world::tenant_objects(
        &tenant,
        &world::settings()
    )));
}

#[test]
fn database_server() {
    assert_snapshot!(documents(&world::server_objects(&world::plain_settings())));
}

#[test]
fn database_server_with_a_storage_class() {
    assert_snapshot!(documents(&world::server_objects(&world::settings())));
}

#[test]
fn template_job_without_language() {
    let tenant = world::valid(&world::request(world::SMALL));
    assert_snapshot!(documents(&world::template_objects(&tenant)));
}

#[test]
fn template_job_with_language_and_country() {
    let tenant = world::valid(&world::request(world::FULL));
    assert_snapshot!(documents(&world::template_objects(&tenant)));
}

#[test]
fn partner() {
    assert_snapshot!(documents(&world::partner_objects()));
}

#[test]
fn partner_without_access() {
    let name = "acme".parse().unwrap();
    assert_snapshot!(documents(&tenantry_render::partner::contents(&name, &[])));
}
