//! Malformed requests, by the million, on raw connections.

mod heads;
mod payloads;
mod requests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use local_mongod::Mongod;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Machine;
use crate::dice::Dice;
use crate::instances::Instances;
use crate::ledger::{Ledger, watch_for_stalls};
use crate::process::resident_mib;
use crate::report::here;
pub use requests::{Sent, connection};

/// Connections that are open at the same time.
const AT_ONCE: u64 = 96;
/// Every connection ends within this: the service closes one that is late after a second.
const DEADLINE: Duration = Duration::from_secs(20);
/// Short timeouts, so that unfinished requests do not take long.
const SETTINGS: [(&str, &str); 5] = [
    ("HEAD_TIMEOUT", "1s"),
    ("BODY_TIMEOUT", "1s"),
    ("KEEP_ALIVE", "1s"),
    ("WRITE_TIMEOUT", "2s"),
    ("LOG", "error,twofold::cli::serve=info"),
];
/// Parts of a run after which memory is measured.
const PARTS: u64 = 20;
/// Parts in which memory may still grow: pools and caches fill.
const WARM: usize = 4;
/// What memory may differ by afterwards.
const FLAT_MIB: u64 = 16;

/// What became of many malformed requests.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The seed of the run.
    pub seed: u64,
    /// Requests.
    pub requests: u64,
    /// Connections.
    pub connections: u64,
    /// Seconds.
    pub seconds: f64,
    /// Answers of each status.
    pub statuses: BTreeMap<u16, u64>,
    /// Connections that ended without an answer.
    pub unanswered: u64,
    /// The longest connection, in seconds.
    pub longest: f64,
    /// Resident memory of the service in the course of the run, in MiB.
    pub memory: Vec<u64>,
    /// Connections that were late while the machine stalled the client too, and the longest stall in seconds.
    pub stalls: (u64, f64),
    /// Panics of the framework at a header's name of 64 KiB, each of which closed its connection.
    pub panics_of_framework: usize,
    /// Broken promises.
    pub broken: Vec<String>,
}

#[derive(Default)]
struct Part {
    connections: u64,
    statuses: BTreeMap<u16, u64>,
    unanswered: u64,
    longest: Duration,
    broken: Vec<String>,
}

/// Sends at least `count` requests, the same for the same seed.
pub async fn run(program: &Path, folder: &Path, seed: u64, count: u64) -> (Machine, Outcome) {
    let mongod = Mongod::temporary(folder).start().await.unwrap();
    let machine = here(&mongod.uri(), program).await;
    let folder = folder.canonicalize().unwrap();
    let instances = Instances::start(program, 1, &mongod.uri(), &folder, &SETTINGS).await;
    let (address, process) = (instances.address(0).unwrap(), instances.pid(0).unwrap());
    let ledger = Arc::<Ledger>::default();
    let stalls = tokio::spawn(watch_for_stalls(Arc::clone(&ledger)));
    let begun = Instant::now();
    let mut outcome = Outcome { seed, ..Outcome::default() };
    let next = Arc::new(AtomicU64::new(0));
    for part in 1..=PARTS {
        let until = count * part / PARTS;
        let sent = Arc::new(AtomicU64::new(outcome.requests));
        let mut senders = JoinSet::new();
        for _ in 0..AT_ONCE {
            let shared = Shared {
                address,
                seed,
                next: Arc::clone(&next),
                sent: Arc::clone(&sent),
                ledger: Arc::clone(&ledger),
            };
            senders.spawn(shared.send(until));
        }
        senders.join_all().await.into_iter().for_each(|part| outcome.add(part));
        outcome.requests = sent.load(Ordering::Relaxed);
        outcome.memory.push(resident_mib(process));
    }
    outcome.seconds = begun.elapsed().as_secs_f64();
    stalls.abort();
    let (excused, longest) = ledger.stalls();
    outcome.stalls = (excused, longest.as_secs_f64());
    outcome.judge();
    let log = instances.log(0);
    let lines: Vec<&str> = log.lines().collect();
    for (place, _) in lines.iter().enumerate().filter(|(_, line)| line.contains("panicked")) {
        // The message is in the next line.
        let panic = lines[place..].iter().take(2).copied().collect::<Vec<_>>().join(" ");
        if panic.contains("/h1/decoder.rs:") && panic.ends_with("InvalidHeaderName") {
            outcome.panics_of_framework += 1;
        } else {
            outcome.broken.push(panic);
        }
    }
    (machine, outcome)
}

