//! What every error of ours says beside its text: whose fault it is, and whether a retry helps.

use std::fmt;
use std::time::Duration;

/// Who has to act for the error to go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The one who wrote the spec or made the call.
    Caller,
    /// The one who runs the platform: a server away, a quota, a missing class.
    Platform,
    /// Tenantry itself: a bug.
    Tenantry,
    /// No one: something is in use for a moment.
    Nobody,
}

/// Whether and when the same attempt may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before something it depends on has changed.
    OnChange,
    /// Later, with growing delays.
    Backoff,
    /// After this time, which is known to be enough.
    After(Duration),
}

/// Who has to act, as it ends a sentence.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Caller => "for the partner to mend",
            Self::Platform => "for the platform to mend",
            Self::Tenantry => "a bug of Tenantry, to be reported",
            Self::Nobody => "it passes by itself",
        })
    }
}

/// When the next attempt comes, as it ends a sentence. It counts nothing down, so that two attempts
/// that fail alike are told alike.
impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnChange => f.write_str("waits for a change of what it depends on"),
            Self::Backoff => f.write_str("tried again within a minute"),
            Self::After(time) if time.as_secs() < 120 => {
                write!(f, "tried again within {} s", time.as_secs())
            }
            Self::After(time) => write!(f, "tried again within {} minutes", time.as_secs() / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_with_who_acts_and_when_it_is_tried_again() {
        let told = |fault: Fault, retry: Retry| format!("({fault}; {retry})");
        assert_eq!(
            told(Fault::Platform, Retry::Backoff),
            "(for the platform to mend; tried again within a minute)"
        );
        assert_eq!(
            told(Fault::Caller, Retry::OnChange),
            "(for the partner to mend; waits for a change of what it depends on)"
        );
        for (seconds, end) in [
            (1, "1 s"),
            (119, "119 s"),
            (120, "2 minutes"),
            (1000, "16 minutes"),
        ] {
            let retry = Retry::After(Duration::from_secs(seconds));
            assert_eq!(retry.to_string(), format!("tried again within {end}"));
        }
    }
}
