//! What clients were answered, and what that promises.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// A process that is run this much late is stalled.
const STALL: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Notes every answer. All times are those of the client.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    counts: Counts,
    /// When answers left an outcome open.
    unclear: Vec<Instant>,
    /// How often each code, link and assertion succeeded.
    uses: HashMap<String, u32>,
    mails: Vec<Promised>,
    broken: Vec<String>,
    latencies: Vec<Duration>,
    /// When this process itself was stopped by the machine, and for how long.
    stalls: Vec<(Instant, Duration)>,
    excused: u64,
}

/// Sums since a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that were answered, or were not.
    pub requests: u64,
    /// Writes that were acknowledged.
    pub writes: u64,
    /// Requests whose outcome is unknown: 503, or the connection to a killed instance.
    pub unclear: u64,
    /// Answers of each status; 0 for none.
    pub statuses: BTreeMap<u16, u64>,
}

/// A mail that an answer promised.
#[derive(Clone, Debug)]
pub struct Promised {
    /// To whom.
    pub to: String,
    /// The value of `X-Twofold-Message`.
    pub kind: &'static str,
    /// When it was promised: it is to arrive later.
    pub at: Instant,
    /// The instance that promised it.
    pub instance: usize,
}

impl Ledger {
    /// Notes an answer, or that there was none (0).
    pub fn answered(&self, status: u16, took: Duration) {
        let mut book = self.book();
        book.counts.requests += 1;
        *book.counts.statuses.entry(status).or_default() += 1;
        book.latencies.push(took);
        if status == 0 || status == 503 {
            book.counts.unclear += 1;
            book.unclear.push(Instant::now());
        }
    }

    /// Notes that a write was acknowledged.
    pub fn wrote(&self) {
        self.book().counts.writes += 1;
    }

    /// Notes a success of something that works once: a code, a link or an assertion.
    pub fn used(&self, what: &str) {
        let times = {
            let mut book = self.book();
            book.counts.writes += 1;
            let times = book.uses.entry(what.to_owned()).or_default();
            *times += 1;
            *times
        };
        if times > 1 {
            self.broken(format!("{what} succeeded {times} times"));
        }
    }

    /// Notes that a mail is to arrive.
    pub fn promised(&self, to: &str, kind: &'static str, at: Instant, instance: usize) {
        self.book().mails.push(Promised { to: to.to_owned(), kind, at, instance });
    }

    /// Notes a broken promise.
    pub fn broken(&self, promise: String) {
        self.book().broken.push(promise);
    }

    /// Notes that this process was not run for some time, so that it says nothing about the service.
    pub fn stalled(&self, time: Duration) {
        self.book().stalls.push((Instant::now(), time));
    }

    /// Whether this process was stalled after `since`, when something began that must end within `deadline`. If it was, the
    /// service is excused: that the end was missed, and how late that was noticed, says nothing about it.
    pub fn excuse(&self, since: Instant, deadline: Duration) -> bool {
        let mut book = self.book();
        let late = since.elapsed().saturating_sub(deadline);
        if late > STALL {
            book.stalls.push((Instant::now(), late));
        }
        let was_stalled = book.stalls.iter().any(|(at, _)| *at >= since);
        book.excused += u64::from(was_stalled);
        was_stalled
    }

    /// How many requests were excused, and the longest stall.
    #[must_use]
    pub fn stalls(&self) -> (u64, Duration) {
        let book = self.book();
        (book.excused, book.stalls.iter().map(|(_, time)| *time).max().unwrap_or_default())
    }

    /// The broken promises.
    #[must_use]
    pub fn all_broken(&self) -> Vec<String> {
        self.book().broken.clone()
    }

    /// The promised mails.
    #[must_use]
    pub fn mails(&self) -> Vec<Promised> {
        self.book().mails.clone()
    }

    /// The sums so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.book().counts.clone()
    }

    /// When an outcome was left open last.
    #[must_use]
    pub fn last_unclear(&self) -> Option<Instant> {
        self.book().unclear.last().copied()
    }

    /// Whether an outcome was left open at most `distance` before or after a moment.
    #[must_use]
    pub fn was_unclear_near(&self, moment: Instant, distance: Duration) -> bool {
        let is_near = |at: &Instant| {
            at.saturating_duration_since(moment).max(moment.saturating_duration_since(*at))
                < distance
        };
        self.book().unclear.iter().any(is_near)
    }

    /// The latencies since they were taken last, sorted.
    #[must_use]
    pub fn take_latencies(&self) -> Vec<Duration> {
        let mut taken = std::mem::take(&mut self.book().latencies);
        taken.sort_unstable();
        taken
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// What came after `before`.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let earlier = |status: &u16| before.statuses.get(status).copied().unwrap_or_default();
        let later = self.statuses.iter().map(|(status, count)| (*status, count - earlier(status)));
        Self {
            requests: self.requests - before.requests,
            writes: self.writes - before.writes,
            unclear: self.unclear - before.unclear,
            statuses: later.filter(|(_, count)| *count > 0).collect(),
        }
    }

    /// The statuses in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut words = String::new();
        for (status, count) in &self.statuses {
            // Writing to a text cannot fail.
            let _written = match status {
                0 => write!(words, "no answer: {count}, "),
                _ => write!(words, "{status}: {count}, "),
            };
        }
        words.trim_end_matches(", ").to_owned()
    }
}

/// Notes when this process is run much later than it asked for: a machine with too much to do looks like a service
/// that does not answer.
pub async fn watch_for_stalls(ledger: Arc<Ledger>) {
    loop {
        let begun = Instant::now();
        sleep(LOOK_EVERY).await;
        let late = begun.elapsed().saturating_sub(LOOK_EVERY);
        if late > STALL {
            ledger.stalled(late);
        }
    }
}
