//! The one place where whole numbers become fractions and back.

use std::time::Duration;

/// A count as a fraction; those of a benchmark are far below 2⁵³.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts and microseconds of a run are far below what a fraction holds exactly"
)]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// `part` of `all`; nothing of nothing is nothing.
pub fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { float(part) / float(all) }
}

/// Microseconds of a duration.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Elements of a list.
pub fn count<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
