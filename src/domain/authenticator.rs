//! The authenticator app of an account.

use chrono::TimeDelta;

use super::clock::Moment;
use super::ids::SessionId;
use super::totp::TimeStep;

/// A shared secret as it is stored: sealed. Only `crypto` can open it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// A sealed secret with these bytes.
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

/// An authenticator app whose codes are accepted.
#[derive(Clone, Debug)]
pub struct Totp {
    /// The shared secret.
    pub secret: Sealed,
    /// The step of the last accepted code; only later steps are accepted (RFC 6238, section 5.2).
    pub last_step: TimeStep,
    /// When it was enabled; `None` for one that was enabled before this was recorded.
    pub created_at: Option<Moment>,
}

/// The authenticator app of an account.
#[derive(Clone, Debug)]
pub enum Authenticator {
    /// None: the password is the only factor.
    None,
    /// Enabled by the Basic contract: logins require a code, and no correct one was submitted yet.
    Unconfirmed(Totp),
    /// Confirmed by a correct code.
    Confirmed(Totp),
}

impl Authenticator {
    /// Whether logins require a code.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether a correct code was submitted.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        matches!(self, Self::Confirmed(_))
    }

    /// The secret and last step that codes are checked against.
    #[must_use]
    pub fn totp(&self) -> Option<&Totp> {
        match self {
            Self::None => None,
            Self::Unconfirmed(totp) | Self::Confirmed(totp) => Some(totp),
        }
    }
}

/// A pending enrolment: the secret was shown to one session, which must confirm it with a code.
#[derive(Clone, Debug)]
pub struct PendingEnrolment {
    /// The shared secret.
    pub secret: Sealed,
    /// The public id of the session that it was shown to.
    pub session: SessionId,
    /// When it expires.
    pub until: Moment,
    /// How many wrong codes were submitted to it.
    pub tries: u32,
}

impl PendingEnrolment {
    /// How long a user has to submit the first code.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
    /// The number of wrong codes that end it.
    pub const TRIES_ALLOWED: u32 = 5;

    /// Whether `session` may still confirm it.
    #[must_use]
    pub fn is_live_for(&self, session: &SessionId, now: Moment) -> bool {
        self.session == *session && now < self.until && self.tries < Self::TRIES_ALLOWED
    }
}
