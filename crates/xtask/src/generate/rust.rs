//! The Rust types and services of the API, and its descriptors for reflection.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use prost::Message as _;
use prost_types::FileDescriptorSet;

use super::Files;
use super::protos::Compiled;

/// Where they are, below the repository's root.
pub(super) const DIRECTORY: &str = "crates/proto/src/gen";

/// Packages that Rust is generated for. Types of the others come from crates.
const PACKAGES: [&str; 2] = ["tenantry.v1alpha1", "google.longrunning"];

pub(super) fn generate(compiled: &Compiled) -> anyhow::Result<Files> {
    let directory = std::env::temp_dir().join(format!("tenantry-rust-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    let files = generate_into(&directory, compiled);
    fs::remove_dir_all(&directory)?;
    let mut files = files?;
    let descriptors = Path::new(DIRECTORY).join("descriptors.bin");
    files.insert(descriptors, without_comments(compiled).encode_to_vec());
    Ok(files)
}

fn generate_into(directory: &Path, compiled: &Compiled) -> anyhow::Result<Files> {
    let set = FileDescriptorSet::decode(compiled.descriptors.as_slice())?;
    let mut config = tonic_prost_build::Config::new();
    config
        .enable_type_names()
        .type_name_domain(["."], "type.googleapis.com")
        // Their examples would be taken for tests of ours.
        .disable_comments([".google"]);
    tonic_prost_build::configure()
        .out_dir(directory)
        .compile_well_known_types(true)
        .extern_path(".google.protobuf.Timestamp", "crate::Timestamp")
        .extern_path(".google.protobuf", "::pbjson_types")
        .extern_path(".google.rpc", "::tonic_types::pb")
        .build_transport(false)
        .compile_fds_with_config(set, config)
        .context("cannot generate the messages")?;
    pbjson_build::Builder::new()
        .register_descriptors(&compiled.descriptors)?
        .extern_path(".google.protobuf.Timestamp", "crate::Timestamp")
        .ignore_unknown_fields()
        .out_dir(directory)
        .build(&[".tenantry.v1alpha1"])
        .context("cannot generate the JSON forms")?;
    let mut files = Files::new();
    for package in PACKAGES {
        for name in [format!("{package}.rs"), format!("{package}.serde.rs")] {
            if let Ok(content) = fs::read(directory.join(&name)) {
                files.insert(Path::new(DIRECTORY).join(name), content);
            }
        }
    }
    Ok(files)
}

/// Reflection needs no comments, and without them an edited comment changes no binary file.
/// Options such as the HTTP bindings are lost as well: no reflection client reads them.
fn without_comments(compiled: &Compiled) -> FileDescriptorSet {
    let mut files: Vec<_> = compiled
        .pool
        .file_descriptor_protos()
        .cloned()
        .map(|mut file| {
            file.source_code_info = None;
            file
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    FileDescriptorSet { file: files }
}
