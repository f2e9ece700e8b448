//! Metrics of sign-ins and their limits.

use prometheus::{IntCounter, IntCounterVec, Result};

use super::define::Define;
use super::labels::{Label, PerLabel, label};

label! {
    /// How someone signs in: the credential that decides in this request.
    Method("method") {
        /// A password at the login.
        Password = "password",
        /// A password on a trusted device, in place of a second factor.
        TrustedDevice = "trusted_device",
        /// A code of the authenticator app, after the password.
        Code = "code",
        /// A recovery code, after the password.
        RecoveryCode = "recovery_code",
        /// A passkey, after the password.
        PasskeyAsFactor = "passkey_as_factor",
        /// A passkey alone.
        Passkey = "passkey",
        /// HTTP Basic, with or without a code.
        Basic = "basic",
    }
}

label! {
    /// What became of it.
    Outcome("outcome") {
        /// A session was opened.
        SignedIn = "signed_in",
        /// The password was correct; a second factor is required next.
        FactorRequired = "second_factor_required",
        /// The credential was wrong.
        Rejected = "rejected",
        /// Too many attempts.
        Throttled = "throttled",
        /// The account is disabled, or its address is not verified.
        NotAllowed = "not_allowed",
        /// The login had expired or ended.
        Expired = "expired",
        /// The service could not decide: the database, a full hashing queue, or a fault.
        Failed = "failed",
    }
}

label! {
    /// The limit that refused an attempt.
    Throttled("limit") {
        /// Failed sign-ins of a network.
        NetworkFailures = "network_failures",
        /// Wrong passwords for an address from one network.
        Address = "address",
        /// Wrong passwords for an address from unknown networks together.
        Strangers = "strangers",
        /// Registrations of a network.
        Registrations = "registrations",
        /// Changes to the second factor of an account.
        FactorChanges = "factor_changes",
        /// Six-digit codes, which are locked.
        Codes = "codes",
        /// Tries within a session, which are being checked.
        SessionTries = "session_tries",
        /// Sign-ins to an account with passkeys, of which too many are recent.
        PasskeySignIns = "passkey_sign_ins",
        /// Mails that a network asked for.
        NetworkMails = "network_mails",
        /// Mails to an address.
        AddressMails = "address_mails",
    }
}

/// Metrics of sign-ins and their limits.
#[derive(Clone)]
pub struct SignInMetrics {
    sign_ins: IntCounterVec,
    throttled: PerLabel<Throttled, IntCounter>,
}

impl SignInMetrics {
    pub(super) fn new(define: Define<'_>) -> Result<Self> {
        let sign_ins = define.counters_per_pair::<Method, Outcome>(
            "twofold_sign_ins_total",
            "Attempts to sign in, by what was submitted and the outcome.",
        )?;
        let throttled = define.counter_per(
            "twofold_throttled_total",
            "Attempts that were refused because of a limit.",
        )?;
        Ok(Self { sign_ins, throttled })
    }

    /// Counts an attempt to sign in.
    pub fn attempted(&self, method: Method, outcome: Outcome) {
        self.sign_ins.with_label_values(&[method.as_str(), outcome.as_str()]).inc();
    }

    /// Counts an attempt that a limit refused.
    pub fn throttled(&self, limit: Throttled) {
        self.throttled.inc(limit);
    }
}
