//! Sessions: who may act, how strongly they proved it, and for how long.

use chrono::TimeDelta;

use super::client::Client;
use super::clock::Moment;
use super::digest::Digest;
use super::ids::SessionId;
use super::totp::TimeStep;

/// How strongly a session was authenticated (NIST SP 800-63B-4, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aal {
    /// A password alone.
    One,
    /// A password and a second factor.
    Two,
}

impl Aal {
    /// The level as callers read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "aal1",
            Self::Two => "aal2",
        }
    }
}

/// What a session was opened with; the level follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// A password alone.
    Password,
    /// A password and a code of the authenticator app.
    PasswordAndOtp,
    /// A password and a recovery code.
    PasswordAndRecoveryCode,
}

impl Methods {
    /// The assurance level of a session that was opened with these.
    #[must_use]
    pub fn aal(self) -> Aal {
        match self {
            Self::Password => Aal::One,
            Self::PasswordAndOtp | Self::PasswordAndRecoveryCode => Aal::Two,
        }
    }
}

/// What the caller proved when a session was opened or renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The factors.
    pub methods: Methods,
    /// The time step of the one-time code, where one was given.
    pub step: Option<TimeStep>,
}

impl Proof {
    /// A password alone.
    pub const PASSWORD: Self = Self { methods: Methods::Password, step: None };
}

/// A session that is to be opened for a client.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Digest of its token.
    pub digest: Digest,
    /// Its public id.
    pub id: SessionId,
    /// Its kind.
    pub kind: SessionKind,
    /// Who opens it.
    pub client: &'a Client,
}

impl NewSession<'_> {
    /// The session, beginning now.
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
            failed: 0,
            ip: self.client.address.to_string(),
            user_agent: self.client.user_agent.clone(),
        }
    }
}

/// By which contract a session was opened; the two have settings and limits of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A browser session of the JSON contract, carried by a cookie.
    Cookie,
    /// A token of the Basic contract.
    Bearer,
}

impl SessionKind {
    /// The kind as callers read it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }

    /// How many of this kind an account may have; the least recently seen goes.
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::Cookie => 20,
            Self::Bearer => 50,
        }
    }
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Without being used.
    pub idle: TimeDelta,
    /// In all, from the last full authentication.
    pub absolute: TimeDelta,
}

/// One session of an account, without its token.
#[derive(Clone, Debug)]
pub struct Session {
    /// Digest of the token that carries it.
    pub digest: Digest,
    /// What callers name it by.
    pub id: SessionId,
    /// By which contract it was opened.
    pub kind: SessionKind,
    /// What it was opened with.
    pub methods: Methods,
    /// When every factor that the account had was last proved: the start of its absolute lifetime
    /// and what its freshness is measured from.
    pub authenticated_at: Moment,
    /// When it was opened.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub last_seen_at: Moment,
    /// The time step of the code that opened or last re-authenticated it.
    pub opened_with: Option<TimeStep>,
    /// Wrong passwords and recovery codes given inside it.
    pub failed: u32,
    /// The address it was opened from.
    pub ip: String,
    /// The program it was opened with.
    pub user_agent: String,
}

impl Session {
    /// Wrong passwords or recovery codes inside one session that end it.
    pub const FAILURES_ALLOWED: u32 = 5;

    /// The shortest time between two records of a session's use.
    pub const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

    /// The level that it was authenticated at.
    #[must_use]
    pub fn aal(&self) -> Aal {
        self.methods.aal()
    }

    /// When it ends unless it is used again.
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

    /// Whether its use is due to be recorded.
    #[must_use]
    pub fn is_seen_due(&self, now: Moment) -> bool {
        now - self.last_seen_at >= Self::SEEN_EVERY
    }

    /// Whether its authentication is younger than `window`: what sensitive calls ask for.
    #[must_use]
    pub fn is_fresh(&self, window: TimeDelta, now: Moment) -> bool {
        now - self.authenticated_at < window
    }

    /// The same session under a new token, in use now.
    #[must_use]
    pub fn rotated(&self, digest: Digest, now: Moment) -> Self {
        Self { digest, last_seen_at: now, ..self.clone() }
    }

    /// The same session, opened with these factors.
    #[must_use]
    pub fn with_proof(self, proof: Proof) -> Self {
        Self { methods: proof.methods, opened_with: proof.step, ..self }
    }

    /// The same session under a new token, authenticated again.
    #[must_use]
    pub fn renewed(&self, digest: Digest, proof: Proof, now: Moment) -> Self {
        let renewed = self.rotated(digest, now).with_proof(proof);
        Self { authenticated_at: now, failed: 0, ..renewed }
    }

    /// The same session after its account's authenticator was enabled, replaced or removed: what it
    /// proved before counts as a password alone.
    #[must_use]
    pub fn reduced_to_password(&self, now: Moment) -> Self {
        self.rotated(self.digest, now).with_proof(Proof::PASSWORD)
    }
}
