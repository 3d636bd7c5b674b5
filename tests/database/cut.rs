//! A wire to PostgreSQL that is cut at the nth statement.
//!
//! It stands for a worker that is killed: its connections end, at once and all of them, and what the server
//! was told before is still done. The crate under test knows nothing of it.
//! It reads the frontend's messages: a type byte and a length, but for the first of a connection, which has no type.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use tenantry_database::Endpoint;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The statement never reaches the server.
    Before,
    /// The statement is done, its answer never arrives.
    After,
}

struct Wire {
    cut: Cut,
    left: AtomicU32,
    dead: watch::Sender<bool>,
}

/// Listens on a port of its own; from the nth statement on, nothing passes.
pub async fn wire(server: &Endpoint, cut: Cut, statement: u32) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let upstream = server.to_string();
    let wire = Arc::new(Wire {
        cut,
        left: AtomicU32::new(statement),
        dead: watch::Sender::new(false),
    });
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            if !*wire.dead.borrow() {
                let server = TcpStream::connect(&upstream)
                    .await
                    .expect("the server answers");
                tokio::spawn(carry(client, server, Arc::clone(&wire)));
            }
        }
    });
    Endpoint {
        host: "127.0.0.1".to_owned(),
        port,
        tls: server.tls.clone(),
    }
}

async fn carry(client: TcpStream, server: TcpStream, wire: Arc<Wire>) {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    let mut dead = wire.dead.subscribe();
    let answers = tokio::spawn(async move {
        tokio::select! {
            _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
            _ = dead.wait_for(|dead| *dead) => {}
        }
    });
    let mut dead = wire.dead.subscribe();
    tokio::select! {
        _ = requests(from_client, to_server, &wire) => {}
        _ = dead.wait_for(|dead| *dead) => {}
    }
    answers.abort();
}

async fn requests(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    wire: &Wire,
) -> std::io::Result<()> {
    let length = client.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    client.read_exact(&mut body).await?;
    server.write_u32(length).await?;
    server.write_all(&body).await?;
    loop {
        let kind = client.read_u8().await?;
        let length = client.read_u32().await?;
        let mut body = vec![0; length as usize - 4];
        client.read_exact(&mut body).await?;
        // A simple query, or the execution of a prepared one.
        let last = matches!(kind, b'Q' | b'E') && wire.left.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && wire.cut == Cut::Before {
            wire.dead.send_replace(true);
            return Ok(());
        }
        server.write_u8(kind).await?;
        server.write_u32(length).await?;
        server.write_all(&body).await?;
        if last {
            if kind == b'E' {
                // Without a Sync the server would not finish what it executed.
                server.write_all(&[b'S', 0, 0, 0, 4]).await?;
            }
            server.shutdown().await?;
            wire.dead.send_replace(true);
            return Ok(());
        }
    }
}
