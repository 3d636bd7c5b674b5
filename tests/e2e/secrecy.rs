//! Generated passwords are in their Secrets and in their databases, and nowhere else: in no object
//! of any kind and in no log, of nobody.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::api::{DynamicObject, ListParams, LogParams};
use kube::core::Request;
use kube::{Api, Client, Resource as _, ResourceExt as _};
use serde_json::Value;
use tenantry_crd::labels;
use tenantry_tests::{kubectl, listed_kinds, tell, with_partner};
use tokio::time::{Instant, sleep};

/// How long a log that has to be searched may take to say something.
const PATIENCE: Duration = Duration::from_mins(2);
const RETRY: Duration = Duration::from_millis(500);
const CONTROL_NAMESPACE: &str = "tenantry-system";
const SERVER_NAMESPACE: &str = "database-main";

/// A log that has to be among those that are searched.
pub(crate) struct Log<'a> {
    /// Where its pod is.
    pub(crate) namespace: &'a str,
    /// How the pod's name begins.
    pub(crate) pod: &'a str,
    /// Whether it is that of a container that ended, and was started again.
    pub(crate) previous: bool,
}

/// Something that is searched.
struct Place {
    name: String,
    text: String,
}

/// Something that must not be told.
struct Password {
    whose: String,
    forms: [String; 2],
}

impl Password {
    fn new(whose: String, value: &str) -> Result<Self> {
        let encoded = serde_json::to_value(ByteString(value.as_bytes().to_vec()))?;
        let encoded = encoded.as_str().context("not a text")?;
        let encoded = encoded.trim_end_matches('=').to_owned();
        Ok(Self {
            whose,
            forms: [value.to_owned(), encoded],
        })
    }

    fn is_in(&self, place: &Place) -> bool {
        self.forms.iter().any(|form| place.text.contains(form))
    }
}

/// Fails if a password that was generated for anybody is told anywhere. Returns the Secrets, as
/// `namespace/name`, whose passwords were looked for.
pub(crate) async fn nothing_is_told(
    client: &Client,
    token: &str,
    logs: &[Log<'_>],
) -> Result<Vec<String>> {
    let (secrets, mut passwords) = passwords(client).await?;
    // The search is worth something only if it finds what is there.
    for password in &passwords {
        ensure!(password.is_in(&secrets), "{} is not found", password.whose);
    }
    let known = passwords.iter().map(|one| one.whose.clone()).collect();
    passwords.push(Password::new("the token".to_owned(), token)?);
    let mut places = Vec::new();
    for log in logs {
        places.push(certain(client, log).await?);
    }
    places.extend(objects(client).await?);
    let listed = places.len();
    places.extend(all_logs(client).await?);
    tell(&format!(
        "{} passwords are looked for in {} kinds of objects and {} logs",
        passwords.len(),
        listed - logs.len(),
        places.len() - listed + logs.len(),
    ));
    let told: Vec<_> = places
        .iter()
        .flat_map(|place| {
            let told = passwords.iter().filter(|password| password.is_in(place));
            told.map(|password| format!("{} by {}", password.whose, place.name))
        })
        .collect();
    ensure!(told.is_empty(), "told: {told:#?}");
    Ok(known)
}

/// The Secrets as the API server has them, and every password in them.
async fn passwords(client: &Client) -> Result<(Place, Vec<Password>)> {
    let ours = ListParams::default().labels(&format!(
        "{}={}",
        labels::MANAGED_BY,
        labels::MANAGED_BY_VALUE
    ));
    let text = listed(client, &Secret::url_path(&(), None), &ours).await?;
    let list: Value = serde_json::from_str(&text)?;
    let mut passwords = Vec::new();
    for item in list["items"].as_array().context("no items")? {
        let secret: Secret = serde_json::from_value(item.clone())?;
        let whose = format!(
            "{}/{}",
            secret.namespace().unwrap_or_default(),
            secret.name_any()
        );
        let Some(password) = secret.data.unwrap_or_default().remove("password") else {
            continue;
        };
        let password = String::from_utf8(password.0)?;
        ensure!(password.len() >= 20, "{whose}: {} letters", password.len());
        passwords.push(Password::new(whose, &password)?);
    }
    let name = "secrets".to_owned();
    Ok((Place { name, text }, passwords))
}

async fn listed(client: &Client, path: &str, params: &ListParams) -> Result<String> {
    Ok(client
        .request_text(Request::new(path).list(params)?)
        .await?)
}

/// Every object of every kind but Secret, by kinds.
async fn objects(client: &Client) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for (kind, _) in listed_kinds(client).await? {
        if kind.kind == "Secret" {
            continue;
        }
        let name = format!("{}.{}", kind.plural, kind.group);
        let path = DynamicObject::url_path(&kind, None);
        let text = listed(client, &path, &ListParams::default()).await;
        let text = text.with_context(|| format!("{name} cannot be listed"))?;
        places.push(Place { name, text });
    }
    for kind in [
        "tenants.tenantry.dev",
        "databaseservers.tenantry.dev",
        "events.",
        "configmaps.",
        "pods.",
        "replicasets.apps",
        "statefulsets.apps",
        "networkpolicies.networking.k8s.io",
    ] {
        let is_there = places.iter().any(|place| place.name == kind);
        ensure!(is_there, "{kind} was not searched");
    }
    Ok(places)
}

