//! Metrics of mail.

use prometheus::{IntCounter, IntGauge, Result};

use super::define::Define;

/// Metrics of mail. Without mail they stay at zero.
#[derive(Clone)]
pub struct MailMetrics {
    /// Mails that were handed over.
    pub sent: IntCounter,
    /// Attempts that failed.
    pub failed: IntCounter,
    /// Jobs that were given up.
    pub given_up: IntCounter,
    /// Requests for a link that resets a password, dropped because too many waited.
    pub resets_dropped: IntCounter,
    /// Jobs that are due or are being retried, as they were counted last.
    pub waiting: IntGauge,
    /// The age of the oldest of these, seconds.
    pub oldest: IntGauge,
}

impl MailMetrics {
    pub(super) fn new(define: Define<'_>) -> Result<Self> {
        Ok(Self {
            sent: define.counter("twofold_mail_sent_total", "Mails handed over.")?,
            failed: define
                .counter("twofold_mail_failed_total", "Attempts to send a mail that failed.")?,
            given_up: define.counter("twofold_mail_given_up_total", "Mails given up.")?,
            resets_dropped: define.counter(
                "twofold_password_resets_dropped_total",
                "Requests for a link that resets a password, dropped because too many waited.",
            )?,
            waiting: define.gauge(
                "twofold_mail_waiting",
                "Jobs of the outbox that are due or are being retried.",
            )?,
            oldest: define.gauge("twofold_mail_oldest_seconds", "Age of the oldest of these.")?,
        })
    }
}
