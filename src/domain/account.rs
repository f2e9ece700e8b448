//! An account: one document, and everything a decision about it needs.

use std::fmt;

use chrono::TimeDelta;

use super::authenticator::{Authenticator, PendingEnrolment};
use super::clock::Moment;
use super::digest::Digest;
use super::display_name::DisplayName;
use super::email::EmailAddress;
use super::ids::{Epoch, SessionId, UserId};
use super::login_challenge::LoginChallenge;
use super::session::{Session, SessionKind};
use super::throttle::Counter;

/// A password's hash as a PHC string. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string.
    #[must_use]
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A network that the account's owner completed a sign-in from.
#[derive(Clone, Debug)]
pub struct KnownNetwork {
    /// Keyed digest of the network.
    pub key: Digest,
    /// When a sign-in was last completed from it, to the day.
    pub at: Moment,
}

impl KnownNetwork {
    /// How many networks an account remembers.
    pub const LIMIT: usize = 8;
    /// How long a network stays known.
    pub const REMEMBERED: TimeDelta = TimeDelta::days(30);
    /// The shortest time between two records of the same network.
    pub const RECORD_EVERY: TimeDelta = TimeDelta::days(1);
}

/// One account as it was read at one moment.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id, which tokens name.
    pub id: UserId,
    /// Its address, unique among accounts.
    pub email: EmailAddress,
    /// What its owner is called.
    pub name: DisplayName,
    /// The hash of its password.
    pub password: PasswordHash,
    /// The state of its credentials that a login under way must find unchanged.
    pub epoch: Epoch,
    /// When it was registered.
    pub created_at: Moment,
    /// When its profile or its credentials last changed.
    pub updated_at: Moment,
    /// When its operator disabled it, if so.
    pub disabled_at: Option<Moment>,
    /// Its authenticator app.
    pub authenticator: Authenticator,
    /// An enrolment under way.
    pub pending: Option<PendingEnrolment>,
    /// Digests of the recovery codes not used yet.
    pub recovery: Vec<Digest>,
    /// Wrong codes in a row.
    pub codes: Counter,
    /// Its sessions of both kinds, live or not.
    pub sessions: Vec<Session>,
    /// Its login challenges, live or not.
    pub challenges: Vec<LoginChallenge>,
    /// The networks its owner signs in from.
    pub networks: Vec<KnownNetwork>,
}

impl Account {
    /// The session that a token with this digest carries.
    #[must_use]
    pub fn session(&self, digest: &Digest) -> Option<&Session> {
        self.sessions.iter().find(|session| session.digest == *digest)
    }

    /// The session with this public id.
    #[must_use]
    pub fn session_named(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == *id)
    }

    /// The login challenge that a token with this digest carries.
    #[must_use]
    pub fn challenge(&self, digest: &Digest) -> Option<&LoginChallenge> {
        self.challenges.iter().find(|challenge| challenge.digest == *digest)
    }

    /// The session that makes room for another of its kind, where there are as many as may be: the
    /// least recently seen.
    #[must_use]
    pub fn displaced_session(&self, kind: SessionKind) -> Option<Digest> {
        let of_kind = || self.sessions.iter().filter(|session| session.kind == kind);
        let oldest = of_kind().min_by_key(|session| session.last_seen_at)?;
        (of_kind().count() >= kind.limit()).then_some(oldest.digest)
    }

    /// The challenge that makes room for another, where there are as many as may be: the oldest.
    #[must_use]
    pub fn displaced_challenge(&self) -> Option<Digest> {
        let oldest = self.challenges.iter().min_by_key(|challenge| challenge.until)?;
        (self.challenges.len() >= LoginChallenge::LIMIT).then_some(oldest.digest)
    }

    /// The network that makes room for another, where there are as many as may be.
    #[must_use]
    pub fn displaced_network(&self) -> Option<Digest> {
        let oldest = self.networks.iter().min_by_key(|network| network.at)?;
        (self.networks.len() >= KnownNetwork::LIMIT).then_some(oldest.key)
    }

    /// When a sign-in was last completed from the network with this digest.
    #[must_use]
    pub fn network_seen_at(&self, key: &Digest) -> Option<Moment> {
        let known = self.networks.iter().find(|network| network.key == *key);
        known.map(|network| network.at)
    }

    /// Whether the owner completed a sign-in from this network in the last 30 days.
    #[must_use]
    pub fn knows_network(&self, key: &Digest, now: Moment) -> bool {
        let seen_at = self.network_seen_at(key);
        seen_at.is_some_and(|at| now - at < KnownNetwork::REMEMBERED)
    }
}
