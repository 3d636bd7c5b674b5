//! One request, as a user's browser would make it through the local ingress.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::install::INGRESS_PORT;

const PATIENCE: Duration = Duration::from_secs(30);

/// The status with which `host` answers a GET of `path`.
pub(crate) fn get_status(host: &str, path: &str) -> Result<u16> {
    let ingress = SocketAddr::from((Ipv4Addr::LOCALHOST, INGRESS_PORT));
    let mut connection = TcpStream::connect_timeout(&ingress, PATIENCE)
        .context("the ingress does not answer on 127.0.0.1:8080")?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}:{INGRESS_PORT}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    text.split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .with_context(|| format!("{host} answers something that is not HTTP"))
}
