//! The clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// A time in whole milliseconds, the precision of the database.
pub type Moment = DateTime<Utc>;

/// A clock: the system's, or one that tests set.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Settable(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `start` until [`Clock::advance`] moves it. Clones share the time.
    #[must_use]
    pub fn settable(start: Moment) -> Self {
        Self(Source::Settable(Arc::new(AtomicI64::new(start.timestamp_millis()))))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Moment {
        let millis = match &self.0 {
            Source::System => system_now().timestamp_millis(),
            Source::Settable(millis) => millis.load(Ordering::SeqCst),
        };
        DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Moves a settable clock by `step`. The system's clock is not moved.
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
