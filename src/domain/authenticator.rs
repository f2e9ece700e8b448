//! The authenticator app bound to an account, and the enrolment that leads there.

use chrono::TimeDelta;

use super::clock::Moment;
use super::ids::SessionId;
use super::totp::TimeStep;

/// A shared secret as the database holds it: sealed, and opened by `crypto` alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes a sealed secret's bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The sealed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// An authenticator app that codes are accepted from.
#[derive(Clone, Debug)]
pub struct Totp {
    /// The shared secret.
    pub secret: Sealed,
    /// The latest step a code was accepted of; only later ones are (RFC 6238, section 5.2).
    pub last_step: TimeStep,
}

/// The state of an account's authenticator.
#[derive(Clone, Debug)]
pub enum Authenticator {
    /// None: the password is the only factor.
    Unbound,
    /// Switched on by the Basic contract: logins ask for a code, and none was right yet.
    Unconfirmed(Totp),
    /// Bound: a right code was seen.
    Bound(Totp),
}

impl Authenticator {
    /// Whether logins ask for a code.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !matches!(self, Self::Unbound)
    }

    /// Whether a right code was seen.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Bound(_))
    }

    /// What codes are checked against, where there is one.
    #[must_use]
    pub fn totp(&self) -> Option<&Totp> {
        match self {
            Self::Unbound => None,
            Self::Unconfirmed(totp) | Self::Bound(totp) => Some(totp),
        }
    }
}

/// An enrolment under way: the secret was shown to one session, which is to prove a code of it.
#[derive(Clone, Debug)]
pub struct PendingEnrolment {
    /// The shared secret.
    pub secret: Sealed,
    /// The public id of the session it was shown to.
    pub session: SessionId,
    /// When it ends.
    pub until: Moment,
    /// Wrong codes given to it.
    pub tries: u32,
}

impl PendingEnrolment {
    /// How long a user has to prove the first code.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
    /// Wrong codes that end it.
    pub const TRIES_ALLOWED: u32 = 5;

    /// Whether `session` may still prove a code of it.
    #[must_use]
    pub fn is_live_for(&self, session: &SessionId, now: Moment) -> bool {
        self.session == *session && now < self.until && self.tries < Self::TRIES_ALLOWED
    }
}
