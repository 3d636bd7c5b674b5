//! The cluster that suites run on, and the variables that lead them there.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cluster;
use crate::process;

/// The managed server of the samples.
const SERVER_NAMESPACE: &str = "database-main";

pub(crate) type Variables = BTreeMap<String, String>;

/// Brings the local cluster up with the code of the current tree.
pub(crate) fn bring_up(root: &Path) -> Result<Variables> {
    let options = cluster::Options {
        cluster: cluster::Cluster::Local,
        values: None,
        no_samples: false,
    };
    let environment = cluster::up(&options, root)?;
    let mut variables: Variables = environment
        .variables()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    add_database(&mut variables)?;
    Ok(variables)
}

/// Adds what suites need that look at what Tenantry sends.
pub(crate) fn add_collector(variables: &mut Variables, root: &Path) -> Result<()> {
    let program = cluster::collector(root)?.display().to_string();
    variables.insert("TENANTRY_COLLECTOR".to_owned(), program);
    Ok(())
}

/// Adds what suites need that make nodes without machines.
pub(crate) fn add_kwok(variables: &mut Variables, root: &Path) -> Result<()> {
    let program = cluster::kwok(root)?.display().to_string();
    variables.insert("TENANTRY_KWOK".to_owned(), program);
    Ok(())
}

/// Adds what suites need that go from one version of Tenantry to another.
pub(crate) fn add_another_version(variables: &mut Variables, root: &Path) -> Result<()> {
    let program = cluster::another_version(root)?.display().to_string();
    variables.insert("TENANTRY_ANOTHER_VERSION".to_owned(), program);
    Ok(())
}

/// Says where the PostgreSQL of the samples is, and how Tenantry logs in there.
fn add_database(variables: &mut Variables) -> Result<()> {
    let get = |what: &[&str], template: &str| {
        let mut kubectl = Command::new("kubectl");
        kubectl
            .envs(&*variables)
            .args(["get", "--namespace", SERVER_NAMESPACE])
            .args(what);
        kubectl.arg(format!("--output=go-template={template}"));
        process::output(&mut kubectl)
    };
    let login = ["secret", "postgresql-login"];
    let found = [
        (
            "TENANTRY_TEST_POSTGRES",
            get(
                &["service", "postgresql"],
                "{{.spec.clusterIP}}:{{(index .spec.ports 0).port}}",
            )?,
        ),
        (
            "TENANTRY_TEST_POSTGRES_LOGIN",
            get(&login, "{{.data.username | base64decode}}")?,
        ),
        (
            "TENANTRY_TEST_POSTGRES_PASSWORD",
            get(&login, "{{.data.password | base64decode}}")?,
        ),
    ];
    variables.extend(found.map(|(name, value)| (name.to_owned(), value)));
    Ok(())
}
