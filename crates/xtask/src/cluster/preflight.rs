//! What the machine must have, told all at once and before anything is changed.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::node;
use super::place::Place;
use crate::process;

const GIB: u64 = 1 << 30;
/// Odoo's image, its unpacked copy, Kubernetes' build.
const DISK_NEEDED: u64 = 20 * GIB;
/// Once all that is there: tenants' volumes.
const DISK_SPARE: u64 = 3 * GIB;
const MEMORY_NEEDED: u64 = 4 * GIB;
const PORTS: [(u16, &str); 6] = [
    (6443, "the API server"),
    (8080, "the ingress"),
    (10250, "the kubelet"),
    (23790, "etcd"),
    (18001, "Contour"),
    (30443, "Tenantry's API"),
];

/// Checks everything and reports every problem, each with its remedy.
pub(crate) fn check(place: &Place) -> Result<()> {
    load_modules();
    let mut problems: Vec<String> = [
        root(),
        debian(),
        go(),
        control_groups(),
        overlay(),
        bridge(),
    ]
    .into_iter()
    .chain([memory(), disk(place)])
    .flatten()
    .collect();
    if !node::is_running() {
        problems.extend(ports());
    }
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "this machine cannot run the cluster yet:\n  {}",
        problems.join("\n  ")
    )
}

fn root() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let user = status.lines().find(|line| line.starts_with("Uid:"))?;
    (user.split_whitespace().nth(2) != Some("0"))
        .then(|| "Containers and networks need root: run this as root.".to_owned())
}

fn debian() -> Option<String> {
    process::find("apt-get").is_none().then(|| {
        "There is no apt-get: use Debian 12 or later, or a container of it with all privileges."
            .to_owned()
    })
}

fn go() -> Option<String> {
    process::output(Command::new("go").arg("version"))
        .err()
        .map(|_| {
            "Go is missing: install Go 1.26 or later and put it on the PATH; it builds Kubernetes."
                .to_owned()
        })
}

fn control_groups() -> Option<String> {
    let groups = Path::new("/sys/fs/cgroup");
    (!groups.join("memory").is_dir() && !groups.join("cgroup.controllers").is_file()).then(|| {
        "Control groups are not mounted at /sys/fs/cgroup: mount them, or start this container \
         with all privileges."
            .to_owned()
    })
}

fn overlay() -> Option<String> {
    let systems = fs::read_to_string("/proc/filesystems").unwrap_or_default();
    (!systems.lines().any(|line| line.ends_with("overlay")))
        .then(|| "The kernel has no overlay file system: load the module `overlay`.".to_owned())
}

fn bridge() -> Option<String> {
    (!Path::new("/proc/sys/net/bridge/bridge-nf-call-iptables").exists()).then(|| {
        "Bridged packets pass iptables by, so that Services would not work between pods: load the \
         module `br_netfilter`."
            .to_owned()
    })
}

/// Loads what may be a module. A kernel that has it built in has no modprobe to find.
fn load_modules() {
    for module in ["overlay", "br_netfilter"] {
        _ = process::output(Command::new("modprobe").arg(module));
    }
}

fn memory() -> Option<String> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let total = line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024;
    (total < MEMORY_NEEDED).then(|| {
        format!(
            "The machine has {:.1} GiB of memory: 4 GiB are needed.",
            gib(total)
        )
    })
}

fn disk(place: &Place) -> Option<String> {
    let warm = place.cache.join("containerd").is_dir();
    let needed = if warm { DISK_SPARE } else { DISK_NEEDED };
    let mut ask = Command::new("df");
    ask.args(["--output=avail", "--block-size=1"])
        .arg(&place.cache);
    let free: u64 = process::output(&mut ask)
        .ok()?
        .lines()
        .last()?
        .trim()
        .parse()
        .ok()?;
    (free < needed).then(|| {
        format!(
            "Below {} only {:.1} GiB are free: make it {:.0} GiB, or point XDG_CACHE_HOME elsewhere.",
            place.cache.display(),
            gib(free),
            gib(needed)
        )
    })
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one digit")]
fn gib(bytes: u64) -> f64 {
    bytes as f64 / GIB as f64
}

fn ports() -> impl Iterator<Item = String> {
    PORTS
        .iter()
        .filter(|(port, _)| TcpListener::bind(("0.0.0.0", *port)).is_err())
        .map(|(port, purpose)| {
            format!("Port {port}, for {purpose}, is taken: end the program that listens on it.")
        })
}
