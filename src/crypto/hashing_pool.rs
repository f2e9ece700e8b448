//! Threads that hash, and the bounded queue before them.
//!
//! As many hashes run at once as there are threads, each in one block of memory of its own; the rest
//! wait in a queue with a place for each, of which one network gets a share. A requester that goes
//! away gives its place back at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::password_hash::{self, HashError, HashingCost, Verdict, Workspace};
use crate::domain::account::PasswordHash;
use crate::domain::client::Network;
use crate::domain::password::Password;

/// How the pool is laid out.
#[derive(Clone, Copy, Debug)]
pub struct PoolLayout {
    /// Hashes that run at once.
    pub threads: usize,
    /// Jobs that may wait; those running are not counted.
    pub places: usize,
    /// Of those places, how many one network may hold.
    pub places_a_network: usize,
    /// What a hash costs.
    pub cost: HashingCost,
}

/// A pool of hashing threads. Clones share it; the threads end with the last clone.
#[derive(Clone)]
pub struct HashingPool {
    owner: Arc<Owner>,
    cost: HashingCost,
}

/// Set once a job has left the queue: from then on it counts as done.
pub type Begun = Arc<AtomicBool>;

/// Why a hash was not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    /// Every place, or every place of this network, is taken.
    #[error("the hashing queue is full")]
    Busy,
    /// The stored hash is unfit, or the pool is gone.
    #[error(transparent)]
    Unfit(#[from] HashError),
}

type Work = Box<dyn FnOnce(&mut Workspace) + Send>;

struct Job {
    network: Network,
    begun: Begun,
    work: Work,
}

#[derive(Default)]
struct Queue {
    waiting: BTreeMap<u64, Job>,
    by_network: HashMap<Network, usize>,
    next_ticket: u64,
    idle_threads: usize,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    work_or_end: Condvar,
    layout: PoolLayout,
}

struct Owner(Arc<Shared>);

/// A place in the queue; dropping it gives the place back.
struct Place<'a> {
    shared: &'a Shared,
    ticket: u64,
}

/// A thread without work gives its memory back after this long.
const IDLE: Duration = Duration::from_secs(5);

impl HashingPool {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// The system's, where it starts no more threads.
    pub fn start(layout: PoolLayout) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            work_or_end: Condvar::new(),
            layout,
        });
        for number in 0..layout.threads {
            let shared = Arc::clone(&shared);
            let name = format!("hashing-{number}");
            thread::Builder::new().name(name).spawn(move || shared.work())?;
        }
        Ok(Self { owner: Arc::new(Owner(shared)), cost: layout.cost })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] at once where no place is free.
    pub async fn hash(
        &self,
        network: Network,
        password: Password,
    ) -> Result<PasswordHash, HashingError> {
        let cost = self.cost;
        let work = move |workspace: &mut Workspace| password_hash::hash(&password, cost, workspace);
        self.run(network, Begun::default(), work).await
    }

    /// Checks a password; `None` stands for a user that does not exist and costs the same.
    ///
    /// `begun` is set when the check leaves the queue.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] at once where no place is free.
    pub async fn verify(
        &self,
        network: Network,
        password: Password,
        stored: Option<PasswordHash>,
        begun: Begun,
    ) -> Result<Verdict, HashingError> {
        let cost = self.cost;
        let work = move |workspace: &mut Workspace| {
            password_hash::verify(&password, stored.as_ref(), cost, workspace)
        };
        self.run(network, begun, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        network: Network,
        begun: Begun,
        work: impl FnOnce(&mut Workspace) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move |workspace: &mut Workspace| {
            // Whoever asked may be gone by now.
            let _gone = answer.send(work(workspace));
        });
        let place = self.owner.0.admit(Job { network, begun, work })?;
        let outcome = answered.await;
        drop(place);
        Ok(outcome.map_err(|_| HashError::Unfit)??)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, job: Job) -> Result<Place<'_>, HashingError> {
        let mut queue = self.lock();
        // A job that an idle thread is about to take holds no place.
        let places = self.layout.places + queue.idle_threads;
        let places_a_network = self.layout.places_a_network + queue.idle_threads;
        let held = queue.by_network.get(&job.network).copied().unwrap_or_default();
        if queue.waiting.len() >= places || held >= places_a_network {
            return Err(HashingError::Busy);
        }
        *queue.by_network.entry(job.network).or_default() += 1;
        let ticket = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting.insert(ticket, job);
        drop(queue);
        self.work_or_end.notify_one();
        Ok(Place { shared: self, ticket })
    }

    fn work(&self) {
        let mut workspace = Workspace::default();
        while let Some(job) = self.next_job(&mut workspace) {
            (job.work)(&mut workspace);
        }
    }

    fn next_job(&self, workspace: &mut Workspace) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some((_, job)) = queue.waiting.pop_first() {
                queue.forget(&job);
                job.begun.store(true, Ordering::SeqCst);
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            queue.idle_threads += 1;
            let waited = self.work_or_end.wait_timeout(queue, IDLE);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            queue.idle_threads -= 1;
            if timeout.timed_out() && queue.waiting.is_empty() {
                workspace.release();
            }
        }
    }
}

