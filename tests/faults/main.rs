//! What hurts the control plane, and that nothing comes of it: killed after every write, lied to,
//! doubled, and left alone by what it stands on.
//!
//! The installed tenantryd is stopped and the same program runs as a process of the suite, between
//! which and the API server stands a proxy. One test at a time: there is one control plane.

#[cfg(test)]
mod chaos;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod daemon;
#[cfg(test)]
mod double;
#[cfg(test)]
mod encryption;
#[cfg(test)]
mod end_state;
#[cfg(test)]
mod missing;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod orphans;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod past;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod release;
#[cfg(test)]
mod rendering;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod unseen;
#[cfg(test)]
mod victim;
#[cfg(test)]
mod watch_stream;
#[cfg(test)]
mod writes;
