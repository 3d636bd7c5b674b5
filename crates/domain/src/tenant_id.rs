//! The identity of a tenant that outlives every name.

use std::fmt;
use std::str::FromStr;

/// Names a tenant's database, roles, backups and history. Minted once, never changed, and never
/// derived from a customer's name.
///
/// Its form is 16 characters of Crockford's base 32 in lower case (80 bits), which is valid in
/// labels, object names and SQL identifiers alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(String);

/// The text is no [`TenantId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a tenant id: 16 characters of Crockford's base 32 in lower case")]
pub struct TenantIdError(String);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 16;

impl TenantId {
    /// The id made of ten random bytes.
    #[must_use]
    pub fn from_bytes(random: [u8; 10]) -> Self {
        let mut bits = random
            .iter()
            .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
        let mut text = [0_u8; LENGTH];
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[(bits & 31) as usize];
            bits >>= 5;
        }
        Self(text.iter().map(|byte| char::from(*byte)).collect())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantId {
    type Err = TenantIdError;

    fn from_str(text: &str) -> Result<Self, TenantIdError> {
        if text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TenantIdError(text.to_owned()))
        }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_the_random_bytes_counts() {
        assert_eq!(TenantId::from_bytes([0; 10]).as_str(), "0000000000000000");
        assert_eq!(TenantId::from_bytes([255; 10]).as_str(), "zzzzzzzzzzzzzzzz");
        assert_eq!(
            TenantId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 33]).as_str(),
            "0000000000000011"
        );
    }

    #[test]
    fn an_id_is_read_back_and_anything_else_is_refused() {
        let id = TenantId::from_bytes([7; 10]);
        assert_eq!(id.as_str().parse(), Ok(id));
        for text in [
            "",
            "abc",
            "ZZZZZZZZZZZZZZZZ",
            "iiiiiiiiiiiiiiii",
            "0000000000000000 ",
        ] {
            assert!(text.parse::<TenantId>().is_err(), "{text:?} was accepted");
        }
    }
}
