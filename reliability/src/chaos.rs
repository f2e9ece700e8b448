//! Faults, one after the other, while people use the service.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Machine;
use crate::client::Client;
use crate::cluster::Cluster;
use crate::instances::Instances;
use crate::ledger::{Counts, Ledger, watch_for_stalls};
use crate::mailbox::Mailbox;
use crate::process::resident_mib;
use crate::report::here;

/// A process may have several, each with mail of its own.
static STAGES: AtomicU32 = AtomicU32::new(0);

/// The service is back within this.
pub const BACK_WITHIN: Duration = Duration::from_secs(15);
/// It is back if every request has been answered for this long.
const CALM: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// What a message of a slow `mongod` takes longer.
const SLOW: Duration = Duration::from_millis(100);

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The primary is killed (SIGKILL).
    KillPrimary,
    /// The primary is paused (SIGSTOP).
    PausePrimary,
    /// Connections to the primary drop everything.
    CutPrimary,
    /// An instance of the service is killed (SIGKILL).
    KillInstance,
    /// No member can write to its disk.
    FullDisks,
    /// Every message to `mongod` takes 100 ms longer.
    SlowDatabase,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 6] = [
        Self::KillPrimary,
        Self::PausePrimary,
        Self::CutPrimary,
        Self::KillInstance,
        Self::FullDisks,
        Self::SlowDatabase,
    ];

    /// What happens.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KillPrimary => "the primary is killed",
            Self::PausePrimary => "the primary is paused",
            Self::CutPrimary => "the primary is cut off",
            Self::KillInstance => "an instance of the service is killed",
            Self::FullDisks => "every disk is full",
            Self::SlowDatabase => "every database operation takes 100 ms longer",
        }
    }

    /// Whether the service must answer while the fault lasts.
    fn is_survived(self) -> bool {
        self != Self::FullDisks
    }
}

/// Everything that runs.
pub struct Stage {
    /// The database.
    pub cluster: Cluster,
    /// The service.
    pub instances: Arc<Instances>,
    /// What clients were answered.
    pub ledger: Arc<Ledger>,
    /// The mail that was sent.
    pub mailbox: Arc<Mailbox>,
    mail: PathBuf,
    stalls: JoinHandle<()>,
}

/// What happened during a fault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Phase {
    /// The fault.
    pub fault: String,
    /// Requests.
    pub requests: u64,
    /// Acknowledged writes.
    pub writes: u64,
    /// Unknown outcomes.
    pub unclear: u64,
    /// Statuses, and how often each was answered.
    pub statuses: String,
    /// Seconds until every request was answered again, after the fault began; `None` if that is not promised.
    pub back: Option<f64>,
    /// The same, after the fault was repaired.
    pub back_after_repair: f64,
}

impl Stage {
    /// Starts a replica set and two instances, with some settings changed. Data are in `folder` as long as this value exists.
    pub async fn set(program: &Path, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let folder = &folder.canonicalize().unwrap();
        let number = STAGES.fetch_add(1, Ordering::Relaxed);
        let mail = folder.join(format!("mail-{}-{number}", std::process::id()));
        let _absent = fs::remove_dir_all(&mail);
        fs::create_dir_all(&mail).unwrap();
        let cluster = Cluster::start(folder).await;
        let instances = Instances::start(program, 2, &cluster.uri(), &mail, settings).await;
        let ledger = Arc::default();
        let stalls = tokio::spawn(watch_for_stalls(Arc::clone(&ledger)));
        Self {
            cluster,
            instances: Arc::new(instances),
            ledger,
            stalls,
            mailbox: Arc::new(Mailbox::of(&mail)),
            mail,
        }
    }

    /// What this runs on.
    pub async fn machine(&self, program: &Path) -> Machine {
        here(&self.cluster.uri(), program).await
    }

    /// A client of both instances.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(Arc::clone(&self.instances), Arc::clone(&self.ledger))
    }

    /// Resident memory of the instances, in MiB.
    #[must_use]
    pub fn memory(&self) -> Vec<u64> {
        let pids = (0..self.instances.count()).filter_map(|number| self.instances.pid(number));
        pids.map(resident_mib).collect()
    }

    /// Waits while nothing fails, and returns the memory of the instances.
    pub async fn calm(&self, time: Duration) -> Vec<u64> {
        sleep(time).await;
        self.memory()
    }

    /// Causes a fault, waits until the service is back, repairs it, and waits again.
    pub async fn cause(&mut self, fault: Fault, at_least: Duration) -> Phase {
        let before = self.ledger.counts();
        let begun = Instant::now();
        let member = self.begin(fault).await;
        let back = if fault.is_survived() {
            Some(self.until_back(fault.name(), begun, at_least).await)
        } else {
            sleep(at_least).await;
            None
        };
        let repaired = Instant::now();
        self.repair(fault, member).await;
        let what = format!("{} no more", fault.name());
        let back_after_repair = self.until_back(&what, repaired, CALM).await;
        let counts = self.ledger.counts().since(&before);
        Phase::of(fault, &counts, back, back_after_repair)
    }

    async fn begin(&mut self, fault: Fault) -> usize {
        let primary = self.cluster.primary().await;
        match fault {
            Fault::KillPrimary => self.cluster.kill(primary).await,
            Fault::PausePrimary => self.cluster.member(primary).pause().unwrap(),
            Fault::CutPrimary => self.cluster.cut(primary, true),
            Fault::KillInstance => self.instances.kill(0),
            Fault::FullDisks => self.cluster.fill_disks(),
            Fault::SlowDatabase => self.cluster.slow_down(SLOW),
        }
        primary
    }

    async fn repair(&mut self, fault: Fault, member: usize) {
        match fault {
            Fault::KillPrimary | Fault::FullDisks => self.cluster.start_all().await,
            Fault::PausePrimary => self.cluster.member(member).resume().unwrap(),
            Fault::CutPrimary => self.cluster.cut(member, false),
            Fault::KillInstance => self.instances.start_one(0).await,
            Fault::SlowDatabase => self.cluster.slow_down(Duration::ZERO),
        }
    }

    /// Waits until every request was answered for some time, and returns how long after `begun` one was not.
    async fn until_back(&self, what: &str, begun: Instant, at_least: Duration) -> Duration {
        loop {
            let last = self.ledger.last_unclear().filter(|last| *last > begun);
            let away = last.map_or(Duration::ZERO, |last| last - begun);
            if away > BACK_WITHIN {
                self.ledger.broken(format!("{what}: the service is not back after {away:?}"));
                return away;
            }
            if begun.elapsed() >= at_least.max(away + CALM) {
                return away;
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stalls.abort();
        let _absent = fs::remove_dir_all(&self.mail);
    }
}

impl Phase {
    fn of(fault: Fault, counts: &Counts, back: Option<Duration>, after_repair: Duration) -> Self {
        Self {
            fault: fault.name().to_owned(),
            requests: counts.requests,
            writes: counts.writes,
            unclear: counts.unclear,
            statuses: counts.in_words(),
            back: back.map(|back| back.as_secs_f64()),
            back_after_repair: after_repair.as_secs_f64(),
        }
    }
}
