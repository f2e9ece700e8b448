//! What a process of this machine uses.

use std::fs;

/// Its resident memory in MiB; 0 if it has ended.
#[must_use]
pub fn resident_mib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib = line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default();
    kib / 1024
}

/// How many sockets and files it has open.
#[must_use]
pub fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}
