//! What only shows through the real ingress: websockets that carry messages, long requests, large
//! bodies, the client's address, the scheme.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use hyper::header::SET_COOKIE;
use serde_json::{Value, json};
use tenantry_tests::{Browser, TestPartner, WebSocket, kubectl, query, with_partner};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, sleep, timeout};

const SECRET: &str = "odoo-administrator";
/// How long after `Serving` websockets may be refused, and how soon a browser tries again.
const RECONNECTING: Duration = Duration::from_mins(2);
const RETRY: Duration = Duration::from_millis(250);
/// How long a message may be on its way.
const DELIVERY: Duration = Duration::from_mins(1);
/// Longer than the usual limits of proxies (15, 30 and 60 s), shorter than ours (900 s).
const LONG_SECONDS: u64 = 65;
const PATIENCE: Duration = Duration::from_mins(3);
/// Larger than the usual limits of proxies (1, 10 and 32 MiB).
const LARGE: usize = 50 << 20;

/// A browser in which the administrator of the tenant `name` is logged in.
async fn administrator(partner: &TestPartner, name: &str) -> Result<Browser> {
    let login = partner.secret(name, SECRET, "login").await?;
    let password = partner.secret(name, SECRET, "password").await?;
    let mut browser = Browser::new(&partner.environment, &partner.hostname(name)).patient(PATIENCE);
    let known = browser.log_in(&login, &password).await?;
    ensure!(known, "the generated password is refused");
    Ok(browser)
}

/// What `answer` to a JSON-RPC call holds.
fn result(answer: &Value) -> Result<&Value> {
    match answer.get("result") {
        Some(result) if answer.get("error").is_none() => Ok(result),
        _ => bail!("{answer}"),
    }
}

async fn execute(browser: &mut Browser, model: &str, method: &str, args: &Value) -> Result<Value> {
    let params = json!({"model": model, "method": method, "args": args, "kwargs": {}});
    let answer = browser.call_with("/web/dataset/call_kw", &params).await?;
    Ok(result(&answer)?.clone())
}

/// Has Odoo run `code` as a server action, which any administrator may make.
async fn run(browser: &mut Browser, code: &str) -> Result<()> {
    let domain = json!([[["model", "=", "res.partner"]]]);
    let models = execute(browser, "ir.model", "search", &domain).await?;
    let action = json!({"name": "test", "model_id": models[0], "state": "code", "code": code});
    let made = execute(browser, "ir.actions.server", "create", &json!([[action]])).await?;
    let params = json!({"action_id": made[0]});
    let answer = browser.call_with("/web/action/run", &params).await?;
    result(&answer).map(drop)
}

/// The websocket of the browser's session. Odoo's process for websockets starts after the others.
async fn websocket(browser: &mut Browser) -> Result<WebSocket> {
    let begin = Instant::now();
    while begin.elapsed() < RECONNECTING {
        if let Some(socket) = browser.websocket("/websocket").await? {
            return Ok(socket);
        }
        sleep(RETRY).await;
    }
    bail!("no websocket within {} s", RECONNECTING.as_secs())
}

/// Waits for a message that contains `text`.
async fn hear(socket: &mut WebSocket, text: &str) -> Result<()> {
    while !socket.receive().await?.contains(text) {}
    Ok(())
}

#[tokio::test]
async fn a_websocket_delivers_what_odoo_tells_the_user_of_its_session() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let mut browser = administrator(partner, "shop").await?;
        let mut socket = websocket(&mut browser).await?;
        let subscription = json!({"event_name": "subscribe", "data": {"channels": [], "last": 0}});
        socket.send(&subscription.to_string()).await?;
        // The channel of the user's own partner: only its session is subscribed to that.
        let words = format!("hello {}", partner.name);
        let code =
            format!("env['bus.bus']._sendone(user.partner_id, 'test', {{'words': '{words}'}})");
        run(&mut browser, &code).await?;
        timeout(DELIVERY, hear(&mut socket, &words))
            .await
            .with_context(|| format!("{words:?} did not come"))?
    })
    .await
}

#[tokio::test]
async fn a_websocket_without_a_session_hears_nothing_of_a_user() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let mut browser = administrator(partner, "shop").await?;
        let mut stranger = Browser::new(&partner.environment, &partner.hostname("shop"));
        let mut socket = websocket(&mut stranger).await?;
        let subscription = json!({"event_name": "subscribe", "data": {"channels": [], "last": 0}});
        socket.send(&subscription.to_string()).await?;
        // What is told to everybody comes after what is told to the user, and is heard.
        let code = "env['bus.bus']._sendone(user.partner_id, 'test', {'words': 'private'})\n\
                    env['bus.bus']._sendone('broadcast', 'test', {'words': 'public'})";
        run(&mut browser, code).await?;
        let heard = timeout(DELIVERY, async {
            loop {
                let message = socket.receive().await?;
                ensure!(!message.contains("private"), "{message}");
                if message.contains("public") {
                    return Ok(());
                }
            }
        });
        heard.await.context("nothing came")?
    })
    .await
}

