//! Passwords on their way to a server: SCRAM verifiers for roles, Odoo's hash for people.
//!
//! Both take milliseconds to hundreds of milliseconds of a core: call them off the async threads.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 64;

/// What Odoo 19 asks for; it re-hashes at the first login when a hash has fewer.
const ROUNDS_OF_ODOO: u32 = 600_000;
/// Rounds slow down guessing, and nobody guesses 130 bits of randomness, so a generated password gets few.
/// The first login then costs what every login costs: Odoo verifies in few rounds and hashes once in many.
const ROUNDS_GENERATED: u32 = 10_000;
/// 22 random letters and digits hold 131 bits.
const GENERATED_MIN_CHARS: usize = 22;

/// The verifier that `CREATE ROLE … PASSWORD` takes in place of the clear text.
pub(crate) fn scram_verifier(password: &SecretString) -> String {
    postgres_protocol::password::scram_sha_256(password.expose_secret().as_bytes())
}

/// The hash Odoo stores in `res_users.password`, as its passlib would make it.
pub(crate) fn odoo_hash(password: &SecretString) -> String {
    let password = password.expose_secret();
    let mut salt = [0; SALT_BYTES];
    aws_lc_rs::rand::fill(&mut salt).expect("the system's random source answers");
    pbkdf2_sha512(password, &salt, rounds_for(password))
}

/// Few rounds only for what looks generated; a short password gets all of them.
fn rounds_for(password: &str) -> u32 {
    let generated = password.len() >= GENERATED_MIN_CHARS
        && password.bytes().all(|b| b.is_ascii_alphanumeric())
        && password.bytes().any(|b| b.is_ascii_digit())
        && password.bytes().any(|b| b.is_ascii_uppercase())
        && password.bytes().any(|b| b.is_ascii_lowercase());
    if generated {
        ROUNDS_GENERATED
    } else {
        ROUNDS_OF_ODOO
    }
}

fn pbkdf2_sha512(password: &str, salt: &[u8], rounds: u32) -> String {
    let iterations = NonZeroU32::new(rounds).expect("a constant above zero");
    let mut hash = [0; HASH_BYTES];
    let password = password.as_bytes();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        iterations,
        salt,
        password,
        &mut hash,
    );
    format!(
        "$pbkdf2-sha512${rounds}${}${}",
        adapted_base64(salt),
        adapted_base64(&hash)
    )
}

/// passlib's alphabet: base64 without padding, with `.` in place of `+`.
fn adapted_base64(bytes: &[u8]) -> String {
    STANDARD_NO_PAD.encode(bytes).replace('+', ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by passlib 1.7.4: `pbkdf2_sha512.using(rounds=…, salt=…).hash(…)`.
    #[test]
    fn hash_equals_passlibs() {
        let plain = pbkdf2_sha512("correct horse", b"0123456789abcdef", 10);
        assert_eq!(
            plain,
            "$pbkdf2-sha512$10$MDEyMzQ1Njc4OWFiY2RlZg$uGqSqWkeuzBXZf3sG2gLjhiZR9gSRGwJnKO0sP0c9Puw\
             vX0ZZU1yQuq0OpmbgKA0WFOhbS6ISOMADJTitE3lQg"
        );
        let salt: Vec<u8> = (240..=255).collect();
        assert_eq!(
            pbkdf2_sha512("pässwörd", &salt, 25_000),
            "$pbkdf2-sha512$25000$8PHy8/T19vf4.fr7/P3./w$5U5hgPWmzvVIJ3jjmgipUWXl/fJxnTcTjxoofJlahrhY\
             wLsjaixO4Nw7YgIiqmlkYo9XJL4CU5V14aII6nRFxA"
        );
    }

    #[test]
    fn hash_is_salted() {
        let password = SecretString::from("Kq3".repeat(10));
        assert_ne!(odoo_hash(&password), odoo_hash(&password));
        assert!(odoo_hash(&password).starts_with("$pbkdf2-sha512$10000$"));
    }

    #[test]
    fn only_generated_passwords_get_few_rounds() {
        assert_eq!(
            rounds_for("wA8mGd3LqYt5ZbX1RkP0cVnE7sHu9fJo"),
            ROUNDS_GENERATED
        );
        for password in [
            "hunter2",
            "correct horse battery staple",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(rounds_for(password), ROUNDS_OF_ODOO, "{password}");
        }
    }

    #[test]
    fn verifier_hides_the_password() {
        let verifier = scram_verifier(&SecretString::from("clear-text"));
        assert!(verifier.starts_with("SCRAM-SHA-256$4096:"), "{verifier}");
        assert!(!verifier.contains("clear-text"));
    }
}
