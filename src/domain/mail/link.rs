//! Links in mails. An account stores the digest of each link's token.

use chrono::TimeDelta;

use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::mail::seed::Seed;
use crate::domain::passkey::ceremony::PendingChallenge;

/// A kind of link. An account has one of each at most, and a new one replaces the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Verifies the address.
    Verify,
    /// Deletes an account whose address was never verified.
    Disown,
    /// Resets the password.
    Reset,
    /// Resets the password; asked for from a network that the account knows. The two do not replace each other.
    ResetFromKnown,
}

impl LinkKind {
    /// Both kinds of links that reset the password.
    pub const RESETS: [Self; 2] = [Self::Reset, Self::ResetFromKnown];

    /// How long a link can be used.
    #[must_use]
    pub fn lifetime(self) -> TimeDelta {
        match self {
            Self::Verify | Self::Disown => TimeDelta::hours(24),
            Self::Reset | Self::ResetFromKnown => TimeDelta::minutes(30),
        }
    }
}

/// A link that was sent, or is about to be.
#[derive(Clone, Debug)]
pub struct MailLink {
    /// The digest of its token.
    pub digest: Digest,
    /// What its token is derived from, with a key that is not in the database.
    pub seed: Seed,
    /// The address that it was sent to.
    pub email: EmailAddress,
    /// When it expires.
    pub until: Moment,
    /// How many wrong second factors were submitted with it.
    pub tries: u32,
    /// The challenge that a passkey must sign for it.
    pub passkey: Option<PendingChallenge>,
}

impl MailLink {
    /// The number of wrong second factors that end a link.
    pub const TRIES_ALLOWED: u32 = 5;

    /// A new link of a kind.
    #[must_use]
    pub fn begin(
        kind: LinkKind,
        seed: Seed,
        digest: Digest,
        email: &EmailAddress,
        now: Moment,
    ) -> Self {
        let (email, until) = (email.clone(), now + kind.lifetime());
        Self { digest, seed, email, until, tries: 0, passkey: None }
    }

    /// Whether it may still be used for an account with this address.
    #[must_use]
    pub fn is_live(&self, address: &EmailAddress, now: Moment) -> bool {
        now < self.until && self.tries < Self::TRIES_ALLOWED && self.email == *address
    }
}
