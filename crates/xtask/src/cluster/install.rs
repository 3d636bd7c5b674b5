//! Installs Tenantry's charts and waits until what runs is what was just built.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::go::Tools;
use super::images::Images;
use super::place::Place;
use crate::process;
use crate::progress::Progress;

pub(crate) const NAMESPACE: &str = "tenantry-system";
const DEPLOYMENT: &str = "deployment/tenantryd";
const RELEASE: &str = "odoo-19";
pub(crate) const NODE_PORT: u16 = 30443;
pub(crate) const INGRESS_PORT: u16 = 8080;
/// The machine, as pods see it: its programs are the ingress and the cluster's DNS.
const MACHINE: &str = "10.88.0.1/32";

/// One installation of the charts.
pub(crate) struct Installation<'a> {
    pub(crate) place: &'a Place,
    pub(crate) tools: &'a Tools,
    /// Values that go over all others.
    pub(crate) values: Option<&'a Path>,
    /// The images of the local cluster; without them the current kubeconfig's cluster is meant.
    pub(crate) local: Option<&'a Images>,
}

impl Installation<'_> {
    /// Installs or upgrades, and waits.
    pub(crate) fn run(&self, progress: &Progress) -> Result<()> {
        progress.step("install Tenantry", |detail| {
            self.helm("tenantry-crds", &[], detail)?;
            self.kubectl(&[
                "wait",
                "--for=condition=Established",
                "--timeout=60s",
                "customresourcedefinitions",
                "--all",
            ])?;
            // Helm cannot label a namespace that it makes.
            let label = "pod-security.kubernetes.io/enforce=restricted";
            self.kubectl(&["label", "--overwrite", "namespace", NAMESPACE, label])?;
            self.install_daemon(detail)
        })?;
        progress.step("wait for tenantryd", |_| self.rolled_out())
    }

    fn install_daemon(&self, detail: &dyn Fn(&str)) -> Result<()> {
        let mut files = Vec::new();
        if let Some(images) = self.local {
            self.make_way_for_release(images)?;
            let path = self.place.cache.join("local.values.json");
            std::fs::write(&path, values(images)?.to_string())?;
            files.push(path);
        }
        files.extend(self.values.map(Path::to_path_buf));
        let files: Vec<_> = files.iter().map(std::path::PathBuf::as_path).collect();
        self.helm("tenantry", &files, detail)
    }

    /// A Release is immutable, and the chart refuses to change one. Here the images are of the
    /// developer's making, so the old one goes.
    fn make_way_for_release(&self, images: &Images) -> Result<()> {
        let odoo = images.get("odoo")?;
        let image = format!("{}@{}", odoo.repository, odoo.digest);
        let present = self.kubectl(&[
            "get",
            "release.tenantry.dev",
            RELEASE,
            "--ignore-not-found",
            "--output=jsonpath={.spec.image}",
        ])?;
        if !present.is_empty() && present != image {
            self.kubectl(&["delete", "release.tenantry.dev", RELEASE, "--timeout=60s"])?;
        }
        Ok(())
    }

    fn helm(&self, chart: &str, values: &[&Path], detail: &dyn Fn(&str)) -> Result<()> {
        let mut helm = Command::new(self.tools.helm());
        helm.args([
            "upgrade",
            "--install",
            "--create-namespace",
            "--namespace",
            NAMESPACE,
        ]);
        helm.arg(chart)
            .arg(self.place.root.join("charts").join(chart));
        for file in values {
            helm.arg("--values").arg(file);
        }
        self.point(&mut helm);
        process::run_logged(&mut helm, &self.place.log(&format!("helm-{chart}")), detail)
    }

    /// Waits for the new pods, then compares: a rollout that was never started is complete, too.
    fn rolled_out(&self) -> Result<()> {
        let watched = self.kubectl(&[
            "rollout",
            "status",
            DEPLOYMENT,
            "--timeout=120s",
            "-n",
            NAMESPACE,
        ]);
        if let Err(error) = watched {
            let seen = self
                .kubectl(&["get", "pods", "-n", NAMESPACE])
                .unwrap_or_default();
            let said = self
                .kubectl(&["logs", DEPLOYMENT, "--tail=15", "-n", NAMESPACE])
                .unwrap_or_else(|error| error.to_string());
            return Err(error).context(format!("tenantryd is not ready.\n{seen}\n{said}"));
        }
        let Some(images) = self.local else {
            return Ok(());
        };
        let runs = self.kubectl(&[
            "get",
            DEPLOYMENT,
            "-n",
            NAMESPACE,
            "--output=jsonpath={.spec.template.spec.containers[0].image}",
        ])?;
        let digest = &images.get("tenantryd")?.digest;
        if !runs.ends_with(digest.as_str()) {
            bail!("tenantryd runs {runs}, not {digest}: does the chart use image.digest?");
        }
        Ok(())
    }

    fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        let mut kubectl = Command::new(self.tools.kubectl());
        kubectl.args(arguments);
        self.point(&mut kubectl);
        process::output(&mut kubectl)
    }

    fn point(&self, command: &mut Command) {
        if self.local.is_some() {
            command.env("KUBECONFIG", super::environment::KUBECONFIG);
        }
    }
}

/// The chart's values that fit the local cluster.
fn values(images: &Images) -> Result<Value> {
    let mut values = images.values()?;
    values["ingress"] = json!({
        "className": "contour",
        "annotations": {
            "projectcontour.io/websocket-routes": "/websocket",
            // Reports and imports take minutes.
            "projectcontour.io/response-timeout": "15m",
        },
        "address": "ingress.ingress.svc.cluster.local:80",
        "scheme": "http",
        "publicPort": INGRESS_PORT,
    });
    values["network"] = json!({
        "ingressController": [{ "cidr": MACHINE }],
        "dns": [{ "cidr": MACHINE }],
    });
    values["storageClassName"] = json!("standard");
    values["service"] = json!({ "type": "NodePort", "nodePort": NODE_PORT });
    Ok(values)
}
