//! The machine that was measured on.

use std::fs;

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    pub(crate) time: Timestamp,
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) memory_bytes: u64,
    pub(crate) kernel: String,
    /// Over 1, 5 and 15 minutes.
    pub(crate) load_average: String,
}

pub(crate) fn observe() -> Result<Machine> {
    let field = |file: &str, name: &str| -> Result<String> {
        let text = fs::read_to_string(file)?;
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line
            .and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim());
        Ok(value.unwrap_or_default().to_owned())
    };
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(Machine {
        time: Timestamp::now(),
        cores: std::thread::available_parallelism()?.get(),
        processor: field("/proc/cpuinfo", "model name")?,
        memory_bytes: kilobytes(&field("/proc/meminfo", "MemTotal")?),
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?
            .trim()
            .to_owned(),
        load_average: load.split(' ').take(3).collect::<Vec<_>>().join(" "),
    })
}

/// Resident memory of the processes that `is` recognises by command line and environment.
pub(crate) fn resident_bytes(is: impl Fn(&str, &str) -> bool) -> Vec<u64> {
    memory_of(is, "status", "VmRSS")
}

/// Proportional memory of such processes: what is shared counts once over all.
pub(crate) fn proportional_bytes(is: impl Fn(&str, &str) -> bool) -> Vec<u64> {
    memory_of(is, "smaps_rollup", "Pss")
}

fn memory_of(is: impl Fn(&str, &str) -> bool, file: &str, field: &str) -> Vec<u64> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let read = |process: &fs::DirEntry, file: &str| {
        fs::read(process.path().join(file))
            .map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "))
            .unwrap_or_default()
    };
    processes
        .filter(|process| is(&read(process, "cmdline"), &read(process, "environ")))
        .filter_map(|process| {
            let text = read(&process, file);
            let line = text
                .lines()
                .find(|line| line.split(':').next() == Some(field))?;
            Some(kilobytes(line.split_once(':')?.1.trim()))
        })
        .collect()
}

fn kilobytes(text: &str) -> u64 {
    let number = text.split(' ').next().unwrap_or_default();
    number.parse::<u64>().unwrap_or_default() * 1024
}
