//! The hashing threads: each runs one hash at a time, in memory of its own. A caller that goes away frees
//! its place in the queue at once.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::error::HashError;
use super::kernel::Kernel;
use super::password_hash::{self, HashingCost, Verdict};
use super::queue::{Begun, HashingQueue, Job, QueueFull};
use super::workspace::{HighestWork, Workspace};
use crate::domain::account::PasswordHash;
use crate::domain::network::Network;
use crate::domain::password::Password;
use crate::metrics::HashingMetrics;

/// The size of the pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolLayout {
    /// How many hashes run at the same time.
    pub threads: usize,
    /// How many jobs may wait; running jobs are not counted.
    pub places: usize,
    /// How many of these places one network may hold.
    pub places_a_network: usize,
    /// The cost of a hash.
    pub cost: HashingCost,
}

/// The nice value of the hashing threads, so that hashes do not delay other requests.
const NICENESS: i32 = 10;

/// A pool of hashing threads. Clones share it, and the threads end when the last clone is dropped.
#[derive(Clone)]
pub struct HashingPool {
    owner: Arc<Owner>,
    cost: HashingCost,
    threads: usize,
    metrics: HashingMetrics,
}

/// Why a hash was not computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashingError {
    /// Every place in the queue is taken, or every place that this network may hold.
    #[error("the hashing queue is full")]
    Busy,
    /// The hash could not be computed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

/// Closes the queue when the last clone of the pool is dropped.
struct Owner(Arc<HashingQueue>);

impl HashingPool {
    /// Starts the threads.
    pub fn start(layout: PoolLayout, metrics: HashingMetrics) -> std::io::Result<Self> {
        let (places, waiting) = (layout.places, metrics.waiting.clone());
        metrics.places.set(i64::try_from(places).unwrap_or(i64::MAX));
        let queue = Arc::new(HashingQueue::new(places, layout.places_a_network, waiting));
        let kernel = Kernel::choose();
        let highest = HighestWork::default();
        for number in 0..layout.threads {
            let (queue, highest) = (Arc::clone(&queue), highest.clone());
            let work = move || {
                // If the system refuses, hashing works all the same.
                let _refused = rustix::process::setpriority_process(None, NICENESS);
                let mut workspace = Workspace::new(kernel, highest);
                while let Some(job) = queue.take(&mut workspace) {
                    (job.work)(&mut workspace);
                }
            };
            thread::Builder::new().name(format!("hashing-{number}")).spawn(work)?;
        }
        let owner = Arc::new(Owner(queue));
        Ok(Self { owner, cost: layout.cost, threads: layout.threads, metrics })
    }

    /// Hashes a new password. Returns [`HashingError::Busy`] at once if no place is free.
    pub async fn hash(
        &self,
        network: Network,
        password: Password,
    ) -> Result<PasswordHash, HashingError> {
        let cost = self.cost;
        let work = move |workspace: &mut Workspace| password_hash::hash(&password, cost, workspace);
        self.run(network, Begun::default(), work).await
    }

    /// Checks a password; `stored` is `None` if there is no such user, which takes the same time.
    ///
    /// Returns [`HashingError::Busy`] at once if no place is free. `begun` is set when the check leaves the
    /// queue.
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

    /// How many hashes run at the same time.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.threads
    }

    async fn run<T: Send + 'static>(
        &self,
        network: Network,
        begun: Begun,
        work: impl FnOnce(&mut Workspace) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let (answer, answered) = oneshot::channel();
        let (wait, duration) = (self.metrics.wait.clone(), self.metrics.duration.clone());
        let waiting = Instant::now();
        let work = Box::new(move |workspace: &mut Workspace| {
            wait.observe(waiting.elapsed().as_secs_f64());
            let working = duration.start_timer();
            let outcome = work(workspace);
            working.observe_duration();
            // The caller may be gone by now.
            let _gone = answer.send(outcome);
        });
        let admitted = self.owner.0.admit(Job { network, begun, work });
        let place = admitted.inspect_err(|full| self.metrics.refused(full.0))?;
        let outcome = answered.await;
        drop(place);
        Ok(outcome.map_err(|_closed| HashError::Stopped)??)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl From<QueueFull> for HashingError {
    fn from(_: QueueFull) -> Self {
        Self::Busy
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::atomic::Ordering;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::metrics::Metrics;

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
        let pool = HashingPool::start(layout, Metrics::new().unwrap().hashing).unwrap();
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
        let mut check = Box::pin(pool.verify(network(1), password(), None, Arc::clone(&begun)));
        assert!(poll_once(check.as_mut()).is_pending());
        drop(check);
        drop(release);
        assert!(pool.hash(network(2), password()).await.is_ok());
        assert!(!begun.load(Ordering::SeqCst));
    }
}
