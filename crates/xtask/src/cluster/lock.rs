//! Only one command changes the local cluster at a time.

use std::fs::{File, TryLockError};

use anyhow::{Context as _, Result, bail};

use super::place::Place;

/// Held until it is dropped; the kernel releases it when the process is killed.
pub(crate) struct Lock(#[expect(dead_code, reason = "open is what it has to be")] File);

/// Takes the lock or says that somebody else has it.
pub(crate) fn take(place: &Place, command: &str) -> Result<Lock> {
    let path = place.cache.join("xtask.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "another `cargo xtask` is working on the cluster: wait until it is done, then repeat `{command}`"
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}
