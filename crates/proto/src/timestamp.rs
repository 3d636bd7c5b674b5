//! `google.protobuf.Timestamp` whose JSON form is the canonical one, in UTC with a `Z`.

use jiff::{SignedDuration, Timestamp as Instant};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, prost::Message)]
pub struct Timestamp {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds since that second.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// The numbers are not a time that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time between the years -9999 and 9999")]
pub struct TimestampError;

impl prost::Name for Timestamp {
    const PACKAGE: &'static str = "google.protobuf";
    const NAME: &'static str = "Timestamp";
}

impl From<Instant> for Timestamp {
    fn from(time: Instant) -> Self {
        let since = time.duration_since(Instant::UNIX_EPOCH);
        let borrow = i64::from(since.subsec_nanos() < 0);
        Self {
            seconds: since.as_secs() - borrow,
            nanos: since.subsec_nanos() + i32::try_from(borrow).unwrap_or(0) * 1_000_000_000,
        }
    }
}

impl TryFrom<Timestamp> for Instant {
    type Error = TimestampError;

    fn try_from(time: Timestamp) -> Result<Self, TimestampError> {
        Self::UNIX_EPOCH
            .checked_add(SignedDuration::new(time.seconds, time.nanos))
            .map_err(|_| TimestampError)
    }
}

/// The fraction has 0, 3, 6 or 9 digits, as the JSON form of protobuf asks.
fn digits(nanos: i32) -> usize {
    match nanos {
        0 => 0,
        _ if nanos % 1_000_000 == 0 => 3,
        _ if nanos % 1_000 == 0 => 6,
        _ => 9,
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = Instant::try_from(*self).map_err(serde::ser::Error::custom)?;
        let digits = digits(self.nanos);
        serializer.collect_str(&format_args!("{time:.digits$}"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse::<Instant>()
            .map(Self::from)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_is_canonical() {
        for text in [
            "2026-11-22T19:40:05Z",
            "2026-11-22T19:40:05.120Z",
            "2026-11-22T19:40:05.123456Z",
            "1969-12-31T23:59:59.999999999Z",
        ] {
            let time: Timestamp = serde_json::from_value(text.into()).unwrap();
            assert!((0..1_000_000_000).contains(&time.nanos), "{time:?}");
            assert_eq!(serde_json::to_value(time).unwrap(), text);
        }
        let time: Timestamp = serde_json::from_value("2026-11-22T20:40:05+01:00".into()).unwrap();
        assert_eq!(serde_json::to_value(time).unwrap(), "2026-11-22T19:40:05Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert!(serde_json::from_value::<Timestamp>("yesterday".into()).is_err());
        let far = Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        };
        assert!(serde_json::to_value(far).is_err());
    }
}
