//! Metrics of the hashing of passwords.

use prometheus::{Histogram, IntCounter, IntGauge, Result};

use super::define::Define;
use super::labels::{PerLabel, label};

/// Upper bounds of the buckets, seconds: from a cheap hash to a full queue of expensive ones.
const BUCKETS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

label! {
    /// Why a hash was refused.
    Refusal("reason") {
        /// Every place in the queue was taken.
        Queue = "queue",
        /// Every place that the client's network may hold was taken.
        Network = "network",
    }
}

/// Metrics of the hashing of passwords.
#[derive(Clone)]
pub struct HashingMetrics {
    /// How many wait.
    pub waiting: IntGauge,
    /// How many may wait.
    pub places: IntGauge,
    /// Seconds that one waited.
    pub wait: Histogram,
    /// Seconds that one took.
    pub duration: Histogram,
    refused: PerLabel<Refusal, IntCounter>,
}

impl HashingMetrics {
    pub(super) fn new(define: Define<'_>) -> Result<Self> {
        Ok(Self {
            waiting: define
                .gauge("twofold_hashing_waiting", "Passwords that wait to be hashed.")?,
            places: define
                .gauge("twofold_hashing_places", "Passwords that may wait to be hashed.")?,
            wait: define.histogram(
                "twofold_hashing_wait_seconds",
                "Time that a password waited to be hashed.",
                &BUCKETS,
            )?,
            duration: define.histogram(
                "twofold_hashing_duration_seconds",
                "Time that a password took to be hashed.",
                &BUCKETS,
            )?,
            refused: define.counter_per(
                "twofold_hashing_refused_total",
                "Passwords that were not hashed because too many waited.",
            )?,
        })
    }

    /// Counts a refusal.
    pub fn refused(&self, reason: Refusal) {
        self.refused.inc(reason);
    }
}
