//! What the generator is told, and what it answers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fault::Result;

/// One order.
#[derive(Serialize, Deserialize)]
pub enum Order {
    /// Send requests.
    Load(Plan),
    /// Compute hashes, with no server at all.
    Hash(HashPlan),
}

/// Requests to be sent.
#[derive(Clone, Serialize, Deserialize)]
pub struct Plan {
    /// To whom.
    pub address: SocketAddr,
    /// The file of requests, as [`write_requests`] wrote it.
    pub requests: PathBuf,
    /// Whether to begin again at the end of the file; else the end of it ends the load.
    pub again: bool,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// How long answers count. What is under way then is waited for, and does not.
    pub millis: u64,
    /// Statuses that may be answered; any other makes the round worthless.
    pub expected: Vec<u16>,
    /// Requests a second in all, where the load is paced; else as many as are answered. A paced
    /// request's latency runs from the moment it was due, so waiting for a slow one counts.
    pub pace: Option<f64>,
}

/// Hashes to be computed.
#[derive(Clone, Serialize, Deserialize)]
pub struct HashPlan {
    /// Threads.
    pub threads: usize,
    /// For how long.
    pub millis: u64,
}

/// What came of an order. Times are microseconds.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Answers within the time.
    pub counted: u64,
    /// Answers in all.
    pub answered: u64,
    /// How long those counted took in all.
    pub micros: u64,
    /// Half of the latencies are below.
    pub p50: u64,
    /// 99 of 100 are.
    pub p99: u64,
    /// 999 of 1,000 are.
    pub p999: u64,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, u64>,
    /// The first thing that should not have happened.
    pub unexpected: Option<String>,
}

impl Outcome {
    /// Nothing, and why.
    pub fn failed(why: &str) -> Self {
        Self { unexpected: Some(why.to_owned()), ..Self::default() }
    }
}

/// Writes requests, each after its length.
pub fn write_requests(path: &Path, requests: &[Vec<u8>]) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for request in requests {
        file.write_all(&u32::try_from(request.len())?.to_be_bytes())?;
        file.write_all(request)?;
    }
    Ok(file.flush()?)
}

/// Reads them.
pub fn read_requests(path: &Path) -> Result<Vec<Vec<u8>>> {
    let bytes = std::fs::read(path)?;
    let mut rest = bytes.as_slice();
    let mut requests = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length))?;
        let Some((request, after)) = after.split_at_checked(length) else {
            break;
        };
        requests.push(request.to_vec());
        rest = after;
    }
    Ok(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_as_they_were_written() {
        let path = std::env::temp_dir().join(format!("twofold-bench-{}", std::process::id()));
        let requests = vec![b"one".to_vec(), Vec::new(), vec![0; 300]];
        write_requests(&path, &requests).unwrap();
        assert_eq!(read_requests(&path).unwrap(), requests);
        std::fs::remove_file(path).unwrap();
    }
}
