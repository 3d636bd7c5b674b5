//! A websocket, as far as Odoo's bus needs one: text both ways, and pings answered (RFC 6455).

use anyhow::{Result, bail, ensure};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The frame is a whole message.
const FINAL: u8 = 0x80;
/// The payload is masked, as everything is that a client sends.
const MASKED: u8 = 0x80;
/// More than anything that Odoo sends.
const MAX_PAYLOAD: u64 = 1 << 20;

/// An open websocket.
#[derive(Debug)]
pub struct WebSocket<S = TokioIo<Upgraded>> {
    stream: S,
}

impl WebSocket {
    pub(crate) fn new(connection: Upgraded) -> Self {
        Self {
            stream: TokioIo::new(connection),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Sends a message.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(&mut self, text: &str) -> Result<()> {
        self.write(TEXT, text.as_bytes()).await
    }

    /// The next message.
    ///
    /// # Errors
    /// The connection broke, or the other side closed it; with what it said.
    pub async fn receive(&mut self) -> Result<String> {
        loop {
            let (opcode, payload) = self.read().await?;
            match opcode {
                TEXT => return Ok(String::from_utf8(payload)?),
                PING => self.write(PONG, &payload).await?,
                PONG => {}
                CLOSE => bail!("closed with {:?}", String::from_utf8_lossy(&payload)),
                opcode => bail!("a frame of kind {opcode}"),
            }
        }
    }

    async fn read(&mut self) -> Result<(u8, Vec<u8>)> {
        let head = self.stream.read_u8().await?;
        ensure!(head & FINAL != 0, "a message in pieces");
        let length = match self.stream.read_u8().await? {
            126 => self.stream.read_u16().await?.into(),
            127 => self.stream.read_u64().await?,
            length => length.into(),
        };
        ensure!(length <= MAX_PAYLOAD, "a frame of {length} bytes");
        let mut payload = vec![0; usize::try_from(length)?];
        self.stream.read_exact(&mut payload).await?;
        Ok((head & !FINAL, payload))
    }

    async fn write(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![FINAL | opcode];
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(length @ ..126), _) => frame.push(MASKED | length),
            (_, Ok(length)) => {
                frame.push(MASKED | 0x7e);
                frame.extend(length.to_be_bytes());
            }
            _ => bail!("{} bytes are too many", payload.len()),
        }
        // A mask of zeros leaves the payload as it is.
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await?;
        Ok(self.stream.flush().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_of_any_length_come_through_and_a_ping_is_answered() {
        let (here, mut there) = tokio::io::duplex(1 << 18);
        let mut socket = WebSocket { stream: here };
        there
            .write_all(&[FINAL | PING, 2, b'h', b'i'])
            .await
            .unwrap();
        there.write_all(&[FINAL | TEXT, 126, 1, 0]).await.unwrap();
        there.write_all(&[b'x'; 256]).await.unwrap();
        assert_eq!(socket.receive().await.unwrap(), "x".repeat(256));
        let mut pong = [0; 8];
        there.read_exact(&mut pong).await.unwrap();
        assert_eq!(pong, [FINAL | PONG, MASKED | 2, 0, 0, 0, 0, b'h', b'i']);

        socket.send(&"y".repeat(200)).await.unwrap();
        let mut frame = [0; 208];
        there.read_exact(&mut frame).await.unwrap();
        assert_eq!(
            frame[..8],
            [FINAL | TEXT, MASKED | 0x7e, 0, 200, 0, 0, 0, 0]
        );
        assert_eq!(frame[8..], [b'y'; 200]);
    }

    #[tokio::test]
    async fn a_close_is_told_with_its_reason() {
        let (here, mut there) = tokio::io::duplex(1 << 10);
        let mut socket = WebSocket { stream: here };
        there.write_all(&[FINAL | CLOSE, 3]).await.unwrap();
        there.write_all(b"bye").await.unwrap();
        let told = socket.receive().await.unwrap_err().to_string();
        assert!(told.contains("bye"), "{told}");
    }
}
