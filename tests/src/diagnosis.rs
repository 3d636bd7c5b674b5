//! What the cluster says about the tenants of a test that failed.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use kube::ResourceExt as _;
use kube::api::ListParams;

use crate::kubectl::kubectl;
use crate::partner::TestPartner;

/// Tenants, their pods, events and logs, and the end of tenantryd's log.
pub(crate) async fn of(partner: &TestPartner) -> String {
    let mut text = String::new();
    let namespace = partner.namespace();
    tell_of(
        &mut text,
        &["get", "tenants", "-n", &namespace, "-o", "yaml"],
    )
    .await;
    tell_of(&mut text, &["get", "events", "-n", &namespace]).await;
    let tenants = partner.tenants().list(&ListParams::default()).await;
    for tenant in tenants.into_iter().flatten() {
        let namespace = partner.tenant_namespace(&tenant.name_any());
        let kinds = "pods,deployments,ingresses,persistentvolumeclaims";
        tell_of(&mut text, &["get", kinds, "-n", &namespace, "-o", "wide"]).await;
        tell_of(&mut text, &["get", "events", "-n", &namespace]).await;
        tell_of(
            &mut text,
            &["logs", "deployment/odoo", "-n", &namespace, "--tail=20"],
        )
        .await;
    }
    tell_of(
        &mut text,
        &[
            "logs",
            "deployment/tenantryd",
            "-n",
            "tenantry-system",
            "--tail=40",
        ],
    )
    .await;
    text
}

async fn tell_of(text: &mut String, arguments: &[&str]) {
    let said = match kubectl(arguments, "").await {
        Ok(output) => output.text + &output.complaint,
        Err(error) => format!("{error:#}"),
    };
    // Writing to a string cannot fail.
    _ = writeln!(
        text,
        "--- kubectl {}\n{}",
        arguments.join(" "),
        said.trim_end()
    );
}

/// Says a line at once, past what the test runner captures.
pub fn tell(line: &str) {
    // Nobody is left to be told when this fails.
    _ = writeln!(io::stderr().lock(), "{line}");
}
