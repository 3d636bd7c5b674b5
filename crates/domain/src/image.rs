//! Container image references that can never mean something else tomorrow.

use std::fmt;
use std::str::FromStr;

/// An image by digest: `repository@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ImageReference(String);

/// The text is no image by digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} does not name an image by digest: write REPOSITORY@sha256:<64 hexadecimal digits>")]
pub struct ImageError(String);

impl ImageReference {
    /// The reference as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ImageReference {
    type Err = ImageError;

    fn from_str(text: &str) -> Result<Self, ImageError> {
        let is_digest = |hex: &str| {
            hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        match text.split_once("@sha256:") {
            Some((repository, hex)) if !repository.is_empty() && is_digest(hex) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(ImageError(text.to_owned())),
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_names_an_image() {
        let digest = "0".repeat(64);
        assert!(
            format!("repo.example/odoo@sha256:{digest}")
                .parse::<ImageReference>()
                .is_ok()
        );
        for text in [
            "odoo",
            "odoo:19",
            "odoo@sha256:12",
            &format!("@sha256:{digest}"),
        ] {
            assert!(
                text.parse::<ImageReference>().is_err(),
                "{text:?} was accepted"
            );
        }
    }
}
