//! The bounded queue of the hashing threads. Each waiting job holds a place, and one network may hold
//! only a share of the places.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus::IntGauge;

use super::workspace::Workspace;
use crate::domain::network::Network;
use crate::metrics::Refusal;

/// Set when a job has left the queue: from then on it counts as done.
pub type Begun = Arc<AtomicBool>;

/// The work of a job.
pub(super) type Work = Box<dyn FnOnce(&mut Workspace) + Send>;

/// A hash to compute.
pub(super) struct Job {
    pub network: Network,
    pub begun: Begun,
    pub work: Work,
}

/// Every place is taken, or every place that the job's network may hold.
#[derive(Debug)]
pub(super) struct QueueFull(pub Refusal);

/// The queue. A place is held until a thread takes its job.
pub(super) struct HashingQueue {
    waiting: Mutex<Waiting>,
    work_or_end: Condvar,
    places: usize,
    places_a_network: usize,
    /// Shows how many jobs wait.
    gauge: IntGauge,
}

#[derive(Default)]
struct Waiting {
    jobs: BTreeMap<u64, Job>,
    by_network: HashMap<Network, usize>,
    next_ticket: u64,
    idle_threads: usize,
    closed: bool,
}

/// A place in the queue; dropping it frees the place.
pub(super) struct Place<'a> {
    queue: &'a HashingQueue,
    ticket: u64,
}

/// A thread without work frees its memory after this long.
const IDLE: Duration = Duration::from_secs(5);

impl HashingQueue {
    /// A queue of `places`, of which one network may hold `places_a_network`.
    pub fn new(places: usize, places_a_network: usize, gauge: IntGauge) -> Self {
        let (waiting, work_or_end) = (Mutex::default(), Condvar::new());
        Self { waiting, work_or_end, places, places_a_network, gauge }
    }

    /// Adds a job, or refuses it at once.
    pub fn admit(&self, job: Job) -> Result<Place<'_>, QueueFull> {
        let mut waiting = self.lock();
        // A job that an idle thread is about to take holds no place.
        let places = self.places + waiting.idle_threads;
        let places_a_network = self.places_a_network + waiting.idle_threads;
        let held = waiting.by_network.get(&job.network).copied().unwrap_or_default();
        if waiting.jobs.len() >= places {
            return Err(QueueFull(Refusal::Queue));
        }
        if held >= places_a_network {
            return Err(QueueFull(Refusal::Network));
        }
        *waiting.by_network.entry(job.network).or_default() += 1;
        let ticket = waiting.next_ticket;
        waiting.next_ticket += 1;
        waiting.jobs.insert(ticket, job);
        self.gauge.inc();
        drop(waiting);
        self.work_or_end.notify_one();
        Ok(Place { queue: self, ticket })
    }

    /// Waits for the next job; `None` once the queue is closed and empty.
    pub fn take(&self, workspace: &mut Workspace) -> Option<Job> {
        let mut waiting = self.lock();
        loop {
            if let Some((_, job)) = waiting.jobs.pop_first() {
                waiting.forget(job.network);
                self.gauge.dec();
                job.begun.store(true, Ordering::SeqCst);
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting.idle_threads += 1;
            let waited = self.work_or_end.wait_timeout(waiting, IDLE);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            waiting = woken;
            waiting.idle_threads -= 1;
            if timeout.timed_out() && waiting.jobs.is_empty() {
                // Wiping takes milliseconds, so release the lock first.
                drop(waiting);
                workspace.release();
                waiting = self.lock();
            }
        }
    }

    /// Lets the threads end.
    pub fn close(&self) {
        self.lock().closed = true;
        self.work_or_end.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn forget(&mut self, network: Network) {
        if let Some(held) = self.by_network.get_mut(&network) {
            *held -= 1;
            if *held == 0 {
                self.by_network.remove(&network);
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        if let Some(job) = waiting.jobs.remove(&self.ticket) {
            waiting.forget(job.network);
            self.queue.gauge.dec();
        }
    }
}
