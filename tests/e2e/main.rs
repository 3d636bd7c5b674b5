//! Tenants on a real kubelet, with a real PostgreSQL and a real Odoo, as users see them.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod baseline;
#[cfg(test)]
mod beginnings;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod events;
#[cfg(test)]
mod external;
#[cfg(test)]
mod hardship;
#[cfg(test)]
mod hostnames;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod images;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod login;
#[cfg(test)]
mod losses;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod release;
#[cfg(test)]
mod repair;
#[cfg(test)]
mod restarts;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod sickness;
#[cfg(test)]
mod story;
#[cfg(test)]
mod updates;
