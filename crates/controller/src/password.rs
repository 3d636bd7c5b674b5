//! Generated passwords.

use rand::RngExt as _;
use rand::distr::Alphanumeric;
use secrecy::SecretString;

const LENGTH: usize = 32;

/// A password of 32 letters and digits: 190 bits.
pub(crate) fn generate() -> SecretString {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(LENGTH)
        .map(char::from)
        .collect::<String>()
        .into()
}
