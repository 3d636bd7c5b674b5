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

fn running<const COUNT: usize>(own: [&str; COUNT]) -> Holding {
    Holding {
        published: true,
        own: own.map(claim).into(),
        ..Holding::default()
    }
}

#[test]
fn a_tenant_is_published_on_what_it_claimed_in_the_order_of_its_spec() {
    let holding = running(["a", "b", "c"]);
    let wanted = hostnames(["c", "a", "b"]);
    assert_eq!(holding.publishable(&wanted), wanted);
    assert!(holding.surplus(&wanted).is_empty());
}

#[test]
fn a_hostname_that_left_the_spec_is_not_published_and_its_claim_goes() {
    let holding = running(["a", "b"]);
    let wanted = hostnames(["b"]);
    assert_eq!(holding.publishable(&wanted), wanted);
    assert_eq!(holding.surplus(&wanted), [claim("a")]);
}

#[test]
fn a_tenant_that_runs_keeps_what_it_had_while_its_spec_is_refused() {
    let mut holding = running(["a", "b"]);
    holding.taken.push(taken("z"));
    let wanted = hostnames(["z", "b"]);
    assert_eq!(holding.publishable(&wanted), hostnames(["b", "a"]));
    assert!(holding.surplus(&wanted).is_empty());
    assert_eq!(holding.refusal(), None);
}

#[test]
fn a_tenant_that_was_never_published_gets_all_of_its_hostnames_or_none() {
    let mut holding = running(["a"]);
    holding.published = false;
    assert_eq!(holding.publishable(&hostnames(["a"])), hostnames(["a"]));
    holding.taken.push(taken("z"));
    assert!(holding.publishable(&hostnames(["z", "a"])).is_empty());
    // What it holds already has to be given back first.
    assert_eq!(holding.refusal(), None);
    holding.own.clear();
    assert_eq!(holding.refusal(), Some(&[taken("z")][..]));
}

#[test]
fn a_tenant_whose_claims_are_all_gone_is_published_nowhere() {
    let mut holding = running([]);
    holding.taken.push(taken("a"));
    assert!(holding.publishable(&hostnames(["a"])).is_empty());
}
