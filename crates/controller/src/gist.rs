//! What the end of a log says, in one line that may be shown to partners. Pure.

use secrecy::{ExposeSecret as _, SecretString};

const LENGTH_MAX: usize = 300;
/// Words of the line that says why.
const WHY: [&str; 3] = ["CRITICAL", "Error", "Exception"];

/// The last line of `log` that says why, or its last line, without any of `secrets`.
pub(crate) fn gist<'a>(log: &str, secrets: impl IntoIterator<Item = &'a SecretString>) -> String {
    let mut lines = log.lines().map(str::trim).filter(|line| !line.is_empty());
    let why = lines
        .clone()
        .rfind(|line| WHY.iter().any(|word| line.contains(word)));
    let mut line = why
        .or_else(|| lines.next_back())
        .unwrap_or_default()
        .to_owned();
    for secret in secrets {
        if !secret.expose_secret().is_empty() {
            line = line.replace(secret.expose_secret(), "***");
        }
    }
    line.chars().take(LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "2026-11-22 INFO loading\nTraceback (most recent call last):\n  File \"x\"\n\
                       psycopg2.OperationalError: password s3cret is wrong\nINFO shutting down\n\n";

    #[test]
    fn the_line_that_says_why_is_told_and_no_secret() {
        let secret = SecretString::from("s3cret");
        let told = gist(LOG, [&secret]);
        assert_eq!(told, "psycopg2.OperationalError: password *** is wrong");
    }

    #[test]
    fn without_such_a_line_the_last_one_is_told_and_not_all_of_a_long_one() {
        assert_eq!(gist("one\ntwo\n", []), "two");
        assert_eq!(gist("", []), "");
        assert_eq!(gist(&"x".repeat(1000), []).len(), LENGTH_MAX);
    }
}
