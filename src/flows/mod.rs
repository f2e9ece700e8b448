//! Use cases, one a file, in the field's words. Both contracts and the command line call these same
//! flows; a contract is only a way of speaking.

pub mod access;
pub mod basic_login;
pub mod basic_otp;
pub mod change_password;
pub mod delete_account;
pub mod enrol;
pub mod error;
pub mod events;
mod factor;
pub mod import;
pub mod keys;
pub mod login;
pub mod operator;
mod password;
pub mod reauthenticate;
pub mod recovery_codes;
pub mod register;
pub mod sessions;
mod throttling;
pub mod unbind;
pub mod validate;

use std::sync::Arc;

use chrono::TimeDelta;

pub use crate::crypto::token::Token;

use crate::crypto::hashing_pool::HashingPool;
use crate::crypto::keyed_digest::KeyedDigest;
use crate::crypto::seal::KeyRing;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::clock::Clock;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::session::{Lifetimes, Session, SessionKind};
use crate::domain::totp::AcceptanceWindow;
use crate::storage::{NetworkNote, Store};
use error::AuthError;
use events::EventLog;

/// What the operator decided.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How long a browser session lasts.
    pub cookie_lifetimes: Lifetimes,
    /// How long a token of the Basic contract lasts.
    pub bearer_lifetimes: Lifetimes,
    /// How young a session's authentication must be for sensitive calls.
    pub reauth_window: TimeDelta,
    /// Steps before and after the present one of which codes are accepted.
    pub otp_window: AcceptanceWindow,
    /// Who the authenticator app says the code is for.
    pub otp_issuer: String,
    /// Failed sign-ins that one network may have in ten minutes, where that is limited.
    pub network_failures: Option<u32>,
    /// Registrations that one network may try in an hour, where that is limited.
    pub network_registrations: Option<u32>,
    /// How long security events are kept.
    pub events_kept: TimeDelta,
}

/// What the use cases share. Clones share it too; each worker has one with a store of its own.
#[derive(Clone)]
pub struct Auth {
    /// The database.
    pub store: Store,
    /// The threads that hash.
    pub hasher: HashingPool,
    /// The keys that secrets are sealed under.
    pub ring: KeyRing,
    /// Digests of addresses and networks.
    pub digests: KeyedDigest,
    /// Where events are left.
    pub events: EventLog,
    /// The time.
    pub clock: Clock,
    /// What the operator decided.
    pub rules: Arc<Rules>,
}

/// How often a decision is made anew when the account changed while it was being written down.
const ATTEMPTS: usize = 10;

impl Auth {
    /// Whether the database answers and has its indexes.
    pub async fn is_ready(&self) -> bool {
        self.store.is_indexed() && self.store.ping().await.is_ok()
    }

    fn lifetimes(&self, kind: SessionKind) -> Lifetimes {
        match kind {
            SessionKind::Cookie => self.rules.cookie_lifetimes,
            SessionKind::Bearer => self.rules.bearer_lifetimes,
        }
    }

    /// As [`Self::decide`], beginning with the account as it is now.
    async fn decide_anew<T>(
        &self,
        user: UserId,
        attempt: impl AsyncFn(&Account) -> Result<Option<T>, AuthError>,
    ) -> Result<T, AuthError> {
        let account = self.store.account(user).await?;
        self.decide(account.ok_or(AuthError::NotAuthenticated)?, attempt).await
    }

    /// Makes a decision about an account and writes it down; where the account changed in between,
    /// which the guarded write reports as `None`, reads it again and decides again.
    async fn decide<T>(
        &self,
        account: Account,
        attempt: impl AsyncFn(&Account) -> Result<Option<T>, AuthError>,
    ) -> Result<T, AuthError> {
        let mut account = account;
        for _ in 0..ATTEMPTS {
            if let Some(outcome) = attempt(&account).await? {
                return Ok(outcome);
            }
            let current = self.store.account(account.id).await?;
            account = current.ok_or(AuthError::NotAuthenticated)?;
        }
        Err(AuthError::Unavailable)
    }

    /// The digest by which an account knows the site of a client.
    fn network_key(&self, user: UserId, client: &Client) -> Digest {
        let (user, site) = (user.to_string(), client.site().to_string());
        self.digests.of("known network", &[&user, &site])
    }

    /// What a completed sign-in leaves of the network it came from.
    fn network_note(&self, account: &Account, client: &Client) -> Result<NetworkNote, AuthError> {
        use crate::domain::account::KnownNetwork;
        let (key, now) = (self.network_key(account.id, client), self.clock.now());
        Ok(match account.network_seen_at(&key)? {
            None => NetworkNote::New(key, now),
            Some(at) if now - at < KnownNetwork::RECORD_EVERY => NetworkNote::Nothing,
            Some(_) => NetworkNote::Again(key, now),
        })
    }

    /// The session with this digest, if it is live and proved every factor the account has.
    fn full_session(&self, account: &Account, digest: &Digest) -> Result<Session, AuthError> {
        let session = self.live_session(account, digest)?.ok_or(AuthError::NotAuthenticated)?;
        if access::lacks_second_factor(account, &session) {
            return Err(AuthError::OtpRequired);
        }
        Ok(session)
    }

    /// The session with this digest, if it is live.
    fn live_session(
        &self,
        account: &Account,
        digest: &Digest,
    ) -> Result<Option<Session>, AuthError> {
        let now = self.clock.now();
        let is_live = |session: &Session| session.is_live(self.lifetimes(session.kind), now);
        let session = account.session(digest)?.filter(is_live);
        Ok(session.filter(|_| account.disabled_at.is_none()))
    }
}
