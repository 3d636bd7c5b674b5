//! Lists as they were answered before: a cache that is filled from one knows the past, and hears of
//! the rest by its watch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt as _, Full};
use hyper::Response;
use hyper::body::Bytes;
use kube::client::Body;

use crate::proxy::{Answer, Seen};

/// The last answer to each list.
#[derive(Clone, Default)]
pub(crate) struct Past(Arc<Mutex<HashMap<String, Response<Bytes>>>>);

impl Past {
    /// The answer from before, if there is one.
    pub(crate) fn answer(&self, seen: &Seen) -> Option<Answer> {
        self.locked().get(&key(seen)).cloned().map(whole)
    }

    /// Keeps an answer, and gives it.
    pub(crate) async fn keep(&self, seen: &Seen, answer: Response<Body>) -> kube::Result<Answer> {
        let (parts, body) = answer.into_parts();
        let body = body.collect().await?.to_bytes();
        let answer = Response::from_parts(parts, body);
        self.locked().insert(key(seen), answer.clone());
        Ok(whole(answer))
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Response<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(seen: &Seen) -> String {
    format!("{}?{}", seen.path, seen.query)
}

fn whole(answer: Response<Bytes>) -> Answer {
    answer.map(|body| Full::new(body).map_err(Into::into).boxed_unsync())
}
