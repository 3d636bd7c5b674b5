//! The Ingress of one tenant, with certificates from everywhere that they can come from.

use insta::assert_snapshot;
use tenantry_domain::ValidTenant;
use tenantry_render::{Kind, Object, Tls};

use crate::manifests::documents;
use crate::world;

/// A tenant whose hostnames are directly below one domain, further below it, and below another.
fn tenant() -> ValidTenant {
    let tenant = world::valid(&world::request(world::FULL));
    let hostnames = [
        "north.acme.example",
        "www.north.acme.example",
        "south.acme.example",
        "shop.north.example",
    ]
    .map(|hostname| hostname.parse().unwrap());
    tenant.reached_at(&hostnames).unwrap()
}

/// The Ingress, and the opening for those who prove to an authority that its hostnames are ours.
fn ingress(tls: Tls) -> Vec<Object> {
    let mut settings = world::settings();
    settings.ingress.tls = tls;
    world::tenant_objects(&tenant(), &settings)
        .into_iter()
        .filter(|object| object.kind == Kind::Ingress || object.name.ends_with("-to-solvers"))
        .collect()
}

#[test]
fn ingress_without_certificates() {
    assert_snapshot!(documents(&ingress(Tls::Elsewhere)));
}

#[test]
fn ingress_with_wildcard_secrets() {
    let secrets = [
        ("acme.example", "wildcard-acme"),
        ("north.example", ""),
        ("globex.example", "wildcard-globex"),
    ];
    let secrets = secrets.map(|(domain, secret)| (domain.to_owned(), secret.to_owned()));
    assert_snapshot!(documents(&ingress(Tls::WildcardSecrets(secrets.into()))));
}

#[test]
fn ingress_with_a_cluster_issuer() {
    let issuer = Tls::ClusterIssuer("letsencrypt".to_owned());
    assert_snapshot!(documents(&ingress(issuer)));
}

#[test]
fn certificates_change_nothing_but_the_ingress_and_who_reaches_solvers() {
    let others = |tls: Tls| -> Vec<String> {
        let mut settings = world::settings();
        settings.ingress.tls = tls;
        let objects = world::tenant_objects(&tenant(), &settings);
        let others = objects.iter().filter(|object| {
            object.kind != Kind::Ingress && object.name != "from-ingress-controller-to-solvers"
        });
        others.map(|object| object.manifest().to_string()).collect()
    };
    let issuer = Tls::ClusterIssuer("letsencrypt".to_owned());
    assert_eq!(others(Tls::Elsewhere), others(issuer));
}
