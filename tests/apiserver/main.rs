//! The kinds on a real API server: samples, validation by every layer, immutability, documentation.

#[cfg(test)]
mod access;
#[cfg(test)]
mod admission;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod database_servers;
#[cfg(test)]
mod documentation;
#[cfg(test)]
mod hostnames;
#[cfg(test)]
mod immutability;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod protection;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod storm;
