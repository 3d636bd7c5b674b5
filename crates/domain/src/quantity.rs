//! Amounts of processor time, memory and storage.

use std::fmt;
use std::str::FromStr;

/// An amount in Kubernetes' notation, kept as it was written: `500m`, `2`, `512Mi`, `10Gi`.
///
/// Only notations that the API server stores unchanged are accepted, so that what was applied can
/// be compared with what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quantity {
    text: String,
    thousandths: u128,
}

/// The text is no [`Quantity`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a quantity: write a whole number followed by nothing, m, Mi, Gi or Ti")]
pub struct QuantityError(String);

impl Quantity {
    /// The quantity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Thousandths of a processor or of a byte.
    #[must_use]
    pub fn thousandths(&self) -> u128 {
        self.thousandths
    }

    /// So many thousandths of a processor or of a byte, in the notation of the API server.
    #[must_use]
    pub fn from_thousandths(thousandths: u128) -> Self {
        let text = if thousandths == 0 {
            "0".to_owned()
        } else if thousandths.is_multiple_of(MEBI) {
            shortest(thousandths / MEBI, 1024, &["Mi", "Gi", "Ti", "Pi"])
        } else {
            shortest(thousandths, 1000, &["m", "", "k", "M", "G", "T", "P"])
        };
        Self { text, thousandths }
    }
}

/// Thousandths in `1Mi`.
const MEBI: u128 = 1000 << 20;

/// `number` of the first unit, in the largest unit that leaves a whole number. A unit is `step`
/// of the one before.
fn shortest(mut number: u128, step: u128, units: &[&str]) -> String {
    let mut larger = units.iter();
    let mut unit = larger.next().copied().unwrap_or_default();
    while number.is_multiple_of(step)
        && let Some(next) = larger.next()
    {
        number /= step;
        unit = next;
    }
    format!("{number}{unit}")
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let (worth, step) = match unit {
            "m" => (1, 1000),
            "" => (1000, 1000),
            "Mi" => (MEBI, 1024),
            "Gi" => (MEBI << 10, 1024),
            "Ti" => (MEBI << 20, 1024),
            _ => return Err(QuantityError(text.to_owned())),
        };
        // 1000m is stored as 1, 1000 as 1k, 1024Mi as 1Gi; such a text would differ from itself
        // for ever.
        match number.parse::<u32>() {
            Ok(read) if read % step != 0 && !number.starts_with('0') => Ok(Self {
                text: text.to_owned(),
                thousandths: u128::from(read) * worth,
            }),
            _ => Err(QuantityError(text.to_owned())),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_the_api_server_stores_them() {
        for text in ["1", "250m", "1500m", "512Mi", "10Gi", "2Ti"] {
            assert!(text.parse::<Quantity>().is_ok(), "{text:?} was refused");
        }
        for text in [
            "", "0", "01", "1000m", "1000", "1024Mi", "1.5", "-1", "1 Gi", "1G", "Gi",
        ] {
            assert!(text.parse::<Quantity>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_computed_quantity_is_written_like_one_that_was_read() {
        for text in ["1", "250m", "1500m", "512Mi", "10Gi", "2Ti", "1025Mi"] {
            let read: Quantity = text.parse().unwrap();
            assert_eq!(Quantity::from_thousandths(read.thousandths()), read);
        }
        let sum = |texts: [&str; 2]| {
            let amounts = texts.map(|text| text.parse::<Quantity>().unwrap().thousandths());
            Quantity::from_thousandths(amounts.iter().sum()).to_string()
        };
        assert_eq!(sum(["500m", "500m"]), "1");
        assert_eq!(sum(["512Mi", "512Mi"]), "1Gi");
        assert_eq!(sum(["1Gi", "512Mi"]), "1536Mi");
        assert_eq!(sum(["999", "1"]), "1k");
        assert_eq!(sum(["1Gi", "1"]), "1073741825");
        assert_eq!(Quantity::from_thousandths(0).to_string(), "0");
    }
}
