//! Security events: recorded beside what happens, and read back by the account's owner.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Notify, mpsc, watch};

use super::Auth;
use super::access::SignedIn;
use super::error::AuthError;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::event::{
    Cause, EventId, EventKind, MERGED_WITHIN, RecordedEvent, SecurityEvent,
};
use crate::domain::event_page::{EventCursor, PageSize};
use crate::domain::ids::UserId;
use crate::storage::{Store, persist};

/// Events that may wait to be written.
const WAITING: usize = 10_000;

/// Where flows leave events, and go on: no answer waits for one.
#[derive(Clone)]
pub struct EventLog {
    sender: mpsc::Sender<SecurityEvent>,
    counts: Arc<Counts>,
    sequence: Arc<AtomicU64>,
    /// How many were left so far.
    left: Arc<AtomicU64>,
    written: watch::Receiver<u64>,
    hurry: Arc<Notify>,
}

#[derive(Default)]
struct Counts {
    by_kind: Vec<(EventKind, AtomicU64)>,
    lost: AtomicU64,
}

/// What writes the events that flows left.
pub struct EventWriter {
    receiver: mpsc::Receiver<SecurityEvent>,
    store: Store,
    kept: TimeDelta,
    /// How long it waits for more before it writes.
    gathers: Duration,
    /// Somebody waits to read them.
    hurry: Arc<Notify>,
    /// How many were written so far.
    written: watch::Sender<u64>,
    counts: Arc<Counts>,
}

/// A log, and what writes it: events are kept for as long as `kept`.
#[must_use]
pub fn event_log(store: Store, kept: TimeDelta) -> (EventLog, EventWriter) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let by_kind = EventKind::all().map(|kind| (kind, AtomicU64::default())).collect();
    let counts = Arc::new(Counts { by_kind, lost: AtomicU64::default() });
    let (written, read) = watch::channel(0);
    let (hurry, gathers) = (Arc::<Notify>::default(), Duration::from_millis(50));
    let log = EventLog {
        sender,
        counts: Arc::clone(&counts),
        sequence: Arc::default(),
        left: Arc::default(),
        written: read,
        hurry: Arc::clone(&hurry),
    };
    (log, EventWriter { receiver, store, kept, gathers, hurry, written, counts })
}

impl EventLog {
    fn record(&self, event: SecurityEvent) {
        let kind = event.kind;
        if let Some((_, count)) = self.counts.by_kind.iter().find(|(known, _)| *known == kind) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        // Counted first: a reader may wait for an event in vain, and not read without it.
        self.left.fetch_add(1, Ordering::SeqCst);
        if self.sender.try_send(event).is_err() {
            self.left.fetch_sub(1, Ordering::SeqCst);
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(
                kind = kind.as_str(),
                "an event was lost: too many wait for the database"
            );
        }
    }

    /// Waits, for a while, until what was left before is written: whoever reads after they acted finds
    /// what they did.
    async fn settled(&self) {
        const PATIENCE: Duration = Duration::from_millis(300);
        let (left, mut written) = (self.left.load(Ordering::SeqCst), self.written.clone());
        if *written.borrow() < left {
            self.hurry.notify_one();
        }
        // What is late is read another time.
        let _late = tokio::time::timeout(PATIENCE, written.wait_for(|count| *count >= left)).await;
    }

    fn next_id(&self) -> EventId {
        EventId::in_sequence(self.sequence.fetch_add(1, Ordering::Relaxed), rand::random())
    }

    /// How many events of each kind there were since the start, by the kind's name.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let read =
            |(kind, count): &(EventKind, AtomicU64)| (kind.as_str(), count.load(Ordering::Relaxed));
        self.counts.by_kind.iter().map(read)
    }

    /// How many events were lost since the start.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.counts.lost.load(Ordering::Relaxed)
    }
}

