//! Metrics of security events, and what follows from their kinds.

use prometheus::{IntCounter, IntCounterVec, IntGauge, Result};

use super::define::Define;
use super::labels::{PerLabel, label};
use crate::domain::event::EventKind;

label! {
    /// What was set up.
    Enrolment("kind") {
        /// An authenticator app, as the first one.
        App = "app",
        /// An authenticator app in place of another one.
        ReplacedApp = "replaced_app",
        /// A passkey.
        Passkey = "passkey",
    }
}

label! {
    /// What too many failures locked or ended.
    Lock("kind") {
        /// The six-digit codes of an account.
        Codes = "codes",
        /// A session.
        Session = "session",
        /// A login in progress.
        Challenge = "challenge",
    }
}

/// Metrics of security events.
#[derive(Clone)]
pub struct EventMetrics {
    recorded: IntCounterVec,
    /// Events that were lost.
    pub lost: IntCounter,
    /// Events that wait to be written.
    pub queued: IntGauge,
    enrolments: PerLabel<Enrolment, IntCounter>,
    locks: PerLabel<Lock, IntCounter>,
    recovery_codes_used: IntCounter,
}

impl EventMetrics {
    pub(super) fn new(define: Define<'_>) -> Result<Self> {
        let recorded = define.counters(
            "twofold_security_events_total",
            "Security events, by kind.",
            &["kind"],
        )?;
        for kind in EventKind::all() {
            recorded.with_label_values(&[kind.as_str()]);
        }
        Ok(Self {
            recorded,
            lost: define.counter("twofold_security_events_lost_total", "Events lost.")?,
            queued: define
                .gauge("twofold_security_events_queued", "Events that wait to be written.")?,
            enrolments: define
                .counter_per("twofold_enrolments_total", "Second factors that were set up.")?,
            locks: define.counter_per(
                "twofold_locks_total",
                "Codes, sessions and logins that too many failures locked or ended.",
            )?,
            recovery_codes_used: define
                .counter("twofold_recovery_codes_used_total", "Recovery codes used up.")?,
        })
    }

    /// Counts an event.
    pub fn record(&self, kind: EventKind) {
        self.recorded.with_label_values(&[kind.as_str()]).inc();
        match kind {
            EventKind::EnrolmentConfirmed => self.enrolments.inc(Enrolment::App),
            EventKind::AuthenticatorReplaced => self.enrolments.inc(Enrolment::ReplacedApp),
            EventKind::PasskeyAdded => self.enrolments.inc(Enrolment::Passkey),
            EventKind::CodesLocked => self.locks.inc(Lock::Codes),
            EventKind::SessionEndedByFailures => self.locks.inc(Lock::Session),
            EventKind::RecoveryCodeUsed => self.recovery_codes_used.inc(),
            _ => {}
        }
    }

    /// Counts a login challenge that ended after its last wrong code, for which there is no event.
    pub fn challenge_ended(&self) {
        self.locks.inc(Lock::Challenge);
    }
}
