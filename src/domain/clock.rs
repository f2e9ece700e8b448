//! The one source of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// A moment, in whole milliseconds: what is compared is what is stored.
pub type Moment = DateTime<Utc>;

/// Tells the time: the system's, or in tests one that is set by hand.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Settable(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it; clones move together.
    #[must_use]
    pub fn settable(start: Moment) -> Self {
        Self(Source::Settable(Arc::new(AtomicI64::new(start.timestamp_millis()))))
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Moment {
        let millis = match &self.0 {
            Source::System => system_now().timestamp_millis(),
            Source::Settable(millis) => millis.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Moves a settable clock by `step`; the system's clock cannot be moved and is left alone.
    pub fn advance(&self, step: TimeDelta) {
        if let Source::Settable(millis) = &self.0 {
            millis.fetch_add(step.num_milliseconds(), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the only place that asks the system for the time")]
fn system_now() -> Moment {
    Utc::now()
}
