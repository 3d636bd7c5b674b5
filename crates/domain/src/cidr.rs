//! Ranges of IP addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of IP addresses, such as `10.0.0.0/8`.
///
/// Only the canonical notation is accepted, in which the same range is always the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

/// The text is no [`Cidr`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a range of IP addresses: write its first address and the length of its prefix, \
     such as 10.0.0.0/8"
)]
pub struct CidrError(String);

impl Cidr {
    /// The bits of the address beyond the prefix.
    fn rest(&self) -> Option<u128> {
        let (bits, length) = match self.address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let free = u32::checked_sub(length, self.prefix.into())?;
        Some(1_u128.checked_shl(free).map_or(bits, |size| bits % size))
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let range = text.split_once('/').and_then(|(address, prefix)| {
            Some(Self {
                address: address.parse().ok()?,
                prefix: prefix.parse().ok()?,
            })
        });
        range
            .filter(|range| range.rest() == Some(0) && range.to_string() == text)
            .ok_or_else(|| CidrError(text.to_owned()))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_its_first_address_and_the_length_of_its_prefix() {
        for text in [
            "10.0.0.0/8",
            "10.88.0.1/32",
            "0.0.0.0/0",
            "fc00::/7",
            "::/0",
            "::1/128",
        ] {
            let range = text.parse::<Cidr>();
            assert_eq!(range.map(|range| range.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "10.0.0.0",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.1/8",
            "10.0.0/8",
            "fc00::1/7",
            "FC00::/7",
            "::/129",
            "example.com/8",
        ] {
            assert!(text.parse::<Cidr>().is_err(), "{text:?} was accepted");
        }
    }
}
