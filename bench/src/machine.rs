//! What the numbers were measured on.

use std::fs;
use std::process::Command;
use std::thread;

use bson::DateTime;
use serde::{Deserialize, Serialize};

use crate::fault::Result;

/// The machine and the versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// When, UTC.
    pub date: String,
    /// The processor's name.
    pub processor: String,
    /// How many of its cores there are.
    pub cores: usize,
    /// Memory, MiB.
    pub memory_mib: u64,
    /// The kernel's version.
    pub kernel: String,
    /// The database's version.
    pub mongod: String,
    /// The service's version and commit.
    pub service: String,
    /// The compiler's version.
    pub rustc: String,
}

/// Processor cores.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The same as a count.
pub fn count() -> u64 {
    u64::try_from(cores()).unwrap_or(1)
}

/// Memory, MiB.
pub fn memory_mib() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = info.lines().find_map(|line| line.strip_prefix("MemTotal:")).map(str::trim);
    kib.and_then(|kib| kib.split(' ').next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

impl Machine {
    /// This machine.
    ///
    /// # Errors
    ///
    /// If the kernel does not say what it is.
    pub fn here(mongod: String, service: &str) -> Result<Self> {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let name = info.lines().find_map(|line| line.strip_prefix("model name"));
        let name = name.map(|line| line.trim_start_matches([' ', '\t', ':']).to_owned());
        let commit = said("git", &["rev-parse", "--short", "HEAD"]);
        Ok(Self {
            date: DateTime::now().try_to_rfc3339_string()?,
            processor: name.unwrap_or_else(|| "unknown".to_owned()),
            cores: cores(),
            memory_mib: memory_mib(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            mongod,
            service: format!("{} ({commit})", said(service, &["--version"])),
            rustc: said("rustc", &["--version"]),
        })
    }
}

/// The first line a program says; programs that are not there say "unknown".
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let line = text.ok().and_then(|text| text.lines().next().map(str::to_owned));
    line.unwrap_or_else(|| "unknown".to_owned())
}
