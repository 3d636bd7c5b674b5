//! Events of a watch that come late, twice, or never.

use std::time::Duration;

use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, BodyStream, StreamBody};
use hyper::body::{Bytes, Frame};
use kube::client::Body;
use serde_json::json;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What happens to a watch's events.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// Each comes this much later.
    Late(Duration),
    /// Each comes twice.
    Twice,
    /// After so many the watch breaks off.
    BreaksOff(usize),
    /// After so many the next is lost, and the watch has expired: whoever watches has to list anew,
    /// and never hears of what is gone by then.
    Expires(usize),
    /// The first that tells of a deletion is lost in the same way.
    ExpiresAtDeletion,
}

impl Trouble {
    /// Whether the watch ends instead of the event `line`, which comes after `before` others.
    fn ends_at(self, line: &[u8], before: usize) -> bool {
        match self {
            Self::Late(_) | Self::Twice => false,
            Self::BreaksOff(after) | Self::Expires(after) => before >= after,
            Self::ExpiresAtDeletion => line.starts_with(br#"{"type":"DELETED""#),
        }
    }

    fn expires(self) -> bool {
        matches!(self, Self::Expires(_) | Self::ExpiresAtDeletion)
    }
}

/// What the API server says when it has forgotten what was to be told.
fn expired() -> Bytes {
    let event = json!({"type": "ERROR", "object": {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "too old resource version", "reason": "Expired", "code": 410,
    }});
    Bytes::from(format!("{event}\n"))
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
            if trouble.ends_at(&line, events) {
                if trouble.expires() {
                    // Whoever has gone is told nothing.
                    _ = sender.send(Ok(Frame::data(expired()))).await;
                }
                return;
            }
            events += 1;
            if let Trouble::Late(time) = trouble {
                tokio::time::sleep(time).await;
            }
            let times = if let Trouble::Twice = trouble { 2 } else { 1 };
            for _ in 0..times {
                if sender.send(Ok(Frame::data(line.clone()))).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str =
        "{\"type\":\"ADDED\",\"n\":1}\n{\"type\":\"DELETED\",\"n\":2}\n{\"n\":3}\n";

    /// What comes of those events, one in a line.
    async fn seen(by: Trouble) -> String {
        let body = trouble(Body::from(EVENTS.as_bytes().to_vec()), by);
        let bytes = body.collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_watch_that_expires_loses_the_event_and_says_so() {
        let first = "{\"type\":\"ADDED\",\"n\":1}\n";
        for trouble in [Trouble::Expires(1), Trouble::ExpiresAtDeletion] {
            let text = seen(trouble).await;
            let rest = text.strip_prefix(first).unwrap();
            assert!(rest.starts_with("{\"object\":"), "{text}");
            assert!(rest.contains("\"code\":410") && rest.contains("\"type\":\"ERROR\""));
            assert_eq!(rest.lines().count(), 1, "{text}");
        }
    }

    #[tokio::test]
    async fn a_watch_that_breaks_off_says_nothing_and_others_say_all() {
        assert_eq!(seen(Trouble::BreaksOff(1)).await.lines().count(), 1);
        assert_eq!(seen(Trouble::Twice).await.lines().count(), 6);
        assert_eq!(seen(Trouble::Late(Duration::ZERO)).await, EVENTS);
    }
}
