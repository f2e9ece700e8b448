//! Trusted devices: a login on one of them needs no second factor, and opens a session of the first level.

use super::client::Client;
use super::clock::Moment;
use super::digest::Digest;

/// A device's public id: random, unrelated to its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceId(String);

impl DeviceId {
    /// An id from the database or from a caller.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A trusted device of an account. Every login gives it a new token.
#[derive(Clone, Debug)]
pub struct TrustedDevice {
    /// Its public id.
    pub id: DeviceId,
    /// The digest of the token that was presented last; `None` before the first login.
    pub previous: Option<Digest>,
    /// The digests of tokens that were given out since and not presented yet. There are several if an answer was
    /// lost, or if two tabs logged in at once.
    pub unpresented: Vec<Digest>,
    /// When it is no longer trusted.
    pub until: Moment,
    /// When it was trusted.
    pub created_at: Moment,
    /// When a login last used it.
    pub last_seen_at: Moment,
    /// The IP address of that login.
    pub ip: String,
    /// The user agent of that login.
    pub user_agent: String,
}

/// What presenting a token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// It is presented for the first time. The other tokens end.
    First,
    /// It was presented before, and none of the newer ones was since: an answer was lost, or another tab was faster.
    Again,
    /// It has ended, or never was the device's: a copy is in use.
    Copied,
}

impl TrustedDevice {
    /// How many an account may have; a new one replaces the least recently used.
    pub const LIMIT: usize = 10;
    /// How many tokens may be out that were not presented yet; a new one replaces the oldest.
    pub const UNPRESENTED: usize = 10;

    /// A device that is trusted from now on.
    #[must_use]
    pub fn trust(id: DeviceId, token: Digest, until: Moment, client: &Client, now: Moment) -> Self {
        Self {
            id,
            previous: None,
            unpresented: vec![token],
            until,
            created_at: now,
            last_seen_at: now,
            ip: client.address.to_string(),
            user_agent: client.user_agent.clone(),
        }
    }

    /// Whether it is still trusted.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        now < self.until
    }

    /// What presenting the token with this digest means.
    #[must_use]
    pub fn presented(&self, token: &Digest) -> Presented {
        if self.unpresented.contains(token) {
            Presented::First
        } else if self.previous == Some(*token) {
            Presented::Again
        } else {
            Presented::Copied
        }
    }
}
