//! Builds the programs of `deploy/local`: Kubernetes in one program, Contour, Helm, the image tool;
//! and those that suites need beside them.
//!
//! Each build is named by what it was made of, so that a checkout that was built once, by whichever
//! clone, is never built again.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use super::place::{Place, make_once, remove_old};
use crate::process;

/// What Kubernetes' components say that they are; they refuse to work together without it.
const KUBERNETES: &str = "v1.35.4";
const VERSION_VARIABLE: &str = "k8s.io/component-base/version.gitVersion";

/// Keeps nodes alive whose pods only seem to run.
const KWOK: &str = "sigs.k8s.io/kwok";
const KWOK_VERSION: &str = "v0.8.0";
/// What it does with nodes and pods, from its module.
const KWOK_STAGES: [&str; 3] = [
    "node/fast/node-initialize.yaml",
    "pod/fast/pod-ready.yaml",
    "pod/fast/pod-delete.yaml",
];

/// The built programs.
pub(crate) struct Tools {
    directory: PathBuf,
}

impl Tools {
    /// Those of this checkout, whether they are built or not.
    pub(crate) fn of(place: &Place) -> Result<Self> {
        let key = key(&place.module(), &["main.go", "components.go", "internal"])?;
        Ok(Self {
            directory: programs(place).join(format!("node-{key}")),
        })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn node(&self) -> PathBuf {
        self.directory.join("tenantry-node")
    }

    pub(crate) fn helm(&self) -> PathBuf {
        self.directory.join("helm")
    }

    pub(crate) fn kubectl(&self) -> PathBuf {
        self.directory.join("kubectl")
    }
}

/// Kubernetes, Contour and Helm.
pub(crate) fn tools(place: &Place, detail: &dyn Fn(&str)) -> Result<Tools> {
    let tools = Tools::of(place)?;
    make_once(&tools.directory, |partial| {
        let variables = format!("-s -w -X {VERSION_VARIABLE}={KUBERNETES}");
        build(place, &[".", "tool"], &variables, partial, detail)?;
        symlink("tenantry-node", partial.join("kubectl"))?;
        let module = module_directory(place, "github.com/projectcontour/contour")?;
        fs::copy(
            module.join("examples/contour/01-crds.yaml"),
            partial.join("contour-crds.yaml"),
        )
        .context("the module of Contour has no CRDs where they used to be")?;
        Ok(())
    })?;
    Ok(tools)
}

/// Removes builds that nobody needs any more. Nothing may be building meanwhile.
pub(crate) fn clean(place: &Place) -> Result<()> {
    fs::create_dir_all(programs(place))?;
    remove_old(&programs(place), &Tools::of(place)?.directory)
}

fn programs(place: &Place) -> PathBuf {
    place.cache.join("programs")
}

/// The program that makes images. It builds in seconds, so images need not wait for Kubernetes.
pub(crate) fn image_tool(place: &Place, detail: &dyn Fn(&str)) -> Result<PathBuf> {
    let key = key(
        &place.module(),
        &["cmd", "internal/image", "internal/names"],
    )?;
    let target = programs(place).join(format!("image-{key}"));
    make_once(&target, |partial| {
        build(place, &["./cmd/tenantry-image"], "-s -w", partial, detail)
    })?;
    Ok(target.join("tenantry-image"))
}

/// The program for nodes without machines, and beside it `stages.yaml`, which it is run with. It is
/// a module of its own, whose versions are not those of the local cluster.
pub(crate) fn kwok(place: &Place, detail: &dyn Fn(&str)) -> Result<PathBuf> {
    let target = programs(place).join(format!("kwok-{KWOK_VERSION}"));
    make_once(&target, |partial| {
        let mut install = go(&place.module());
        install.env("GOBIN", partial);
        install.args(["install", "-v", "-trimpath"]);
        install.arg(format!("{KWOK}/cmd/kwok@{KWOK_VERSION}"));
        process::run_logged(&mut install, &place.log("go-kwok"), detail)?;
        let modules = process::output(go(&place.module()).args(["env", "GOMODCACHE"]))?;
        let module = format!("{KWOK}@{KWOK_VERSION}/kustomize/stage");
        let module = Path::new(modules.trim()).join(module);
        let stages = KWOK_STAGES.map(|stage| fs::read_to_string(module.join(stage)));
        let stages: Vec<_> = stages.into_iter().collect::<Result<_, _>>()?;
        fs::write(partial.join("stages.yaml"), stages.join("\n---\n"))
            .context("the stages of kwok cannot be written")
    })?;
    Ok(target.join("kwok"))
}

/// A collector of OpenTelemetry. It is a module of its own, as kwok is.
pub(crate) fn collector(place: &Place, detail: &dyn Fn(&str)) -> Result<PathBuf> {
    let module = place.root.join("tests/collector");
    let key = key(&module, &["main.go"])?;
    let target = programs(place).join(format!("collector-{key}"));
    make_once(&target, |partial| {
        let mut build = go(&module);
        build.args(["build", "-v", "-trimpath", "-ldflags", "-s -w", "-o"]);
        build.arg(partial).arg(".");
        process::run_logged(&mut build, &place.log("go-collector"), detail)
    })?;
    Ok(target.join("tenantry-collector"))
}

fn build(
    place: &Place,
    packages: &[&str],
    variables: &str,
    target: &Path,
    detail: &dyn Fn(&str),
) -> Result<()> {
    let name = packages.join("-").replace(['.', '/'], "");
    let mut go = go(&place.module());
    go.args(["build", "-v", "-trimpath", "-ldflags", variables, "-o"]);
    go.arg(format!("{}/", target.display())).args(packages);
    // `-v` names each package as it is compiled: there are some 2,400 of them for Kubernetes.
    process::run_logged(&mut go, &place.log(&format!("go-{name}")), detail)
}

fn module_directory(place: &Place, module: &str) -> Result<PathBuf> {
    let mut list = go(&place.module());
    list.args(["list", "-m", "-f", "{{.Dir}}", module]);
    Ok(PathBuf::from(process::output(&mut list)?.trim()))
}

/// Go in one of our modules.
fn go(module: &Path) -> Command {
    let mut go = Command::new("go");
    go.current_dir(module)
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-mod=readonly");
    go
}

/// Names what a build is made of: the module's versions, the sources, and Go itself.
fn key(module: &Path, sources: &[&str]) -> Result<String> {
    let mut sum = Sha256::new();
    sum.update(process::output(go(module).arg("version"))?);
    for source in ["go.mod", "go.sum"].iter().chain(sources) {
        add(&mut sum, &module.join(source))?;
    }
    let digest = sum.finalize();
    let start = digest
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    Ok(format!("{start:012x}"))
}

fn add(sum: &mut Sha256, path: &Path) -> Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        return entries.iter().try_for_each(|entry| add(sum, &entry.path()));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with("_test.go") {
        return Ok(());
    }
    let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    sum.update(format!("{name} {}\n", content.len()));
    sum.update(content);
    Ok(())
}
