//! A sick tenant explains itself, and is well again by itself when the cause goes.

use std::time::Duration;

use anyhow::{Result, ensure};
use k8s_openapi::api::core::v1::ResourceQuota;
use serde_json::{Value, json};
use tenantry_tests::{TestPartner, kubectl, query, until, with_partner, with_sick_channel};

use crate::story::{
    apply, create, database_of, explains_itself, falls_sick, is_told_to_recover, is_told_to_serve,
    recovers, restart_pods, told,
};

/// How long Kubernetes may take to count pods.
const PATIENCE: Duration = Duration::from_mins(1);

/// A tenant whose release runs `command`, which ends as `words` say, until it names another.
async fn crashes(partner: &TestPartner, command: Value, words: &str) -> Result<()> {
    let spoil = |release: &mut Value| release["contract"]["command"] = command;
    with_sick_channel(partner, spoil, async || {
        create(partner, partner.manifest_on("shop", "sick")).await?;
        falls_sick(partner, "shop", "WorkloadReady", "PodCrashes", words).await?;
        explains_itself(partner, "shop", "PodCrashes", words).await?;
        partner.follow_channel("shop", "stable").await?;
        is_told_to_serve(partner, "shop").await
    })
    .await
}

#[tokio::test]
async fn a_pod_that_crashes() -> Result<()> {
    with_partner(async |partner| {
        crashes(partner, json!(["sh", "-c", "exit 3"]), "exit code 3").await
    })
    .await
}

#[tokio::test]
async fn a_program_that_is_not_in_the_image() -> Result<()> {
    with_partner(async |partner| {
        crashes(partner, json!(["no-such-program"]), "no-such-program").await
    })
    .await
}

/// Content when a quota is in force, which it is once its pods were counted.
fn counted(quota: Option<&ResourceQuota>) -> Result<(), String> {
    let status = quota.and_then(|quota| quota.status.as_ref());
    let pods = status.and_then(|status| status.used.as_ref()?.get("pods"));
    pods.map(drop).ok_or_else(|| format!("{status:?}"))
}

#[tokio::test]
async fn a_quota_that_is_exceeded() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let namespace = partner.tenant_namespace("shop");
        apply(&json!({
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "no-pods", "namespace": namespace},
            "spec": {"hard": {"pods": "0"}},
        }))
        .await?;
        let quotas = partner.objects_of::<ResourceQuota>("shop");
        until(&quotas, "no-pods", PATIENCE, counted).await?;
        restart_pods(partner).await?;
        falls_sick(partner, "shop", "WorkloadReady", "QuotaExceeded", "no-pods").await?;
        explains_itself(partner, "shop", "QuotaExceeded", "no-pods").await?;
        let delete = ["delete", "resourcequota", "no-pods", "-n", &namespace];
        kubectl(&delete, "").await?.text()?;
        is_told_to_recover(partner, "shop").await
    })
    .await
}

#[tokio::test]
async fn a_password_that_was_changed_by_hand_is_set_back() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner).await?;
        let count = "SELECT count(*) FROM res_users";
        let users = query(&database, count).await?;
        query(
            "postgres",
            &format!("ALTER ROLE {database} PASSWORD 'something-else'"),
        )
        .await?;
        restart_pods(partner).await?;
        told(&partner.objects(), "PasswordReset", "password").await?;
        recovers(partner, "shop").await?;
        ensure!(query(&database, count).await? == users, "users went");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_role_that_may_not_log_in_is_told_and_left_alone() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let database = database_of(partner).await?;
        query("postgres", &format!("ALTER ROLE {database} NOLOGIN")).await?;
        restart_pods(partner).await?;
        falls_sick(partner, "shop", "DatabaseReady", "AccessWithheld", "LOGIN").await?;
        explains_itself(partner, "shop", "AccessWithheld", "LOGIN").await?;
        let may = format!("SELECT rolcanlogin FROM pg_roles WHERE rolname = '{database}'");
        ensure!(query("postgres", &may).await? == "f", "it was given back");
        query("postgres", &format!("ALTER ROLE {database} LOGIN")).await?;
        is_told_to_recover(partner, "shop").await
    })
    .await
}
