//! Answers for the login pages of tenants whose pods do not run.

use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::Result;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// As much of Odoo's login page as a prober wants to see.
const PAGE: &[u8] = b"<form class=\"oe_login_form\">";

/// A server of login pages, which serves as long as it lives.
pub(super) struct Pages {
    pub(super) address: SocketAddr,
    _task: AbortOnDropHandle<()>,
}

impl Pages {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = AbortOnDropHandle::new(tokio::spawn(accept(listener)));
        Ok(Self {
            address,
            _task: task,
        })
    }
}

async fn accept(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // A prober that hangs up has seen enough.
            _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(answer))
                .await;
        });
    }
}

async fn answer(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(PAGE))))
}