impl EventWriter {
    const BATCH: usize = 500;
    /// How long a stop waits for a database that does not answer.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// Writes events as they come, until `stop` resolves and every one that was left is written.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut batch = Vec::with_capacity(Self::BATCH);
        tokio::select! {
            () = self.write_all(&mut batch) => {}
            () = stop => {}
        }
        self.receiver.close();
        self.gathers = Duration::ZERO;
        // A batch that was cut short is written again.
        if tokio::time::timeout(Self::PATIENCE, self.write_all(&mut batch)).await.is_err() {
            self.give_up(batch.len());
        }
    }

    /// Writes events as they come, until there can be no more.
    async fn write_all(&mut self, batch: &mut Vec<SecurityEvent>) {
        loop {
            self.write(batch).await;
            if self.receiver.recv_many(batch, Self::BATCH).await == 0 {
                return;
            }
            // Others follow soon: one write for all of them spares the database most of the work.
            tokio::select! {
                () = tokio::time::sleep(self.gathers) => {}
                () = self.hurry.notified() => {}
            }
            while batch.len() < Self::BATCH {
                let Ok(event) = self.receiver.try_recv() else {
                    break;
                };
                batch.push(event);
            }
        }
    }

    /// Writes a batch, however long it takes.
    async fn write(&self, batch: &mut Vec<SecurityEvent>) {
        if !batch.is_empty() {
            let insert = || self.store.insert_events(batch, self.kept);
            persist("events wait for the database", insert).await;
            let written = u64::try_from(batch.len()).unwrap_or_default();
            self.written.send_modify(|count| *count += written);
            batch.clear();
        }
    }

    fn give_up(&self, unwritten: usize) {
        let lost = u64::try_from(unwritten + self.receiver.len()).unwrap_or(u64::MAX);
        self.counts.lost.fetch_add(lost, Ordering::Relaxed);
        tracing::error!(lost, "events were lost: the database does not answer");
    }
}

/// A page of events.
pub struct EventPage {
    /// The events, newest first.
    pub events: Vec<RecordedEvent>,
    /// Where the next page begins, if there is one.
    pub next: Option<EventCursor>,
}

impl Auth {
    /// Leaves an event.
    pub(super) fn record(&self, user: UserId, kind: EventKind, cause: impl Into<Cause>) {
        let id = self.events.next_id();
        let (at, cause) = (self.clock.now(), cause.into());
        self.events.record(SecurityEvent { id, user, kind, at, cause });
    }

    /// Records an event that a caller can cause at will: one a minute for each account and network,
    /// however often it happens.
    pub(super) fn record_merged(&self, user: UserId, kind: EventKind, client: &Client) {
        let at = self.clock.now();
        let minute = (at.timestamp() / MERGED_WITHIN.num_seconds()).to_string();
        let (account, network) = (user.to_string(), client.network().to_string());
        let parts = [kind.as_str(), &account, &network, &minute];
        let id = EventId::of(&self.digests.of("merged event", &parts));
        self.events.record(SecurityEvent { id, user, kind, at, cause: client.into() });
    }

    /// Leaves the event that a change ended every other session, where there was one.
    pub(super) fn record_ended_by_change(&self, account: &Account, client: &Client) {
        // The change is made by now: a list that cannot be read costs the event alone.
        let sessions = account.lists.sessions().map_or(0, |sessions| sessions.len());
        let challenges = account.lists.challenges().map_or(0, |challenges| challenges.len());
        if sessions + challenges > 1 {
            self.record(account.id, EventKind::SessionsEndedByChange, client);
        }
    }

    /// A page of the caller's own events, newest first, with all that this instance answered before.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`].
    pub async fn events(
        &self,
        caller: &SignedIn,
        after: Option<EventCursor>,
        size: PageSize,
    ) -> Result<EventPage, AuthError> {
        self.events.settled().await;
        self.page_of_events(caller.open().account().id, after, size).await
    }

    pub(super) async fn page_of_events(
        &self,
        user: UserId,
        after: Option<EventCursor>,
        size: PageSize,
    ) -> Result<EventPage, AuthError> {
        let since = self.clock.now() - self.rules.events_kept;
        // One more than is shown tells whether there is a next page.
        let mut events = self.store.events(user, after, size.get() + 1, since).await?;
        let has_more = events.len() > size.get();
        events.truncate(size.get());
        let last = events.last().filter(|_| has_more);
        let next = last.map(|event| EventCursor { at: event.at, id: event.id });
        Ok(EventPage { events, next })
    }
}
