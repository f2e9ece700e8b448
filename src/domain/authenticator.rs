//! The authenticator app of an account, and its enrolment.

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

/// The authenticator app of an account.
#[derive(Clone, Debug)]
pub enum Authenticator {
    /// None: the password is the only factor.
    None,
    /// Enabled by the Basic contract: logins require a code, and none was right yet.
    Unconfirmed(Totp),
    /// Confirmed by a right code.
    Confirmed(Totp),
}

impl Authenticator {
    /// Whether logins require a code.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether a code was right.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        matches!(self, Self::Confirmed(_))
    }

    /// What codes are checked against, where there is one.
    #[must_use]
    pub fn totp(&self) -> Option<&Totp> {
        match self {
            Self::None => None,
            Self::Unconfirmed(totp) | Self::Confirmed(totp) => Some(totp),
        }
    }
}

/// A pending enrolment: the secret was shown to one session, which is to confirm it by a code.
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
    /// How long a user has to confirm the first code.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
    /// Wrong codes that end it.
    pub const TRIES_ALLOWED: u32 = 5;

    /// Whether `session` may still confirm it.
    #[must_use]
    pub fn is_live_for(&self, session: &SessionId, now: Moment) -> bool {
        self.session == *session && now < self.until && self.tries < Self::TRIES_ALLOWED
    }
}
