//! Many at once, from one template.

use std::time::Instant;

use tenantry_database::{Error, Outcome, TenantDatabase};

use crate::support::{assert_served, identity, provision, sealed_template, server, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn five_at_once_from_one_template() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenants: Vec<TenantDatabase> = (0..5).map(|_| tenant()).collect();
    let begun = Instant::now();
    let tasks: Vec<_> = tenants
        .iter()
        .map(|tenant| {
            let (server, tenant, template) = (server.clone(), tenant.clone(), template.clone());
            tokio::spawn(async move {
                provision(&server, &tenant, &template, &identity("bakery")).await
            })
        })
        .collect();
    for task in tasks {
        println!("{:?}", task.await.unwrap().expect("none of five fails"));
    }
    println!("five at once: {:?}", begun.elapsed());
    for tenant in &tenants {
        assert_served(tenant, &identity("bakery")).await;
        server.drop_tenant(tenant).await.unwrap();
    }
    server.drop_template(&template).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_asked_for_twice_is_made_once() {
    let server = server().await;
    let template = sealed_template(&server).await;
    let tenant = tenant();
    let identity = identity("bakery");
    let (first, second) = tokio::join!(
        provision(&server, &tenant, &template, &identity),
        provision(&server, &tenant, &template, &identity),
    );
    let outcomes = [first, second];
    let made = outcomes
        .iter()
        .filter(|it| matches!(it, Ok(Outcome::Provisioned(_))))
        .count();
    assert_eq!(made, 1, "{outcomes:?}");
    let other = outcomes
        .iter()
        .find(|it| !matches!(it, Ok(Outcome::Provisioned(_))))
        .unwrap();
    assert!(
        matches!(other, Ok(Outcome::WasReady) | Err(Error::Busy { .. })),
        "{other:?}"
    );
    server.drop_tenant(&tenant).await.unwrap();
    server.drop_template(&template).await.unwrap();
}
