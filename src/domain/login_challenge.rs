//! Login challenges: the password was correct, and the second factor is required.

use chrono::TimeDelta;

use super::clock::Moment;
use super::digest::Digest;
use super::passkey::ceremony::PendingChallenge;

/// A login challenge, without its token.
#[derive(Clone, Debug)]
pub struct LoginChallenge {
    /// The digest of its token.
    pub digest: Digest,
    /// How many wrong codes were submitted to it.
    pub tries: u32,
    /// When it expires.
    pub until: Moment,
    /// The challenge that a passkey must sign for this login.
    pub passkey: Option<PendingChallenge>,
}

impl LoginChallenge {
    /// How long a user has to submit the second factor.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
    /// The number of wrong codes that end it.
    pub const TRIES_ALLOWED: u32 = 5;
    /// How many an account may have at a time; a new one replaces the oldest.
    pub const LIMIT: usize = 20;

    /// A challenge that starts now.
    #[must_use]
    pub fn begin(digest: Digest, now: Moment) -> Self {
        Self { digest, tries: 0, until: now + Self::LIFETIME, passkey: None }
    }

    /// Whether it still accepts a code.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        now < self.until && self.tries < Self::TRIES_ALLOWED
    }
}
