//! What is taken and what is refused before anything is sent.

use super::*;

const GOOD: &str = "
apiVersion: tenantry.dev/v1alpha1
kind: Tenant
metadata:
  name: shop42
  namespace: partner-acme
  labels: {tier: gold}
spec:
  displayName: Shop 42
  isolation: {dedicated: {size: small}}
  blueprint: retail
  hostnames: [shop42.acme.example]
  administrator: {email: ana@acme.example}
";

fn judged(text: &str) -> Result<Vec<Wanted>, Failure> {
    let Ok(documents) = yaml::read(text) else {
        panic!("the test's document is not YAML: {text}")
    };
    judge(&documents.into_iter().flat_map(items).collect::<Vec<_>>())
}

#[test]
fn documents_are_taken_as_kubectl_takes_them() {
    let both = format!("{GOOD}---{}", GOOD.replace("shop42", "shop43"));
    let wanted = judged(&both).unwrap();
    let names: Vec<_> = wanted.iter().map(|wanted| wanted.key.to_string()).collect();
    assert_eq!(
        names,
        [
            "partners/acme/tenants/shop42",
            "partners/acme/tenants/shop43"
        ]
    );
    assert_eq!(wanted[0].message.labels["tier"], "gold");
    let spec = wanted[0].message.spec.as_ref().unwrap();
    assert_eq!(spec.blueprint.as_deref(), Some("retail"));
}

#[test]
fn every_mistake_in_every_document_is_told() {
    let bad = GOOD
        .replace("displayName", "displayNam")
        .replace("partner-acme", "default");
    let other = GOOD.replace("email: ana@acme.example", "login: ana");
    let failure = judged(&format!("{bad}---{other}---{GOOD}")).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "error: refused here, before anything was sent\n  \
         document 1 (shop42): spec.displayName: is required\n  \
         document 1 (shop42): spec.displayNam: is not a field of ours\n  \
         document 2 (shop42): spec.administrator.email: is required\n\
         nothing was created; mend it and try again"
    );
}

#[test]
fn a_tenant_outside_a_partners_namespace_is_refused() {
    let failure = judged(&GOOD.replace("partner-acme", "default")).unwrap_err();
    assert!(
        failure.to_string().contains("metadata.namespace: must be"),
        "{failure}"
    );
}

#[test]
fn what_cannot_be_sent_is_not_lost_in_silence() {
    let failure = judged(&GOOD.replace("labels:", "annotations:")).unwrap_err();
    assert!(
        failure.to_string().contains("metadata.annotations"),
        "{failure}"
    );
}

#[test]
fn what_is_shown_can_be_created_again() {
    let wanted = judged(GOOD).unwrap().remove(0);
    let shown = of(&proto::Tenant {
        name: wanted.key.to_string(),
        uid: "u".into(),
        create_time: Some(tenantry_proto::Timestamp::default()),
        status: Some(proto::TenantStatus::default()),
        ..wanted.message.clone()
    });
    let text = yaml::write(&[shown.unwrap()]).unwrap();
    let again = judged(&text).unwrap().remove(0);
    assert_eq!((again.key, again.message), (wanted.key, wanted.message));
}

#[test]
fn a_list_stands_for_its_items() {
    let item = yaml::read(GOOD).unwrap().remove(0);
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [item]});
    assert_eq!(judged(&list.to_string()).unwrap().len(), 1);
}

#[test]
fn names_are_given_short_or_whole() {
    let short = parse_key("acme/shop42").unwrap();
    assert_eq!(parse_key("partners/acme/tenants/shop42").unwrap(), short);
    for wrong in ["shop42", "acme/", "/shop42", "acme/shop--42", "a/b/c"] {
        assert!(parse_key(wrong).is_err(), "{wrong:?} was taken");
    }
}
