//! A platform whose hostnames have certificates: users see https, and so does Odoo.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use reqwest::header::SET_COOKIE;
use reqwest::{Certificate, Client, Response, redirect};
use serde_json::{Value, json};
use tenantry_tests::{Authority, TestPartner, condition, kubectl, query, until};

use crate::daemon::{Control, in_control};

/// Where the local ingress takes encrypted requests.
const PORT: u16 = 8443;
/// A namespace for the certificate of a domain, which tenants' namespaces never see.
const NAMESPACE: &str = "tenantry-system";
const PATIENCE: Duration = Duration::from_mins(3);

/// Has the ingress show a certificate of `authority` for every hostname of the partner.
async fn certify(partner: &TestPartner, authority: &Authority) -> Result<()> {
    let identity = authority.certify(&format!("*.{}", partner.domain()))?;
    let secret: Secret = serde_json::from_value(json!({
        "metadata": {"name": partner.name},
        "type": "kubernetes.io/tls",
        "stringData": {"tls.crt": identity.certificate, "tls.key": identity.key},
    }))?;
    let secrets: Api<Secret> = Api::namespaced(partner.environment.kube.clone(), NAMESPACE);
    secrets.create(&PostParams::default(), &secret).await?;
    let delegation = json!({
        "apiVersion": "projectcontour.io/v1",
        "kind": "TLSCertificateDelegation",
        "metadata": {"name": partner.name, "namespace": NAMESPACE},
        "spec": {"delegations": [{"secretName": partner.name, "targetNamespaces": ["*"]}]},
    });
    let apply = ["apply", "--filename=-"];
    kubectl(&apply, &delegation.to_string()).await?.text()?;
    Ok(())
}

async fn remove_certificate(partner: &TestPartner) -> Result<()> {
    let secrets: Api<Secret> = Api::namespaced(partner.environment.kube.clone(), NAMESPACE);
    let delete = DeleteParams::default();
    secrets.delete(&partner.name, &delete).await?;
    let kind = "tlscertificatedelegation.projectcontour.io";
    let arguments = ["delete", kind, &partner.name, "--namespace", NAMESPACE];
    kubectl(&arguments, "").await?.text()?;
    Ok(())
}

/// Daemons that are started from now on give the partner's hostnames that certificate.
fn encrypt(control: &Control, partner: &TestPartner, authorities: &str) -> Result<()> {
    let before = control.configure("/ingress/annotations", Value::Null)?;
    let mut annotations = before;
    annotations["projectcontour.io/tls-cert-namespace"] = json!(NAMESPACE);
    let tls = json!({
        "wildcardSecrets": {partner.domain(): partner.name},
        "authorities": authorities,
    });
    for (pointer, value) in [
        ("/ingress/annotations", annotations),
        ("/ingress/scheme", json!("https")),
        ("/ingress/publicPort", json!(PORT)),
        ("/ingress/address", json!(format!("127.0.0.1:{PORT}"))),
        ("/ingress/tls", tls),
    ] {
        control.configure(pointer, value)?;
    }
    Ok(())
}

/// The login page, for whoever trusts `authority`.
async fn page(partner: &TestPartner, authority: &Authority) -> Result<Response> {
    let hostname = partner.hostname("shop");
    let ingress = SocketAddr::from(([127, 0, 0, 1], PORT));
    let browser = Client::builder()
        .tls_certs_only([Certificate::from_pem(authority.certificate().as_bytes())?])
        .resolve(&hostname, ingress)
        .redirect(redirect::Policy::none())
        .build()?;
    let url = format!("https://{hostname}:{PORT}/web/login");
    Ok(browser.get(url).send().await?)
}

async fn serves_encrypted(partner: &TestPartner, authority: &Authority) -> Result<()> {
    let status = partner.serving("shop").await?.status.context("no status")?;
    let url = format!("https://{}:{PORT}", partner.hostname("shop"));
    ensure!(
        status.url.as_deref() == Some(url.as_str()),
        "{:?}",
        status.url
    );
    let database = status.placement.context("no placement")?.database;
    let select = "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'";
    let known = query(&database, select).await?;
    ensure!(known == url, "it believes to be at {known}");
    let page = page(partner, authority).await?;
    let mut cookies = page.headers().get_all(SET_COOKIE).iter();
    let session = cookies.find(|cookie| cookie.as_bytes().starts_with(b"session_id="));
    let session = session.context("no session")?.to_str()?.to_owned();
    ensure!(session.contains("Secure"), "{session}");
    let text = page.text().await?;
    ensure!(text.contains("oe_login_form"), "{text}");
    ensure!(
        !text.contains("http://shop"),
        "it leads to where nothing is encrypted: {text}"
    );
    Ok(())
}

/// Whoever does not know who signed the certificate does not get to the page.
async fn is_refused(control: &Control, partner: &TestPartner) -> Result<()> {
    encrypt(control, partner, "")?;
    let daemon = control.start()?;
    partner.create_tenant("shop").await?;
    until(&partner.tenants(), "shop", PATIENCE, |tenant| {
        let reason = condition("Serving", "False")(tenant)?;
        let is_told = format!("{tenant:?}").contains("UnknownIssuer");
        is_told.then_some(()).ok_or(reason)
    })
    .await?;
    daemon.kill().await
}

async fn is_served(control: &Control, partner: &TestPartner, authority: &Authority) -> Result<()> {
    encrypt(control, partner, authority.certificate())?;
    let daemon = control.start()?;
    serves_encrypted(partner, authority).await?;
    partner.delete_tenant("shop").await?;
    daemon.kill().await
}

#[tokio::test]
async fn hostnames_with_certificates_are_served_probed_and_known_as_https() -> Result<()> {
    in_control(async |control, partner| {
        let authority = Authority::new()?;
        certify(partner, &authority).await?;
        let outcome = async {
            is_refused(control, partner).await?;
            is_served(control, partner, &authority).await
        }
        .await;
        remove_certificate(partner).await?;
        outcome
    })
    .await
}
