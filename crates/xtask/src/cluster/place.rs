//! Where things are on this machine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The checkout, and the cache beside it that outlives checkouts and clusters.
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    pub(crate) cache: PathBuf,
}

impl Place {
    pub(crate) fn find(root: &Path) -> Result<Self> {
        let home = |below: &str| std::env::home_dir().map(|home| home.join(below));
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| home(".cache"))
            .context("neither XDG_CACHE_HOME nor HOME is set: set one, builds are kept there")?
            .join("tenantry");
        let place = Self {
            root: root.to_path_buf(),
            cache,
        };
        fs::create_dir_all(place.cache.join("logs"))
            .with_context(|| format!("cannot make {}", place.cache.display()))?;
        Ok(place)
    }

    /// The Go module of the local cluster.
    pub(crate) fn module(&self) -> PathBuf {
        self.root.join("deploy/local")
    }

    pub(crate) fn recipes(&self) -> PathBuf {
        self.module().join("images")
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.cache.join("logs").join(format!("{name}.log"))
    }
}

/// Makes a directory under another name and gives it its own when `fill` has succeeded. A
/// directory that exists is complete and stays.
pub(crate) fn make_once(target: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if target.exists() {
        return Ok(());
    }
    let partial = target.with_extension(format!("partial-{}", std::process::id()));
    fs::create_dir_all(&partial)?;
    fill(&partial)?;
    fs::rename(&partial, target).with_context(|| {
        format!(
            "cannot rename {} to {}",
            partial.display(),
            target.display()
        )
    })
}

/// Removes what interrupted runs left beside `target`, and what older versions of it were.
pub(crate) fn remove_others(target: &Path, prefix: &str) -> Result<()> {
    let Some(parent) = target.parent() else {
        return Ok(());
    };
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with(prefix) && path != target {
            fs::remove_dir_all(&path)
                .with_context(|| format!("cannot remove the outdated {}", path.display()))?;
        }
    }
    Ok(())
}
