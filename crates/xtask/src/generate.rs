//! `cargo xtask generate`: what is committed and made by a program.
//!
//! Everything is made in memory first, so that `--check` compares and never writes.

mod api_reference;
mod cli_reference;
mod crd_manifests;
mod crd_reference;
mod metrics_reference;
mod protos;
mod rust;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Makes generated files current.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Writes nothing; fails with the list of files that are not current.
    #[arg(long)]
    check: bool,
}

/// Generated files by their path below the repository's root.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Directories where every file is generated: what is there and not made again is removed.
const OWNED: [&str; 2] = [rust::DIRECTORY, crd_manifests::DIRECTORY];

/// Writes or checks every generated file of the repository at `root`.
pub(crate) fn run(arguments: &Arguments, root: &Path) -> anyhow::Result<()> {
    let files = generate(root)?;
    let stale = stale(root, &files)?;
    if arguments.check {
        if stale.is_empty() {
            return Ok(());
        }
        let list: Vec<_> = stale
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        bail!(
            "not current; run `cargo xtask generate` and commit:\n  {}",
            list.join("\n  ")
        );
    }
    for path in stale {
        write(&root.join(&path), files.get(&path))?;
    }
    Ok(())
}

fn generate(root: &Path) -> anyhow::Result<Files> {
    let compiled = protos::compile(root)?;
    let crds = tenantry_crd::all();
    let mut files = Files::new();
    files.extend(rust::generate(&compiled)?);
    files.extend(crd_manifests::generate(&crds)?);
    files.extend(crd_reference::generate(&crds)?);
    files.extend(api_reference::generate(&compiled.pool));
    files.extend(cli_reference::generate());
    files.extend(metrics_reference::generate());
    Ok(files)
}

/// Files whose content differs, that are missing, or that nothing makes any more.
fn stale(root: &Path, files: &Files) -> anyhow::Result<Vec<PathBuf>> {
    let mut stale: Vec<PathBuf> = files
        .iter()
        .filter(|(path, content)| {
            fs::read(root.join(path)).ok().as_deref() != Some(content.as_slice())
        })
        .map(|(path, _)| path.clone())
        .collect();
    for directory in OWNED {
        let Ok(entries) = fs::read_dir(root.join(directory)) else {
            continue;
        };
        for entry in entries {
            let path = Path::new(directory).join(entry?.file_name());
            if !files.contains_key(&path) {
                stale.push(path);
            }
        }
    }
    Ok(stale)
}

fn write(path: &Path, content: Option<&Vec<u8>>) -> anyhow::Result<()> {
    let Some(content) = content else {
        return fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()));
    };
    let directory = path.parent().context("a generated file has no directory")?;
    fs::create_dir_all(directory)
        .and_then(|()| fs::write(path, content))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_missing_or_left_over_is_stale() {
        let root = std::env::temp_dir().join(format!("tenantry-generate-{}", std::process::id()));
        let owned = root.join(rust::DIRECTORY);
        fs::create_dir_all(&owned).unwrap();
        for name in ["same", "differs", "left-over"] {
            fs::write(owned.join(name), name).unwrap();
        }
        let file = |name: &str| Path::new(rust::DIRECTORY).join(name);
        let files = Files::from([
            (file("same"), b"same".to_vec()),
            (file("differs"), b"other".to_vec()),
            (file("missing"), b"new".to_vec()),
        ]);
        let stale = stale(&root, &files);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(
            stale.unwrap(),
            [file("differs"), file("missing"), file("left-over")]
        );
    }
}