#[tokio::test]
async fn a_request_that_takes_a_minute_is_answered() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let mut browser = administrator(partner, "shop").await?;
        let begin = Instant::now();
        run(&mut browser, &format!("time.sleep({LONG_SECONDS})")).await?;
        let took = begin.elapsed();
        ensure!(
            took >= Duration::from_secs(LONG_SECONDS),
            "it took {took:?}"
        );
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_large_file_is_uploaded_and_read_back() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let mut browser = administrator(partner, "shop").await?;
        let page = browser.get("/odoo").await?;
        let token = csrf_token(&page.body).context("the client's page has no csrf token")?;
        // No two pieces of it are the same, so that one which is lost or doubled is noticed.
        let content: Vec<u8> = (0_u64..)
            .flat_map(|word| word.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes())
            .take(LARGE)
            .collect();
        let fields = [("csrf_token", token), ("model", "res.partner"), ("id", "1")];
        let file = ("ufile", "large.bin", &content[..]);
        let answer = browser
            .upload("/web/binary/upload_attachment", &fields, file)
            .await?;
        let told: Value = serde_json::from_str(&answer.body)
            .with_context(|| format!("{}: {}", answer.status, answer.body))?;
        ensure!(told[0]["size"] == LARGE, "{told}");
        let id = told[0]["id"].as_i64().context("no id")?;
        let read = browser.download(&format!("/web/content/{id}")).await?;
        ensure!(read.len() == LARGE, "{} bytes came back", read.len());
        ensure!(read == content, "other bytes came back");
        Ok(())
    })
    .await
}

/// The token in the head of every page of the web client.
fn csrf_token(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("csrf_token: \"")?;
    rest.split('"').next()
}

#[tokio::test]
async fn odoo_logs_the_clients_address_and_not_one_that_the_client_claims() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let own = as_seen_by_the_ingress(partner).await?;
        let mut browser = Browser::new(&partner.environment, &partner.hostname("shop"));
        let path = format!("/web/login?from={}", partner.name);
        let forged = [("x-forwarded-for", "203.0.113.9")];
        let page = browser.get_with(&path, &forged).await?;
        ensure!(page.is_login_page(), "{}", page.status);
        let namespace = partner.tenant_namespace("shop");
        let arguments = ["logs", "--namespace", &namespace, "deployment/odoo"];
        let deadline = Instant::now() + DELIVERY;
        let line = loop {
            let log = kubectl(&arguments, "").await?.text()?;
            match log.lines().find(|line| line.contains(&path)) {
                Some(line) => break line.to_owned(),
                None if Instant::now() < deadline => sleep(RETRY).await,
                None => bail!("Odoo logged nothing of {path}"),
            }
        };
        ensure!(line.contains(&format!(" {own} ")), "not from {own}: {line}");
        Ok(())
    })
    .await
}

/// What the ingress sees of us, unless there is a proxy in front of it as well. For a client on its
/// own machine Envoy says that machine's address, because a loopback address means nothing elsewhere.
async fn as_seen_by_the_ingress(partner: &TestPartner) -> Result<IpAddr> {
    let connection = TcpStream::connect(&partner.environment.http).await?;
    let own = connection.local_addr()?.ip();
    if !own.is_loopback() {
        return Ok(own);
    }
    // Nothing is sent: the address of the interface that leads elsewhere is all that is asked for.
    let socket = UdpSocket::bind("0.0.0.0:0").await?;
    socket.connect("203.0.113.1:9").await?;
    Ok(socket.local_addr()?.ip())
}

#[tokio::test]
async fn odoo_knows_its_address_and_keeps_it_when_the_administrator_logs_in() -> Result<()> {
    with_partner(async |partner| {
        let tenant = partner.serving_tenant("shop").await?;
        let status = tenant.status.context("no status")?;
        let url = status.url.context("no URL")?;
        let database = status.placement.context("no placement")?.database;
        administrator(partner, "shop").await?;
        let select = "SELECT value FROM ir_config_parameter WHERE key = 'web.base.url'";
        let known = query(&database, select).await?;
        ensure!(known == url, "it believes to be at {known}, not {url}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn scripts_cannot_read_the_sessions_cookie() -> Result<()> {
    with_partner(async |partner| {
        partner.serving_tenant("shop").await?;
        let mut browser = Browser::new(&partner.environment, &partner.hostname("shop"));
        let page = browser.get("/web/login").await?;
        let cookies = page.headers.get_all(SET_COOKIE).iter();
        let cookies: Vec<_> = cookies.filter_map(|cookie| cookie.to_str().ok()).collect();
        let session = cookies
            .iter()
            .find(|cookie| cookie.starts_with("session_id="));
        let session = session.context("no session")?;
        ensure!(session.contains("HttpOnly"), "{session}");
        Ok(())
    })
    .await
}
