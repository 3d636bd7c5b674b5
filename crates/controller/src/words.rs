//! Other people's words, made fit for a status. Pure.
//!
//! A status is written when it differs from what it was. A registry, a webhook or a kernel that
//! says the same trouble with another port or time at each attempt would have it written for ever.

const LONGEST: usize = 500;

/// `text` in one line of bounded length, without what differs between two attempts that fail alike:
/// times, the local end of connections, ids of requests.
pub(crate) fn settled(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().filter_map(steady).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn steady(word: &str) -> Option<&str> {
    // `10.0.0.7:43210->10.0.0.1:443`
    let word = word.rsplit("->").next().unwrap_or(word);
    let bare = word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    (!is_time(bare) && !is_request_id(bare)).then_some(word)
}

/// `2026-11-22`, `22:43:01,123` or both with a `T` between them.
fn is_time(word: &str) -> bool {
    let count = |separator: char| word.matches(separator).count();
    let digits_first = word.starts_with(|first: char| first.is_ascii_digit());
    digits_first
        && (count('-') >= 2 || count(':') >= 2)
        && word
            .chars()
            .all(|letter| letter.is_ascii_digit() || "-:.,+TZ".contains(letter))
}

/// `6f1c9a52-3c0e-4b5e-9d57-0a8f5c1b2d3e`
fn is_request_id(word: &str) -> bool {
    let groups: Vec<usize> = word.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12]
        && word
            .chars()
            .all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_attempts_that_fail_alike_are_told_alike() {
        for (one, other) in [
            (
                "read tcp 10.0.0.7:43210->10.0.0.1:443: connection reset by peer",
                "read tcp 10.0.0.7:51022->10.0.0.1:443: connection reset by peer",
            ),
            (
                "2026-11-22 22:43:01,123 CRITICAL no space left",
                "2026-11-22 22:48:07,001 CRITICAL no space left",
            ),
            (
                "denied, request id: 6f1c9a52-3c0e-4b5e-9d57-0a8f5c1b2d3e",
                "denied, request id: 11111111-3c0e-4b5e-9d57-0a8f5c1b2d3e",
            ),
            (
                "at 2026-11-22T22:43:01.5Z: gone",
                "at 2026-11-22T22:53:01Z: gone",
            ),
        ] {
            assert_eq!(settled(one), settled(other));
        }
    }

    #[test]
    fn what_names_the_trouble_stays() {
        for words in [
            "odoo@sha256:0123: not found",
            "dial tcp 10.0.0.1:443: connect: connection refused",
            "limited: pods=1,requests.cpu=500m",
        ] {
            assert_eq!(settled(words), words);
        }
        assert_eq!(
            settled("read tcp 10.0.0.7:43210->10.0.0.1:443: reset"),
            "read tcp 10.0.0.1:443: reset"
        );
    }

    #[test]
    fn much_in_many_lines_becomes_one_line_of_bounded_length() {
        assert_eq!(settled("a\n\tb  c\n"), "a b c");
        let long = settled(&"wörd ".repeat(500));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }
}
