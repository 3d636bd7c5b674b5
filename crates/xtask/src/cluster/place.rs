//! Where things are on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// Marks what is not complete.
const PARTIAL: &str = ".partial-";
/// How long a build is kept that may have been superseded.
const KEPT: Duration = Duration::from_hours(14 * 24);

/// Makes a directory under another name and gives it its own when `fill` has succeeded. A
/// directory that exists is complete and stays.
pub(crate) fn make_once(target: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if target.exists() {
        return Ok(());
    }
    let mut partial = target.as_os_str().to_owned();
    partial.push(format!("{PARTIAL}{}", std::process::id()));
    let partial = PathBuf::from(partial);
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

/// Removes what interrupted runs left, and what has not been made anew for long. Other checkouts
/// use the same cache, so that what is younger may be theirs.
pub(crate) fn remove_old(directory: &Path, keep: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        let interrupted = entry.file_name().to_string_lossy().contains(PARTIAL);
        if path != keep && (interrupted || age > KEPT) {
            fs::remove_dir_all(&path)
                .with_context(|| format!("cannot remove the outdated {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let directory = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).expect("the temporary directory can be written");
        directory
    }

    #[test]
    fn what_failed_half_way_is_not_taken_for_complete() {
        let target = scratch("half").join("build-1.0");
        let fail = |partial: &Path| {
            fs::write(partial.join("half"), "")?;
            bail!("interrupted")
        };
        assert!(make_once(&target, fail).is_err());
        assert!(!target.exists());
    }

    #[test]
    fn what_is_complete_is_not_made_again() {
        let target = scratch("complete").join("build-1.0");
        make_once(&target, |partial| Ok(fs::write(partial.join("file"), "")?)).expect("it is made");
        make_once(&target, |_| bail!("made again")).expect("it is there");
        assert!(target.join("file").exists());
    }

    #[test]
    fn only_what_was_interrupted_or_is_old_is_removed() {
        let directory = scratch("old");
        let keep = directory.join("node-1");
        for name in ["node-1", "node-2", "node-3.partial-17"] {
            fs::create_dir_all(directory.join(name)).expect("the directory can be made");
        }
        remove_old(&directory, &keep).expect("it can be removed");
        assert!(keep.exists());
        assert!(directory.join("node-2").exists());
        assert!(!directory.join("node-3.partial-17").exists());
    }
}
