//! Events of a watch that come late, twice, or not at all before the watch breaks off.

use std::time::Duration;

use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use hyper::body::{Bytes, Frame};
use kube::client::Body;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What happens to a watch's events.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// Each comes this much later.
    Late(Duration),
    /// Each comes twice.
    Twice,
    /// After so many the watch breaks off, and what happens until the next one is not seen.
    BreaksOff(usize),
}

/// The body of a watch, with trouble.
pub(crate) fn trouble(body: Body, trouble: Trouble) -> UnsyncBoxBody<Bytes, BoxError> {
    let (sender, receiver) = mpsc::channel::<Result<Frame<Bytes>, BoxError>>(16);
    tokio::spawn(copy(body, trouble, sender));
    StreamBody::new(receiver).boxed_unsync()
}

async fn copy(
    body: Body,
    trouble: Trouble,
    mut sender: mpsc::Sender<Result<Frame<Bytes>, BoxError>>,
) {
    let mut frames = BodyStream::new(body);
    let mut pending = Vec::new();
    let mut events = 0;
    while let Some(Ok(frame)) = frames.next().await {
        let Ok(data) = frame.into_data() else {
            continue;
        };
        pending.extend_from_slice(&data);
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Bytes = pending.drain(..=end).collect();
            events += 1;
            let times = match trouble {
                Trouble::Late(time) => {
                    tokio::time::sleep(time).await;
                    1
                }
                Trouble::Twice => 2,
                Trouble::BreaksOff(after) if events > after => return,
                Trouble::BreaksOff(_) => 1,
            };
            for _ in 0..times {
                if sender.send(Ok(Frame::data(line.clone()))).await.is_err() {
                    return;
                }
            }
        }
    }
}