/// The logs of every container of every pod of ours, also of those that ended. One that cannot be
/// read is of a pod that is gone or did not start yet.
async fn all_logs(client: &Client) -> Result<Vec<Place>> {
    let ours = ListParams::default().labels(&format!(
        "{}={}",
        labels::MANAGED_BY,
        labels::MANAGED_BY_VALUE
    ));
    let everywhere: Api<Pod> = Api::all(client.clone());
    let control: Api<Pod> = Api::namespaced(client.clone(), CONTROL_NAMESPACE);
    let mut pods = everywhere.list(&ours).await?.items;
    pods.extend(control.list(&ListParams::default()).await?);
    let mut places = Vec::new();
    for pod in &pods {
        for previous in [false, true] {
            places.extend(logs(client, pod, previous).await);
        }
    }
    Ok(places)
}

/// What the containers of a pod have said, as far as it can be read.
async fn logs(client: &Client, pod: &Pod, previous: bool) -> Vec<Place> {
    let namespace = pod.namespace().unwrap_or_default();
    let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
    let mut places = Vec::new();
    for container in containers(pod, previous) {
        let name = format!(
            "log of {namespace}/{}, {container}, previous: {previous}",
            pod.name_any()
        );
        let which = LogParams {
            container: Some(container),
            previous,
            ..LogParams::default()
        };
        if let Ok(text) = pods.logs(&pod.name_any(), &which).await {
            places.push(Place { name, text });
        }
    }
    places
}

/// The names of a pod's containers; or of those that were started again.
fn containers(pod: &Pod, started_again: bool) -> Vec<String> {
    let status = pod.status.as_ref();
    let statuses = status.into_iter().flat_map(|status| {
        let lists = [
            &status.init_container_statuses,
            &status.container_statuses,
            &status.ephemeral_container_statuses,
        ];
        lists.into_iter().flatten().flatten()
    });
    statuses
        .filter(|status| !started_again || status.restart_count > 0)
        .map(|status| status.name.clone())
        .collect()
}

/// Waits until this log says something.
async fn certain(client: &Client, log: &Log<'_>) -> Result<Place> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), log.namespace);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let list = pods.list(&ListParams::default()).await?.items;
        let names: Vec<_> = list.iter().map(kube::ResourceExt::name_any).collect();
        for pod in list {
            if pod.name_any().starts_with(log.pod) {
                let found = logs(client, &pod, log.previous).await;
                if let Some(place) = found.into_iter().find(|place| !place.text.is_empty()) {
                    return Ok(place);
                }
            }
        }
        if Instant::now() > deadline {
            bail!(
                "no log of {}/{}…, previous: {}; there are {names:?}",
                log.namespace,
                log.pod,
                log.previous
            );
        }
        sleep(RETRY).await;
    }
}

#[tokio::test]
async fn no_generated_password_is_told_anywhere() -> Result<()> {
    with_partner(async |partner| {
        let tenant = partner.serving_tenant("shop").await?;
        let namespace = &partner.tenant_namespace("shop");
        // So that there is a log of a container that ended. The call may be cut off by that.
        let end = ["exec", "--namespace", namespace, "deployment/odoo", "--"];
        let end = [&end[..], &["sh", "-c", "kill 1"]].concat();
        kubectl(&end, "").await?;
        let log = |namespace, pod, previous| Log {
            namespace,
            pod,
            previous,
        };
        let logs = [
            log(namespace, "odoo-", true),
            log(namespace, "odoo-", false),
            log(CONTROL_NAMESPACE, "tenantryd-", false),
            log(SERVER_NAMESPACE, "postgresql-0", false),
        ];
        let environment = &partner.environment;
        let known = nothing_is_told(&environment.kube, &environment.token, &logs).await?;
        for secret in [
            format!("{namespace}/odoo-administrator"),
            format!("{namespace}/odoo-database"),
            format!("{SERVER_NAMESPACE}/postgresql-login"),
        ] {
            ensure!(known.contains(&secret), "{secret} is not among {known:?}");
        }
        let id = tenant.status.and_then(|status| status.tenant_id);
        let id = Password::new("its id".to_owned(), &id.context("no id")?)?;
        what_is_told_is_found(&environment.kube, &logs, &id, &partner.name).await
    })
    .await
}

/// The tenant's id is no secret, and the same search finds it in objects and in Odoo's log; and the
/// partner's name in tenantryd's.
async fn what_is_told_is_found(
    client: &Client,
    logs: &[Log<'_>],
    id: &Password,
    partner: &str,
) -> Result<()> {
    let objects = objects(client).await?;
    for kind in ["tenants.tenantry.dev", "pods.", "configmaps."] {
        let mut places = objects.iter().filter(|place| id.is_in(place));
        ensure!(
            places.any(|place| place.name == kind),
            "its id is not found in {kind}"
        );
    }
    let odoo = certain(client, &logs[0]).await?;
    ensure!(id.is_in(&odoo), "its id is not found in {}", odoo.name);
    let partner = Password::new("its partner".to_owned(), partner)?;
    let tenantryd = certain(client, &logs[2]).await?;
    ensure!(
        partner.is_in(&tenantryd),
        "its partner is not found in {}",
        tenantryd.name
    );
    Ok(())
}
