//! The variables that point a shell, or a test, at the cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::build::Programs;
use super::go::Tools;
use super::install::{INGRESS_PORT, NAMESPACE, NODE_PORT};
use super::node;
use super::place::Place;
use crate::process;

/// Where the cluster's program leaves the administrator's access.
pub(crate) const KUBECONFIG: &str = "/var/lib/tenantry/kubeconfig/admin.yaml";

/// Variables by name. As text it is what a shell evaluates.
pub(crate) struct Env {
    variables: BTreeMap<&'static str, String>,
}

impl Env {
    /// Those of the local cluster, without the token, which does not exist before Tenantry does.
    pub(super) fn local(place: &Place, tools: &Tools, programs: &Programs) -> Result<Self> {
        link_programs(place, tools, &programs.cli)?;
        Ok(Self::local_variables(place))
    }

    /// Those of a cluster that another command brought up.
    pub(super) fn of_running(place: &Place) -> Result<Self> {
        if !node::is_running() || !Path::new(KUBECONFIG).exists() {
            bail!("the local cluster is not up: run `cargo xtask up`");
        }
        Self::local_variables(place).with_token(place)
    }

    /// For the current cluster only the programs are known.
    pub(super) fn current(place: &Place, tools: &Tools, programs: &Programs) -> Result<Self> {
        link_programs(place, tools, &programs.cli)?;
        Ok(Self {
            variables: BTreeMap::from([("PATH", path(place))]),
        })
    }

    fn local_variables(place: &Place) -> Self {
        Self {
            variables: BTreeMap::from([
                ("KUBECONFIG", KUBECONFIG.to_owned()),
                ("PATH", path(place)),
                ("TENANTRY_ENDPOINT", format!("http://127.0.0.1:{NODE_PORT}")),
                ("TENANTRY_HTTP", format!("127.0.0.1:{INGRESS_PORT}")),
            ]),
        }
    }

    /// Asks with the kubectl that the last `up` linked: the sources may have changed since.
    pub(super) fn with_token(mut self, place: &Place) -> Result<Self> {
        let mut get = Command::new(links(place).join("kubectl"));
        get.env("KUBECONFIG", KUBECONFIG);
        get.args(["get", "secret", "tenantry-token", "--namespace", NAMESPACE]);
        get.arg("--output=go-template={{.data.token | base64decode}}");
        let token = process::output(&mut get)
            .context("Tenantry's token cannot be read: run `cargo xtask up`")?;
        self.variables.insert("TENANTRY_TOKEN", token);
        Ok(self)
    }

    /// The variables, for a program that is started with them.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Display for Env {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            writeln!(
                formatter,
                "export {name}='{}'",
                value.replace('\'', r"'\''")
            )?;
        }
        Ok(())
    }
}

fn links(place: &Place) -> PathBuf {
    place.cache.join("path")
}

fn path(place: &Place) -> String {
    let inherited = std::env::var("PATH").unwrap_or_default();
    let ours = links(place).display().to_string();
    match inherited.split(':').next() {
        Some(first) if first == ours => inherited,
        _ => format!("{ours}:{inherited}"),
    }
}

/// Gathers the programs in one directory for the PATH, under their usual names.
fn link_programs(place: &Place, tools: &Tools, cli: &Path) -> Result<()> {
    let directory = links(place);
    fs::create_dir_all(&directory)?;
    let programs = [
        ("kubectl", tools.kubectl()),
        ("helm", tools.helm()),
        ("tenantry", cli.to_path_buf()),
        ("kubectl-tenantry", cli.to_path_buf()),
    ];
    for (name, target) in programs {
        let temporary = directory.join(format!(".{name}"));
        // It exists only if an earlier run was interrupted right here.
        _ = fs::remove_file(&temporary);
        symlink(&target, &temporary)?;
        fs::rename(&temporary, directory.join(name))
            .with_context(|| format!("cannot put {name} into {}", directory.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_every_value_as_it_is() {
        let env = Env {
            variables: BTreeMap::from([("TENANTRY_TOKEN", "it's $HOME".to_owned())]),
        };
        assert_eq!(env.to_string(), "export TENANTRY_TOKEN='it'\\''s $HOME'\n");
    }
}
