//! The log of security events: use cases record them, a task writes them in batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Notify, mpsc, watch};

use crate::domain::event::{EventId, SecurityEvent};
use crate::flows::mail::Notices;
use crate::metrics::EventMetrics;
use crate::storage::{Store, StoreError, persist};

/// Events that may wait to be written.
const WAITING: usize = 10_000;

/// Takes events from use cases, which do not wait until they are written.
#[derive(Clone)]
pub struct EventLog {
    sender: mpsc::Sender<SecurityEvent>,
    metrics: EventMetrics,
    sequence: Arc<AtomicU64>,
    /// How many were recorded so far.
    recorded: Arc<AtomicU64>,
    written: watch::Receiver<u64>,
    flush: Arc<Notify>,
}

/// Writes the recorded events.
pub struct EventWriter {
    receiver: mpsc::Receiver<SecurityEvent>,
    store: Store,
    /// What puts notices of the events into the outbox, if mail is configured.
    notices: Option<Notices>,
    kept: TimeDelta,
    /// How long it collects events before it writes them.
    batch_delay: Duration,
    /// A reader waits: write at once.
    flush: Arc<Notify>,
    /// How many were written so far.
    written: watch::Sender<u64>,
    metrics: EventMetrics,
}

/// A log and its writer. Events are kept for as long as `kept`.
#[must_use]
pub fn event_log(
    store: Store,
    notices: Option<Notices>,
    kept: TimeDelta,
    metrics: EventMetrics,
) -> (EventLog, EventWriter) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let (written, read) = watch::channel(0);
    let (flush, batch_delay) = (Arc::<Notify>::default(), Duration::from_millis(50));
    let log = EventLog {
        sender,
        metrics: metrics.clone(),
        sequence: Arc::default(),
        recorded: Arc::default(),
        written: read,
        flush: Arc::clone(&flush),
    };
    (log, EventWriter { receiver, store, notices, kept, batch_delay, flush, written, metrics })
}

impl EventLog {
    /// Records an event. It is lost, and counted as lost, if too many are waiting already.
    pub(in crate::flows) fn record(&self, event: SecurityEvent) {
        let kind = event.kind;
        self.metrics.record(kind);
        self.metrics.queued.inc();
        // Counted before it is sent: a reader may then wait too long, but never reads too early.
        self.recorded.fetch_add(1, Ordering::SeqCst);
        if self.sender.try_send(event).is_err() {
            self.recorded.fetch_sub(1, Ordering::SeqCst);
            self.metrics.queued.dec();
            self.metrics.lost.inc();
            tracing::error!(
                kind = kind.as_str(),
                "an event was lost: too many wait for the database"
            );
        }
    }

    /// Waits until everything recorded before is written, or 300 ms have passed, so that users who
    /// read their events right after an action see that action.
    pub(in crate::flows) async fn flush(&self) {
        const TIMEOUT: Duration = Duration::from_millis(300);
        let (recorded, mut written) = (self.recorded.load(Ordering::SeqCst), self.written.clone());
        if *written.borrow() < recorded {
            self.flush.notify_one();
        }
        let all_written = written.wait_for(|count| *count >= recorded);
        let _late = tokio::time::timeout(TIMEOUT, all_written).await;
    }

    /// Counts a login challenge that ended after its last wrong code, which is not an event.
    pub(in crate::flows) fn count_ended_challenge(&self) {
        self.metrics.challenge_ended();
    }

    /// The id of the next event.
    pub(in crate::flows) fn next_id(&self) -> EventId {
        EventId::in_sequence(self.sequence.fetch_add(1, Ordering::Relaxed), rand::random())
    }
}

impl EventWriter {
    const BATCH: usize = 500;
    /// How long a stop waits for a database that does not respond.
    const STOP_TIMEOUT: Duration = Duration::from_secs(5);

    /// Writes events as they come, until `stop` resolves and every recorded event is written.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut batch = Vec::with_capacity(Self::BATCH);
        tokio::select! {
            () = self.write_all(&mut batch) => {}
            () = stop => {}
        }
        self.receiver.close();
        self.batch_delay = Duration::ZERO;
        // A batch whose write was interrupted is written again.
        if tokio::time::timeout(Self::STOP_TIMEOUT, self.write_all(&mut batch)).await.is_err() {
            self.give_up(batch.len());
        }
    }

    /// Writes events as they come, until the channel is closed and empty.
    async fn write_all(&mut self, batch: &mut Vec<SecurityEvent>) {
        loop {
            self.write(batch).await;
            if self.receiver.recv_many(batch, Self::BATCH).await == 0 {
                return;
            }
            // Others follow soon: one write for all of them saves the database most of the work.
            tokio::select! {
                () = tokio::time::sleep(self.batch_delay) => {}
                () = self.flush.notified() => {}
            }
            while batch.len() < Self::BATCH {
                let Ok(event) = self.receiver.try_recv() else {
                    break;
                };
                batch.push(event);
            }
        }
    }

    /// Writes a batch, and retries until it succeeds.
    async fn write(&self, batch: &mut Vec<SecurityEvent>) {
        if !batch.is_empty() {
            let insert = || self.store.insert_events(batch, self.kept);
            let report = |error: &StoreError| {
                tracing::warn!(cause = %error, "events wait for the database");
            };
            persist(report, insert).await;
            if let Some(notices) = &self.notices {
                let report = |error: &StoreError| {
                    tracing::warn!(cause = %error, "notices wait for the database");
                };
                persist(report, || async {
                    match notices.add(&self.store, batch).await {
                        Err(StoreError::Unavailable) => Err(StoreError::Unavailable),
                        Err(error) => {
                            // Events must not wait for what does not pass by itself.
                            tracing::error!(cause = %error, "notices were not put into the outbox");
                            Ok(())
                        }
                        Ok(()) => Ok(()),
                    }
                })
                .await;
            }
            let written = u64::try_from(batch.len()).unwrap_or_default();
            self.written.send_modify(|count| *count += written);
            self.metrics.queued.sub(i64::try_from(written).unwrap_or_default());
            batch.clear();
        }
    }

    fn give_up(&self, unwritten: usize) {
        let lost = u64::try_from(unwritten + self.receiver.len()).unwrap_or(u64::MAX);
        self.metrics.lost.inc_by(lost);
        tracing::error!(lost, "events were lost: the database does not answer");
    }
}
