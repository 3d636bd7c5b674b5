//! A browser: it speaks to the ingress by a tenant's hostname, keeps cookies, follows nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::environment::Environment;
use crate::websocket::WebSocket;

/// The head of an answer.
type Parts = hyper::http::response::Parts;

const PATIENCE: Duration = Duration::from_secs(30);
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const BOUNDARY: &str = "tenantry-boundary";
const MULTIPART: &str = "multipart/form-data; boundary=tenantry-boundary";

/// A browser that shows one tenant.
pub struct Browser {
    address: String,
    host: String,
    cookies: BTreeMap<String, String>,
    patience: Duration,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// Whether this is Odoo's login page.
    #[must_use]
    pub fn is_login_page(&self) -> bool {
        self.status == StatusCode::OK && self.body.contains("oe_login_form")
    }
}

impl Browser {
    /// A browser that shows the tenant at `hostname`.
    #[must_use]
    pub fn new(environment: &Environment, hostname: &str) -> Self {
        Self {
            address: environment.http.clone(),
            host: hostname.to_owned(),
            cookies: BTreeMap::new(),
            patience: PATIENCE,
        }
    }

    /// The same browser, which waits for an answer for as long as `patience`.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// There was no whole answer in time.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.get_with(path, &[]).await
    }

    /// Asks for a page with headers beyond the usual ones.
    ///
    /// # Errors
    /// There was no whole answer in time.
    pub async fn get_with(
        &mut self,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Answer> {
        let mut request = self.request(Method::GET, path, "", "")?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse()?);
        }
        self.send(request).await
    }

    /// The bytes that are at `path`.
    ///
    /// # Errors
    /// There was no whole answer in time, or it is not 200.
    pub async fn download(&mut self, path: &str) -> Result<Bytes> {
        let request = self.request(Method::GET, path, "", "")?;
        let (head, body) = self.deliver(request).await?;
        ensure!(head.status == StatusCode::OK, "{path}: {}", head.status);
        Ok(body)
    }

    /// Submits a form with one file in it.
    ///
    /// # Errors
    /// There was no whole answer in time.
    pub async fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, name, content): (&str, &str, &[u8]),
    ) -> Result<Answer> {
        let mut body = Vec::with_capacity(content.len() + 1024);
        let part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=");
        for (name, value) in fields {
            body.extend(format!("{part}\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        let kind = "content-type: application/octet-stream";
        body.extend(format!("{part}\"{field}\"; filename=\"{name}\"\r\n{kind}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let request = self.request(Method::POST, path, MULTIPART, body)?;
        self.send(request).await
    }

    /// Logs in by the form, and tells whether Odoo then knows the user.
    ///
    /// # Errors
    /// Odoo does not answer as it should.
    pub async fn log_in(&mut self, login: &str, password: &str) -> Result<bool> {
        let page = self.get("/web/login").await?;
        let token = csrf_token(&page.body).context("the login page has no csrf token")?;
        let fields = [
            ("csrf_token", token),
            ("login", login),
            ("password", password),
        ];
        let answer = self.submit("/web/login", &fields).await?;
        let session = self.session().await?;
        let known = session["result"]["uid"].is_number();
        let sent_on = answer.status == StatusCode::SEE_OTHER;
        if known != sent_on {
            bail!(
                "the form answered {}, the session says {session}",
                answer.status
            );
        }
        Ok(known)
    }

    /// What Odoo says about the session.
    ///
    /// # Errors
    /// There was no whole answer in time, or it is no JSON.
    pub async fn session(&mut self) -> Result<Value> {
        self.call("/web/session/get_session_info").await
    }

    /// Submits a form.
    ///
    /// # Errors
    /// There was no whole answer in time.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let request = self.request(Method::POST, path, FORM, form(fields))?;
        self.send(request).await
    }

    /// Calls a JSON-RPC route without parameters.
    ///
    /// # Errors
    /// There was no whole answer in time, or it is no JSON.
    pub async fn call(&mut self, path: &str) -> Result<Value> {
        self.call_with(path, &json!({})).await
    }

    /// Calls a JSON-RPC route.
    ///
    /// # Errors
    /// There was no whole answer in time, or it is no JSON.
    pub async fn call_with(&mut self, path: &str, params: &Value) -> Result<Value> {
        let call = json!({"jsonrpc": "2.0", "method": "call", "params": params}).to_string();
        let request = self.request(Method::POST, path, JSON, call)?;
        let answer = self.send(request).await?;
        serde_json::from_str(&answer.body)
            .with_context(|| format!("{path} answered {}", answer.status))
    }

    /// Asks for an upgrade of the connection at `path`, and returns the answer's status.
    ///
    /// # Errors
    /// There was no answer in time.
    pub async fn upgrade(&mut self, path: &str) -> Result<StatusCode> {
        Ok(self.handshake(path).await?.status())
    }

    /// Opens the websocket at `path`, with the cookies of this browser; nothing while its server
    /// is not there yet.
    ///
    /// # Errors
    /// Something else came than a websocket.
    pub async fn websocket(&mut self, path: &str) -> Result<Option<WebSocket>> {
        let answer = self.handshake(path).await?;
        match answer.status() {
            StatusCode::SWITCHING_PROTOCOLS => {
                Ok(Some(WebSocket::new(hyper::upgrade::on(answer).await?)))
            }
            StatusCode::SERVICE_UNAVAILABLE => Ok(None),
            status => bail!("{path}: {status}"),
        }
    }

    async fn handshake(&mut self, path: &str) -> Result<Response<Incoming>> {
        let mut request = self.request(Method::GET, path, "", "")?;
        let origin = format!("http://{}", self.host);
        let headers = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("origin", &origin),
        ];
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse()?);
        }
        let mut sender = self.connect().await?;
        Ok(timeout(self.patience, sender.send_request(request)).await??)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host);
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if !self.cookies.is_empty() {
            let cookies = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            request = request.header(header::COOKIE, cookies.collect::<Vec<_>>().join("; "));
        }
        Ok(request.body(Full::new(body.into()))?)
    }

    async fn connect(&self) -> Result<hyper::client::conn::http1::SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.address)
            .await
            .with_context(|| format!("no ingress at {}", self.address))?;
        let io = TokioIo::new(stream);
        let (sender, connection) = hyper::client::conn::http1::handshake(io).await?;
        tokio::spawn(connection.with_upgrades());
        Ok(sender)
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        let (head, body) = self.deliver(request).await?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    async fn deliver(&mut self, request: Request<Full<Bytes>>) -> Result<(Parts, Bytes)> {
        let what = format!("{} {} of {}", request.method(), request.uri(), self.host);
        timeout(self.patience, self.exchange(request))
            .await
            .with_context(|| format!("no answer to {what}"))?
            .context(what)
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<(Parts, Bytes)> {
        let mut sender = self.connect().await?;
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok((head, body))
    }
}

fn csrf_token(page: &str) -> Option<&str> {
    let (_, input) = page.split_once("name=\"csrf_token\"")?;
    let (_, value) = input.split_once("value=\"")?;
    value.split('"').next()
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() {
                text.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded() {
        assert_eq!(
            form(&[("login", "a@b.c"), ("password", "x y&é")]),
            "login=a%40b%2Ec&password=x%20y%26%C3%A9"
        );
    }

    #[test]
    fn the_csrf_token_is_found() {
        let page = r#"<input type="hidden" name="csrf_token" value="abc123o17"/>"#;
        assert_eq!(csrf_token(page), Some("abc123o17"));
        assert_eq!(csrf_token("<form>"), None);
    }
}
