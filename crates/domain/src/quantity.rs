//! Amounts of processor time, memory and storage.

use std::fmt;
use std::str::FromStr;

/// An amount in Kubernetes' notation, kept as it was written: `500m`, `2`, `512Mi`, `10Gi`.
///
/// Only notations that the API server stores unchanged are accepted, so that what was applied can
/// be compared with what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quantity(String);

/// The text is no [`Quantity`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a quantity: write a whole number followed by nothing, m, Mi, Gi or Ti")]
pub struct QuantityError(String);

impl Quantity {
    /// The quantity as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The amount in thousandths, so that quantities of different units can be compared.
    #[must_use]
    pub fn thousandths(&self) -> u128 {
        let end = self.0.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
        let (number, unit) = self.0.split_at(end);
        let number: u128 = number.parse().unwrap_or_default();
        let factor = match unit {
            "m" => 1,
            "Mi" => 1000 << 20,
            "Gi" => 1000 << 30,
            "Ti" => 1000 << 40,
            _ => 1000,
        };
        number * factor
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let steps = match unit {
            "m" => 1000,
            "Mi" | "Gi" | "Ti" => 1024,
            "" => u32::MAX,
            _ => 0,
        };
        // 1000m is stored as 1, 1024Mi as 1Gi; such a text would differ from itself for ever.
        let canonical = !number.starts_with('0')
            && number
                .parse::<u32>()
                .is_ok_and(|number| steps != 0 && number % steps != 0);
        if canonical {
            Ok(Self(text.to_owned()))
        } else {
            Err(QuantityError(text.to_owned()))
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_of_different_units_can_be_compared() {
        let sizes = ["250m", "1", "1500m", "512Mi", "1Gi", "1536Mi", "2Gi", "1Ti"];
        let amounts = sizes.map(|text| text.parse::<Quantity>().unwrap().thousandths());
        assert!(amounts.is_sorted_by(|one, next| one < next), "{amounts:?}");
    }

    #[test]
    fn quantities_are_written_as_the_api_server_stores_them() {
        for text in ["1", "250m", "1500m", "512Mi", "10Gi", "2Ti"] {
            assert!(text.parse::<Quantity>().is_ok(), "{text:?} was refused");
        }
        for text in [
            "", "0", "01", "1000m", "1024Mi", "1.5", "-1", "1 Gi", "1G", "Gi",
        ] {
            assert!(text.parse::<Quantity>().is_err(), "{text:?} was accepted");
        }
    }
}
