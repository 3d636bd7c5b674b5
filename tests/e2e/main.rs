//! Tenants on a real kubelet, with a real PostgreSQL and a real Odoo, as users see them.

#[cfg(test)]
mod baseline;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod login;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod secrecy;
