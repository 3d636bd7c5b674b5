//! Where tenants are asked for their login page, and whether the way there is encrypted.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tenantry_domain::Hostname;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use crate::request::ProbeError;

/// The ingress, as it is reached from here.
#[derive(Clone)]
pub struct Door {
    address: String,
    tls: Option<TlsConnector>,
}

/// What cannot be verified with.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The text is no PEM.
    #[error("the authorities are not certificates in PEM")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// One of them cannot be trusted.
    #[error("an authority is not valid")]
    Authority(#[source] rustls::Error),
}

/// A connection, encrypted or not.
pub(crate) type Connection = Either<TcpStream, TlsStream<TcpStream>>;

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, tls } = self;
        write!(f, "Door({address}, encrypted: {})", tls.is_some())
    }
}

impl Door {
    /// Where requests are taken without TLS, `host:port`.
    #[must_use]
    pub fn plain(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            tls: None,
        }
    }

    /// Where they are taken with TLS, `host:port`. A hostname's certificate has to be valid for
    /// whoever trusts what browsers do, or `authorities`, in PEM.
    ///
    /// # Errors
    /// The authorities cannot be used.
    pub fn encrypted(address: &str, authorities: &str) -> Result<Self, DoorError> {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for authority in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
            let authority = authority.map_err(DoorError::Pem)?;
            roots.add(authority).map_err(DoorError::Authority)?;
        }
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            address: address.to_owned(),
            tls: Some(TlsConnector::from(Arc::new(config))),
        })
    }

    /// A connection for a request to `hostname`.
    pub(crate) async fn connect(&self, hostname: &Hostname) -> Result<Connection, ProbeError> {
        let connected = TcpStream::connect(&self.address).await;
        let stream = connected.map_err(|source| ProbeError::Connect {
            address: self.address.clone(),
            source,
        })?;
        let Some(tls) = &self.tls else {
            return Ok(Either::Left(stream));
        };
        let name = ServerName::try_from(hostname.to_string()).map_err(ProbeError::Name)?;
        let encrypted = tls.connect(name, stream).await;
        encrypted
            .map(Either::Right)
            .map_err(|error| ProbeError::Tls(timeless(error)))
    }
}

/// The same error without the times that rustls tells of a certificate: with them, a tenant would
/// be down for another reason at each attempt.
fn timeless(error: std::io::Error) -> std::io::Error {
    use rustls::{CertificateError, Error};

    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let plain = match cause {
        Some(Error::InvalidCertificate(CertificateError::ExpiredContext { .. })) => {
            CertificateError::Expired
        }
        Some(Error::InvalidCertificate(CertificateError::NotValidYetContext { .. })) => {
            CertificateError::NotValidYet
        }
        _ => return error,
    };
    std::io::Error::new(error.kind(), Error::InvalidCertificate(plain))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use rustls::pki_types::UnixTime;
    use rustls::{CertificateError, Error};

    use super::*;

    fn expired(now: u64) -> String {
        let at = |second| UnixTime::since_unix_epoch(Duration::from_secs(second));
        let problem = CertificateError::ExpiredContext {
            time: at(now),
            not_after: at(1),
        };
        let error = io::Error::other(Error::InvalidCertificate(problem));
        timeless(error).to_string()
    }

    #[test]
    fn an_expired_certificate_is_told_in_the_same_words_each_time() {
        assert_eq!(expired(100), expired(101));
        assert!(expired(100).contains("Expired"), "{}", expired(100));
    }

    #[test]
    fn other_errors_stay_as_they_are() {
        let error = || io::Error::new(io::ErrorKind::ConnectionReset, "reset");
        assert_eq!(timeless(error()).to_string(), error().to_string());
        assert_eq!(timeless(error()).kind(), error().kind());
    }
}