/// What senders share.
struct Shared {
    address: SocketAddr,
    seed: u64,
    next: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
    ledger: Arc<Ledger>,
}

impl Shared {
    /// Opens connections, one after the other, until enough requests were sent.
    async fn send(self, until: u64) -> Part {
        let mut part = Part::default();
        while self.sent.load(Ordering::Relaxed) < until {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let seed = self.seed.wrapping_mul(1 << 32).wrapping_add(number);
            let connection = connection(&mut Dice::new(seed));
            self.sent.fetch_add(connection.requests, Ordering::Relaxed);
            let begun = Instant::now();
            let answers = timeout(DEADLINE, exchange(self.address, &connection)).await;
            part.connections += 1;
            match answers {
                Ok(answers) => {
                    part.longest = part.longest.max(begun.elapsed());
                    part.note(number, &connection, &answers);
                }
                Err(_) if self.ledger.excuse(begun, DEADLINE) => {}
                Err(_) => part.broken.push(format!("{number}: {} hangs", connection.what)),
            }
        }
        part
    }
}

/// Sends everything and reads until the service closes the connection.
async fn exchange(address: SocketAddr, connection: &Sent) -> Vec<u8> {
    let mut answers = Vec::new();
    // An error is the end of the connection: the service may close it while it is sent too much.
    let exchanged = async {
        let stream = TcpStream::connect(address).await?;
        let (mut reader, mut writer) = stream.into_split();
        let write = async {
            writer.write_all(&connection.bytes).await?;
            if connection.is_cut { writer.shutdown().await } else { Ok(()) }
        };
        let (_written, read) = tokio::join!(write, reader.read_to_end(&mut answers));
        read
    };
    let _closed = exchanged.await;
    answers
}

impl Part {
    fn note(&mut self, number: u64, connection: &Sent, answers: &[u8]) {
        let before = self.statuses.values().sum::<u64>();
        for place in answers.windows(9).enumerate().filter(|(_, part)| part == b"HTTP/1.1 ") {
            let digits = answers.get(place.0 + 9..place.0 + 12).unwrap_or_default();
            let status = str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u16>().ok());
            let Some(status) = status else { continue };
            *self.statuses.entry(status).or_default() += 1;
            if status >= 500 && status != 503 {
                self.broken.push(format!("{number}: {} is answered {status}", connection.what));
            }
        }
        if self.statuses.values().sum::<u64>() == before {
            self.unanswered += 1;
        }
    }
}

impl Outcome {
    fn add(&mut self, part: Part) {
        self.connections += part.connections;
        self.unanswered += part.unanswered;
        self.longest = self.longest.max(part.longest.as_secs_f64());
        self.broken.extend(part.broken);
        for (status, count) in part.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    fn judge(&mut self) {
        let warm = self.memory.iter().take(WARM).max().copied().unwrap_or_default();
        let last = self.memory.last().copied().unwrap_or_default();
        if last == 0 {
            self.broken.push("the service has ended".to_owned());
        }
        if last > warm + FLAT_MIB {
            self.broken.push(format!("memory grew from {warm} to {last} MiB"));
        }
        let answers: u64 = self.statuses.values().sum();
        if answers < self.connections / 2 {
            self.broken.push(format!("only {answers} answers to {}", self.connections));
        }
    }
}