impl Queue {
    fn forget(&mut self, job: &Job) {
        if let Some(held) = self.by_network.get_mut(&job.network) {
            *held -= 1;
            if *held == 0 {
                self.by_network.remove(&job.network);
            }
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        if let Some(job) = queue.waiting.remove(&self.ticket) {
            queue.forget(&job);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.work_or_end.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const CHEAP: HashingCost = HashingCost { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn network(host: u8) -> Network {
        Network::of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, host)))
    }

    fn password() -> Password {
        Password::parse("plum velvet tractor").unwrap()
    }

    /// A pool of one thread, which is kept busy until the sender is used or dropped.
    fn occupied(places: usize, places_a_network: usize) -> (HashingPool, mpsc::Sender<()>) {
        let layout = PoolLayout { threads: 1, places, places_a_network, cost: CHEAP };
        let pool = HashingPool::start(layout).unwrap();
        let (release, released) = mpsc::channel::<()>();
        let (began, begins) = mpsc::channel();
        let work = Box::new(move |_: &mut Workspace| {
            began.send(()).unwrap();
            let _dropped = released.recv();
        });
        let job = Job { network: network(200), begun: Begun::default(), work };
        std::mem::forget(pool.owner.0.admit(job).unwrap());
        begins.recv().unwrap();
        (pool, release)
    }

    fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_an_abandoned_place_is_free_again() {
        let (pool, release) = occupied(2, 2);
        let mut first = Box::pin(pool.hash(network(1), password()));
        let mut second = Box::pin(pool.hash(network(2), password()));
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        assert_eq!(pool.hash(network(3), password()).await, Err(HashingError::Busy));

        drop(first);
        let mut third = Box::pin(pool.hash(network(3), password()));
        assert!(poll_once(third.as_mut()).is_pending());

        drop(release);
        assert!(second.await.is_ok() && third.await.is_ok());
    }

    #[tokio::test]
    async fn one_network_cannot_hold_every_place() {
        let (pool, release) = occupied(8, 2);
        let mut held: Vec<_> =
            (0..2).map(|_| Box::pin(pool.hash(network(1), password()))).collect();
        assert!(held.iter_mut().all(|job| poll_once(job.as_mut()).is_pending()));
        assert_eq!(pool.hash(network(1), password()).await, Err(HashingError::Busy));
        let mut other = Box::pin(pool.hash(network(2), password()));
        assert!(poll_once(other.as_mut()).is_pending());
        drop(release);
        assert!(other.await.is_ok());
    }

    #[tokio::test]
    async fn an_abandoned_job_is_never_begun() {
        let (pool, release) = occupied(8, 8);
        let begun = Begun::default();
        let mut check =
            Box::pin(pool.verify(network(1), password(), None, Arc::clone(&begun)));
        assert!(poll_once(check.as_mut()).is_pending());
        drop(check);
        drop(release);
        assert!(pool.hash(network(2), password()).await.is_ok());
        assert!(!begun.load(Ordering::SeqCst));
    }
}
