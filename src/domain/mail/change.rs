//! A pending change of an account's address.

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::mail::seed::Seed;

/// A change that was asked for and has not taken effect.
#[derive(Clone, Debug)]
pub struct EmailChange {
    /// The new address.
    pub email: EmailAddress,
    /// What its tokens are derived from, with a key that is not in the database.
    pub seed: Seed,
    /// The digest of the token that was sent to the new address.
    pub confirm: Digest,
    /// The digest of the token that was sent to the current address, if that is verified.
    pub approve: Option<Digest>,
    /// When both links expire.
    pub until: Moment,
    /// Whether the current address has approved it.
    pub is_approved: bool,
    /// When it takes effect; `None` until the new address is confirmed.
    pub effective_at: Option<Moment>,
}

impl EmailChange {
    /// How long its links can be used.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(24);

    /// Whether the change is still pending: a confirmed one waits until it takes effect.
    #[must_use]
    pub fn is_pending(&self, now: Moment) -> bool {
        self.effective_at.is_some() || now < self.until
    }
}
