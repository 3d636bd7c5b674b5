//! One request for a login page.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::InvalidDnsNameError;
use tenantry_domain::Hostname;
use tenantry_telemetry::Probed;

use crate::door::Door;

/// Why the login page was not had.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The ingress does not accept connections.
    #[error("cannot connect to the ingress at {address}")]
    Connect {
        /// Where it was tried, `host:port`.
        address: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The hostname cannot be in a certificate.
    #[error("the hostname cannot be in a certificate")]
    Name(#[source] InvalidDnsNameError),
    /// The ingress offers no TLS for the hostname, or no certificate that browsers would accept.
    #[error("no encrypted connection")]
    Tls(#[source] std::io::Error),
    /// The connection broke before the whole answer was there.
    #[error("the connection broke before the answer was complete")]
    Http(#[source] hyper::Error),
    /// The page is larger than a login page can be, or broke off.
    #[error("the answer's body could not be read")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// Something else than a page answered.
    #[error("answered {0}")]
    Status(StatusCode),
    /// A page, but not the login page.
    #[error("answered 200 without a login form")]
    NoLoginForm,
}

impl ProbeError {
    /// What is counted.
    #[must_use]
    pub fn probed(&self) -> Probed {
        match self {
            Self::Connect { .. } => Probed::ConnectFailed,
            Self::Name(_) | Self::Tls(_) => Probed::TlsRefused,
            Self::Http(_) => Probed::ConnectionBroke,
            Self::Body(_) => Probed::BodyUnreadable,
            Self::Timeout(_) => Probed::TimedOut,
            Self::Status(_) => Probed::StatusNotOk,
            Self::NoLoginForm => Probed::NoLoginForm,
        }
    }
}

/// How long an answer may take. A tenant's limit for a request is much longer; a login page that takes
/// longer than this is none.
const TIMEOUT: Duration = Duration::from_secs(15);
const MAX_PAGE_BYTES: usize = 1 << 20;
const PATH: &str = "/web/login";

/// Asks at `door` for the login page of `hostname`.
///
/// # Errors
/// Whatever came instead of the login page.
pub async fn ask_for_login_page(door: &Door, hostname: &Hostname) -> Result<(), ProbeError> {
    tokio::time::timeout(TIMEOUT, ask(door, hostname))
        .await
        .unwrap_or(Err(ProbeError::Timeout(TIMEOUT)))
}

async fn ask(door: &Door, hostname: &Hostname) -> Result<(), ProbeError> {
    let stream = door.connect(hostname).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(ProbeError::Http)?;
    let driver = tokio::spawn(connection);
    let answer = sender
        .send_request(request(hostname))
        .await
        .map_err(ProbeError::Http)?;
    if answer.status() != StatusCode::OK {
        driver.abort();
        return Err(ProbeError::Status(answer.status()));
    }
    let body = Limited::new(answer.into_body(), MAX_PAGE_BYTES);
    let page = body.collect().await.map_err(ProbeError::Body)?.to_bytes();
    driver.abort();
    if is_login_page(&page) {
        Ok(())
    } else {
        Err(ProbeError::NoLoginForm)
    }
}

fn request(hostname: &Hostname) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = hyper::Uri::from_static(PATH);
    let headers = request.headers_mut();
    if let Ok(host) = header::HeaderValue::from_str(hostname.as_str()) {
        headers.insert(header::HOST, host);
    }
    headers.insert(
        header::USER_AGENT,
        header::HeaderValue::from_static("tenantry-probe"),
    );
    headers.insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    request
}

/// Odoo's login form has this class since version 8, with and without the website module.
fn is_login_page(page: &[u8]) -> bool {
    const FORM: &[u8] = b"oe_login_form";
    page.windows(FORM.len()).any(|window| window == FORM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpSocket};

    /// Answers one request with `answer` and returns what was asked.
    async fn probe_against(answer: &'static str) -> (Result<(), ProbeError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let door = Door::plain(&address);
        let result = ask_for_login_page(&door, &"shop.acme.example".parse().unwrap()).await;
        (result, server.await.unwrap())
    }

    #[tokio::test]
    async fn a_login_page_counts_and_is_asked_for_by_hostname() {
        let (result, asked) = probe_against(
            "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<form class=\"oe_login_form\">",
        )
        .await;
        result.unwrap();
        assert!(asked.starts_with("GET /web/login HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("host: shop.acme.example\r\n"), "{asked}");
    }

    #[tokio::test]
    async fn nothing_but_a_login_page_counts() {
        let (selector, _) =
            probe_against("HTTP/1.1 303 See Other\r\nlocation: /web/database/selector\r\n\r\n")
                .await;
        assert!(matches!(
            selector,
            Err(ProbeError::Status(StatusCode::SEE_OTHER))
        ));
        let (page, _) =
            probe_against("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<p>hello</p>").await;
        assert!(matches!(page, Err(ProbeError::NoLoginForm)));
        let (broken, _) =
            probe_against("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\noe_login_form").await;
        assert!(broken.is_err());
    }

    #[tokio::test]
    async fn an_ingress_that_is_away_is_told_as_that() {
        // Nobody else gets its port, and nobody listens on it.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let door = Door::plain(&address);
        let result = ask_for_login_page(&door, &"shop.acme.example".parse().unwrap()).await;
        assert!(matches!(result, Err(ProbeError::Connect { .. })));
    }
}
