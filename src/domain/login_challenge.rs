//! A login whose password was right and whose second factor is due.

use chrono::TimeDelta;

use super::clock::Moment;
use super::digest::Digest;

/// A login challenge, without its token.
#[derive(Clone, Debug)]
pub struct LoginChallenge {
    /// Digest of the token that carries it.
    pub digest: Digest,
    /// Wrong codes given to it.
    pub tries: u32,
    /// When it ends.
    pub until: Moment,
}

impl LoginChallenge {
    /// How long a user has to give the second factor.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
    /// Wrong codes that end it.
    pub const TRIES_ALLOWED: u32 = 5;
    /// How many an account may have at a time; the oldest goes.
    pub const LIMIT: usize = 20;

    /// A challenge that begins now.
    #[must_use]
    pub fn begin(digest: Digest, now: Moment) -> Self {
        Self { digest, tries: 0, until: now + Self::LIFETIME }
    }

    /// Whether it still takes a code.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        now < self.until && self.tries < Self::TRIES_ALLOWED
    }
}
