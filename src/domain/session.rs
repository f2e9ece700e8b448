//! Sessions and their lifetime.

mod methods;

use chrono::TimeDelta;

use super::client::Client;
use super::clock::Moment;
use super::digest::Digest;
use super::ids::SessionId;
use super::passkey::ceremony::PendingChallenge;
use super::totp::TimeStep;

pub use methods::{Aal, Methods};

/// The factors that were verified when a session was opened or renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The factors.
    pub methods: Methods,
    /// The time step of the one-time code, if one was used.
    pub step: Option<TimeStep>,
}

impl Proof {
    /// A password alone.
    pub const PASSWORD: Self = Self { methods: Methods::Password, step: None };
    /// A password on a trusted device.
    pub const ON_TRUSTED_DEVICE: Self =
        Self { methods: Methods::PasswordOnTrustedDevice, step: None };
}

/// A session to be opened for a client.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Digest of its token.
    pub digest: Digest,
    /// Its public id.
    pub id: SessionId,
    /// Its kind.
    pub kind: SessionKind,
    /// The client that opens it.
    pub client: &'a Client,
}

impl NewSession<'_> {
    /// The session, starting now.
    #[must_use]
    pub fn begin(&self, proof: Proof, now: Moment) -> Session {
        Session {
            digest: self.digest,
            id: self.id.clone(),
            kind: self.kind,
            methods: proof.methods,
            authenticated_at: now,
            created_at: now,
            last_seen_at: now,
            opened_with: proof.step,
            passkey: None,
            failed: 0,
            ip: self.client.address.to_string(),
            user_agent: self.client.user_agent.clone(),
        }
    }
}

/// The contract by which a session was opened. Each has its own settings and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser session of the JSON contract, with a cookie.
    Cookie,
    /// A token of the Basic contract.
    Bearer,
}

impl SessionKind {
    /// The kind as text, for responses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }

    /// How many of this kind an account may have; a new one replaces the least recently seen.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Cookie => 20,
            Self::Bearer => 50,
        }
    }
}

/// The lifetimes of a session.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// How long a session lasts without being used.
    pub idle: TimeDelta,
    /// How long a session lasts after the last full authentication.
    pub absolute: TimeDelta,
}

/// One session of an account, without its token.
#[derive(Clone, Debug)]
pub struct Session {
    /// The digest of its token.
    pub digest: Digest,
    /// Its public id.
    pub id: SessionId,
    /// The contract by which it was opened.
    pub kind: SessionKind,
    /// The factors that it was opened with.
    pub methods: Methods,
    /// When every factor of the account was last verified. Its absolute lifetime and its freshness are
    /// measured from here.
    pub authenticated_at: Moment,
    /// When it was opened.
    pub created_at: Moment,
    /// When it was last used, with a precision of a minute.
    pub last_seen_at: Moment,
    /// The time step of the code that opened or last re-authenticated it.
    pub opened_with: Option<TimeStep>,
    /// The challenge that a passkey must sign within this session.
    pub passkey: Option<PendingChallenge>,
    /// The number of wrong passwords and recovery codes in this session.
    pub failed: u32,
    /// The IP address that it was opened from.
    pub ip: String,
    /// The user agent that it was opened with.
    pub user_agent: String,
}

impl Session {
    /// The number of wrong passwords and recovery codes that end a session.
    pub const FAILURES_ALLOWED: u32 = 5;

    /// After this time, a password or recovery code that was counted is no longer being checked.
    pub const LONGEST_CHECK: TimeDelta = TimeDelta::minutes(2);

    /// The minimum time between two records of a session's use.
    pub const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

    /// The level that it was authenticated at.
    #[must_use]
    pub fn aal(&self) -> Aal {
        self.methods.aal()
    }

    /// When it expires, unless it is used again.
    #[must_use]
    pub fn expires_at(&self, lifetimes: Lifetimes) -> Moment {
        let idle = self.last_seen_at + lifetimes.idle;
        idle.min(self.authenticated_at + lifetimes.absolute)
    }

    /// Whether it may still be used.
    #[must_use]
    pub fn is_live(&self, lifetimes: Lifetimes, now: Moment) -> bool {
        now < self.expires_at(lifetimes)
    }

    /// Whether its use should be recorded now.
    #[must_use]
    pub fn is_seen_due(&self, now: Moment) -> bool {
        now - self.last_seen_at >= Self::SEEN_EVERY
    }

    /// Whether its authentication is more recent than `window`, as sensitive calls require.
    #[must_use]
    pub fn is_fresh(&self, window: TimeDelta, now: Moment) -> bool {
        now - self.authenticated_at < window
    }

    /// The same session with a new token, last used now.
    #[must_use]
    pub fn rotated(&self, digest: Digest, now: Moment) -> Self {
        Self { digest, last_seen_at: now, passkey: None, ..self.clone() }
    }

    /// The same session, opened with these factors.
    #[must_use]
    pub fn with_proof(self, proof: Proof) -> Self {
        Self { methods: proof.methods, opened_with: proof.step, ..self }
    }

    /// The same session with a new token, after a second factor that its device had spared it. It is as fresh as
    /// its password.
    #[must_use]
    pub fn raised(&self, digest: Digest, proof: Proof, now: Moment) -> Self {
        Self { failed: 0, ..self.rotated(digest, now).with_proof(proof) }
    }

    /// The same session with a new token, authenticated again.
    #[must_use]
    pub fn renewed(&self, digest: Digest, proof: Proof, now: Moment) -> Self {
        Self { authenticated_at: now, ..self.raised(digest, proof, now) }
    }

    /// The same session with the tries that it had as `read`, but for the one that was counted for a right passkey:
    /// a passkey says nothing about the passwords that were wrong.
    #[must_use]
    pub fn with_tries_of(self, read: &Self) -> Self {
        Self { failed: read.failed.saturating_sub(1), ..self }
    }

    /// The same session after its account's authenticator was enabled, replaced or removed: it counts as
    /// opened with a password alone.
    #[must_use]
    pub fn reduced_to_password(&self, now: Moment) -> Self {
        self.rotated(self.digest, now).with_proof(Proof::PASSWORD)
    }

    /// The same session after its account's authenticator was enabled or removed. With a passkey in the account it
    /// still has a second factor behind it.
    #[must_use]
    pub fn after_change_of_app(&self, has_passkey: bool, now: Moment) -> Self {
        if has_passkey {
            Self { opened_with: None, ..self.rotated(self.digest, now) }
        } else {
            self.reduced_to_password(now)
        }
    }
}
