use super::*;

fn hostname(text: &str) -> Hostname {
    format!("{text}.acme.example").parse().unwrap()
}

fn hostnames<const COUNT: usize>(texts: [&str; COUNT]) -> Vec<Hostname> {
    texts.map(hostname).into()
}

fn claim(text: &str) -> Arc<HostnameClaim> {
    let tenant = "partners/acme/tenants/shop".parse().unwrap();
    let id = TenantId::from_bytes([7; 10]);
    Arc::new(HostnameClaim::of(&hostname(text), &tenant, &id))
}

fn taken(text: &str) -> Violation {
    let tenant = "partners/acme/tenants/shop".parse().unwrap();
    let holder = "partners/globex/tenants/other".parse().unwrap();
    hostname_taken(&tenant, 0, &hostname(text), &holder)
}

fn running<const COUNT: usize>(own: [&str; COUNT]) -> Standing {
    Standing {
        published: true,
        own: own.map(claim).into(),
        ..Standing::default()
    }
}

#[test]
fn a_tenant_is_published_on_what_it_claimed_in_the_order_of_its_spec() {
    let standing = running(["a", "b", "c"]);
    let wanted = hostnames(["c", "a", "b"]);
    assert_eq!(standing.publishable(&wanted), wanted);
    assert!(standing.surplus(&wanted).is_empty());
}

#[test]
fn a_hostname_that_left_the_spec_is_not_published_and_its_claim_goes() {
    let standing = running(["a", "b"]);
    let wanted = hostnames(["b"]);
    assert_eq!(standing.publishable(&wanted), wanted);
    assert_eq!(standing.surplus(&wanted), [claim("a")]);
}

#[test]
fn a_tenant_that_runs_keeps_what_it_had_while_its_spec_is_refused() {
    let mut standing = running(["a", "b"]);
    standing.taken.push(taken("z"));
    let wanted = hostnames(["z", "b"]);
    assert_eq!(standing.publishable(&wanted), hostnames(["b", "a"]));
    assert!(standing.surplus(&wanted).is_empty());
    assert_eq!(standing.refusal(), None);
}

#[test]
fn a_tenant_that_was_never_published_gets_all_of_its_hostnames_or_none() {
    let mut standing = running(["a"]);
    standing.published = false;
    assert_eq!(standing.publishable(&hostnames(["a"])), hostnames(["a"]));
    standing.taken.push(taken("z"));
    assert!(standing.publishable(&hostnames(["z", "a"])).is_empty());
    // What it holds already has to be given back first.
    assert_eq!(standing.refusal(), None);
    standing.own.clear();
    assert_eq!(standing.refusal(), Some(&[taken("z")][..]));
}

#[test]
fn a_tenant_whose_claims_are_all_gone_is_published_nowhere() {
    let mut standing = running([]);
    standing.taken.push(taken("a"));
    assert!(standing.publishable(&hostnames(["a"])).is_empty());
}
