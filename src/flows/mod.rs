//! Use cases, one in each file. Both HTTP contracts and the command line call these.
//!
//! Every use case fails with [`AuthError`](error::AuthError). Besides the reasons that its
//! documentation lists, any may fail with `Unavailable` (the database did not answer, or the outcome
//! of a write is unknown) and with `Fault` (a defect of the service or of its data).

pub mod add_passkey;
pub mod ask_for_passkey;
pub mod change_password;
pub mod delete_account;
pub mod devices;
pub mod disable_otp;
pub mod enable_otp;
pub mod error;
pub mod events;
pub mod exchange_credentials;
pub mod log_in;
pub mod log_out;
pub mod mail;
pub mod manage_passkeys;
pub mod operator;
pub mod otp_setup;
pub mod passkey_sign_in;
pub mod reauthenticate;
pub mod recovery_codes;
pub mod register;
pub mod sessions;
mod shared;
pub mod submit_second_factor;
pub mod tokens;

use std::sync::Arc;

use chrono::TimeDelta;

pub use crate::crypto::sign_in_token::SignInToken;
pub use crate::crypto::token::Token;
pub use shared::access;
pub use shared::event_log::{EventLog, event_log};

use self::mail::Mail;
use self::tokens::TokenRules;
use crate::breaches::BreachedPasswords;
use crate::crypto::hashing::HashingPool;
use crate::crypto::keyed_digest::KeyedDigest;
use crate::crypto::seal::KeyRing;
use crate::crypto::sign_in_token::SignInKeys;
use crate::crypto::webauthn::RelyingParty;
use crate::domain::clock::Clock;
use crate::domain::session::{Lifetimes, SessionKind};
use crate::domain::totp::AcceptanceWindow;
use crate::metrics::SignInMetrics;
use crate::storage::{Store, StoreError, persist};

/// The operator's settings that use cases depend on.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long a browser session lasts.
    pub cookie_lifetimes: Lifetimes,
    /// How long a bearer token of the Basic contract lasts.
    pub bearer_lifetimes: Lifetimes,
    /// Maximum age of a sign-in for sensitive actions.
    pub reauth_window: TimeDelta,
    /// How long a device is trusted; zero for never.
    pub device_lifetime: TimeDelta,
    /// Steps before and after the current one whose codes are accepted.
    pub otp_window: AcceptanceWindow,
    /// The name of the service, which prompts for passkeys show.
    pub service_name: String,
    /// The issuer that authenticator apps show.
    pub otp_issuer: String,
    /// Failed sign-ins that one network may have in ten minutes, if limited.
    pub network_failures: Option<u32>,
    /// Registrations that one network may try in an hour, if limited.
    pub network_registrations: Option<u32>,
    /// How long security events are kept.
    pub events_kept: TimeDelta,
    /// Whom passkeys are made for; `None` where browsers reach the service at an IP address.
    pub relying_party: Option<RelyingParty>,
    /// Passwords that nobody may choose, if there is a list of them.
    pub breached_passwords: Option<Arc<BreachedPasswords>>,
    /// Tokens for other services.
    pub tokens: TokenRules,
}

/// Hashing, sealing, keyed digests and tokens.
#[derive(Clone)]
pub struct Crypto {
    /// The threads that hash passwords.
    pub hasher: HashingPool,
    /// The keys that TOTP secrets are sealed under.
    pub ring: KeyRing,
    /// Makes the digests of addresses and networks.
    pub digests: KeyedDigest,
    /// Makes the tokens of sign-ins with passkeys.
    pub sign_ins: SignInKeys,
}

/// What the use cases share. Each worker has one, with a store of its own.
#[derive(Clone)]
pub struct Auth {
    store: Store,
    hasher: HashingPool,
    ring: KeyRing,
    digests: KeyedDigest,
    sign_ins: SignInKeys,
    event_log: EventLog,
    metrics: SignInMetrics,
    clock: Clock,
    rules: Arc<Rules>,
    mail: Option<Mail>,
}

impl Auth {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        store: Store,
        crypto: Crypto,
        (event_log, metrics): (EventLog, SignInMetrics),
        clock: Clock,
        rules: Arc<Rules>,
    ) -> Self {
        let Crypto { hasher, ring, digests, sign_ins } = crypto;
        let mail = None;
        Self { store, hasher, ring, digests, sign_ins, event_log, metrics, clock, rules, mail }
    }

    /// The same with mail.
    #[must_use]
    pub fn with_mail(self, mail: Option<Mail>) -> Self {
        Self { mail, ..self }
    }

    /// Creates the indexes as soon as the database answers, then reports secrets whose key is missing.
    pub async fn prepare(&self) {
        let servers = self.store.servers();
        let report = |error: &StoreError| {
            let message = match error {
                StoreError::Unavailable => format!("cannot reach MongoDB at {servers}; retrying"),
                _ => "cannot create the database indexes; retrying".to_owned(),
            };
            tracing::warn!(cause = %error, "{message}");
        };
        persist(report, || self.store.ensure_indexes()).await;
        self.report_missing_keys().await;
    }

    /// Whether the database has its indexes, and this service may read and write accounts in it.
    pub async fn is_ready(&self) -> bool {
        self.store.is_indexed() && self.store.check_access().await.is_ok()
    }

    fn lifetimes(&self, kind: SessionKind) -> Lifetimes {
        match kind {
            SessionKind::Cookie => self.rules.cookie_lifetimes,
            SessionKind::Bearer => self.rules.bearer_lifetimes,
        }
    }
}
