//! Pages of a list: their size, and the opaque token of the next one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kube::api::ListParams;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The size of a page when none is asked for.
const DEFAULT_SIZE: u32 = 50;
/// The largest page: that many tenants fit into one message.
const MAX_SIZE: u32 = 500;

/// Which page of which list.
#[derive(Debug)]
pub(crate) struct Page {
    size: u32,
    list: String,
    continuation: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    list: String,
    continuation: String,
}

impl Page {
    /// The page that a request asks for. `list` names the list and its filters: a token of another
    /// one is refused.
    pub(crate) fn new(list: String, size: i32, token: &str) -> Result<Self, Refusal> {
        let size = match u32::try_from(size) {
            Ok(0) => DEFAULT_SIZE,
            Ok(size) => size.min(MAX_SIZE),
            Err(_) => {
                return Err(Refusal::field(
                    "page_size",
                    "PAGE_SIZE_INVALID",
                    format!("must not be negative, but is {size}"),
                ));
            }
        };
        let continuation = match token {
            "" => None,
            token => Some(read(token, &list)?),
        };
        Ok(Self {
            size,
            list,
            continuation,
        })
    }

    /// Whether this is the list's first page.
    pub(crate) fn is_first(&self) -> bool {
        self.continuation.is_none()
    }

    /// What to ask the API server for.
    pub(crate) fn parameters(&self) -> ListParams {
        let parameters = ListParams::default().limit(self.size);
        match &self.continuation {
            Some(continuation) => parameters.continue_token(continuation),
            None => parameters,
        }
    }

    /// The token of the page that begins at `continuation`.
    pub(crate) fn next_token(&self, continuation: Option<String>) -> String {
        let Some(continuation) = continuation.filter(|text| !text.is_empty()) else {
            return String::new();
        };
        let token = Token {
            list: self.list.clone(),
            continuation,
        };
        let json = serde_json::to_vec(&token).expect("two strings are always JSON");
        URL_SAFE_NO_PAD.encode(json)
    }
}

fn read(token: &str, list: &str) -> Result<String, Refusal> {
    let refusal = |message: &str| Refusal::field("page_token", "PAGE_TOKEN_INVALID", message);
    let token: Token = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| refusal("is not a token of ours; send next_page_token unchanged"))?;
    if token.list == list {
        Ok(token.continuation)
    } else {
        Err(refusal(
            "is of another list; send the same arguments as for the page before",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_the_next_page_of_the_same_list_only() {
        let first = Page::new("partners/acme".into(), 0, "").unwrap();
        assert!(first.is_first());
        assert_eq!(first.parameters().limit, Some(DEFAULT_SIZE));
        let token = first.next_token(Some("here".into()));
        let second = Page::new("partners/acme".into(), 1000, &token).unwrap();
        assert_eq!(second.parameters().continue_token.as_deref(), Some("here"));
        assert_eq!(second.parameters().limit, Some(MAX_SIZE));
        assert!(Page::new("partners/other".into(), 0, &token).is_err());
    }

    #[test]
    fn the_last_page_has_no_token() {
        let page = Page::new("x".into(), 10, "").unwrap();
        assert_eq!(page.next_token(None), "");
        assert_eq!(page.next_token(Some(String::new())), "");
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Page::new("x".into(), -1, "").is_err());
        assert!(Page::new("x".into(), 0, "nonsense").is_err());
    }
}
