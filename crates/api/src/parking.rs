//! The parking page: what answers on the hostnames of tenants that do not run. Every request is
//! answered with 503 and a page under the tenant's brand, so that crawlers, clients and people
//! know that it is for now. It knows tenants' specs and nothing else of them.

use std::fmt::{Debug, Write as _};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use tenantry_crd::{HostnameClaim, Partner, Tenant, claim_name};
use tenantry_domain::{Brand, Hostname, PartnerFacts, RunState};
use tokio_util::sync::CancellationToken;

/// When to come again to a tenant that is about to serve.
const SOON: &str = "10";
/// When to come again to one of which nobody knows.
const LATER: &str = "600";
/// The page needs its own style, and nothing else from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
const PLAIN_COLOR: &str = "#666666";

/// Whose page a hostname shows: that of the tenant that has claimed it.
#[derive(Clone)]
pub(crate) struct Directory {
    claims: Store<HostnameClaim>,
    tenants: Store<Tenant>,
    partners: Store<Partner>,
}

impl Directory {
    /// Follows claims, tenants and partners until `ended`. Until the caches are filled, pages are
    /// plain.
    pub(crate) fn watch(client: &Client, ended: &CancellationToken) -> Self {
        Self {
            claims: follow(client, ended, |_| ()),
            tenants: follow(client, ended, |tenant: &mut Tenant| tenant.status = None),
            partners: follow(client, ended, |_| ()),
        }
    }

    fn page(&self, hostname: &Hostname) -> Option<Page> {
        let claim = self.claims.get(&ObjectRef::new(&claim_name(hostname)))?;
        let holder = claim.holder().ok()?;
        let tenant = ObjectRef::new(holder.name.as_str()).within(&holder.partner.namespace());
        let tenant = self.tenants.get(&tenant)?;
        let partner = self
            .partners
            .get(&ObjectRef::new(holder.partner.as_str()))?;
        Some(Page::of(&tenant, &PartnerFacts::from(&partner.spec)))
    }
}

/// A cache of all objects of a kind, without what `prune` takes away.
fn follow<K>(client: &Client, ended: &CancellationToken, prune: fn(&mut K)) -> Store<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let (store, writer) = reflector::store();
    let changes = watcher(Api::<K>::all(client.clone()), watcher::Config::default())
        .default_backoff()
        .modify(move |object| {
            object.managed_fields_mut().clear();
            prune(object);
        })
        .reflect(writer);
    tokio::spawn(
        changes
            .take_until(ended.clone().cancelled_owned())
            .for_each(|_| std::future::ready(())),
    );
    store
}

/// What a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    customer: String,
    brand: Brand,
    starting: bool,
}

impl Page {
    fn of(tenant: &Tenant, partner: &PartnerFacts) -> Self {
        let own = tenant.spec.brand.as_ref().map(Brand::from);
        Self {
            customer: tenant.spec.display_name.clone(),
            brand: own.unwrap_or_default().over(&partner.brand),
            starting: tenant.run_state() == RunState::Running,
        }
    }
}

/// Answers every request.
pub(crate) fn router(directory: Directory) -> Router {
    Router::new().fallback(answer).with_state(directory)
}

async fn answer(State(directory): State<Directory>, request: Request) -> Response {
    let page = hostname(&request).and_then(|hostname| directory.page(&hostname));
    respond(page.as_ref())
}

/// The hostname that was asked for, without its port.
fn hostname(request: &Request) -> Option<Hostname> {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().host())?;
    let name = host.split(':').next().unwrap_or_default();
    name.trim_end_matches('.').to_ascii_lowercase().parse().ok()
}

fn respond(page: Option<&Page>) -> Response {
    let retry_after = match page {
        Some(page) if page.starting => SOON,
        _ => LATER,
    };
    let headers = [
        (header::RETRY_AFTER, retry_after),
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, html(page)).into_response()
}

fn html(page: Option<&Page>) -> String {
    let nobody = Brand::default();
    let brand = page.map_or(&nobody, |page| &page.brand);
    let customer = page.map_or("", |page| page.customer.as_str());
    let title = brand.product_name.as_deref().unwrap_or(customer);
    let title = if title.is_empty() {
        "Not available"
    } else {
        title
    };
    let said = match page {
        None => "This site is not available at the moment.".to_owned(),
        Some(page) if page.starting => {
            format!(
                "{} is starting. Please try again in a moment.",
                escape(customer)
            )
        }
        Some(_) => format!("{} is not available at the moment.", escape(customer)),
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n\
         body {{ margin: 0; font-family: system-ui, sans-serif; color: #222222; }}\n\
         main {{ max-width: 32rem; margin: 15vh auto 0; padding: 2rem; \
         border-top: 0.4rem solid {color}; }}\n\
         h1 {{ font-size: 1.5rem; color: {color}; }}\n\
         </style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{said}</p>\n{help}</main>\n\
         </body>\n</html>\n",
        title = escape(title),
        color = color(brand),
        help = help(brand),
    )
}

/// The brand's colour. What is none would be read as style, so it is not shown.
fn color(brand: &Brand) -> &str {
    let is_color = |text: &&str| {
        text.len() == 7
            && text
                .strip_prefix('#')
                .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let color = brand.primary_color.as_deref();
    color.filter(is_color).unwrap_or(PLAIN_COLOR)
}

fn help(brand: &Brand) -> String {
    let mut links = String::new();
    let is_page = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
    if let Some(url) = brand.support_url.as_ref().filter(is_page) {
        let url = escape(url);
        // Writing to a string cannot fail.
        _ = writeln!(
            links,
            "<p><a href=\"{url}\" rel=\"noreferrer\">{url}</a></p>"
        );
    }
    if let Some(address) = &brand.support_email {
        let address = escape(address);
        _ = writeln!(links, "<p><a href=\"mailto:{address}\">{address}</a></p>");
    }
    links
}

/// `text` as it is written in a document and in its attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
