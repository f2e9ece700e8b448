//! An account: one document, and everything a decision about it needs.

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;

use super::authenticator::{Authenticator, PendingEnrolment};
use super::clock::Moment;
use super::digest::Digest;
use super::display_name::DisplayName;
use super::email::EmailAddress;
use super::ids::{Epoch, SessionId, UserId};
use super::lists::{Lists, Malformed};
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
#[derive(Clone)]
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
    /// Wrong codes in a row.
    pub codes: Counter,
    /// Its sessions, challenges, recovery codes and networks.
    pub lists: Arc<dyn Lists>,
}

impl Account {
    /// The session that a token with this digest carries.
    ///
    /// # Errors
    ///
    /// [`Malformed`], as of all that look at a list.
    pub fn session(&self, digest: &Digest) -> Result<Option<Session>, Malformed> {
        self.lists.session(digest)
    }

    /// The session with this public id.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn session_named(&self, id: &SessionId) -> Result<Option<Session>, Malformed> {
        Ok(self.lists.sessions()?.into_iter().find(|session| session.id == *id))
    }

    /// The login challenge that a token with this digest carries.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn challenge(&self, digest: &Digest) -> Result<Option<LoginChallenge>, Malformed> {
        Ok(self.lists.challenges()?.into_iter().find(|challenge| challenge.digest == *digest))
    }

    /// The session that makes room for another of its kind, where there are as many as may be: the
    /// least recently seen.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn displaced_session(&self, kind: SessionKind) -> Result<Option<Digest>, Malformed> {
        let mut of_kind = self.lists.sessions()?;
        of_kind.retain(|session| session.kind == kind);
        let oldest = of_kind.iter().min_by_key(|session| session.last_seen_at);
        Ok(oldest.filter(|_| of_kind.len() >= kind.limit()).map(|session| session.digest))
    }

    /// The challenge that makes room for another, where there are as many as may be: the oldest.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn displaced_challenge(&self) -> Result<Option<Digest>, Malformed> {
        let challenges = self.lists.challenges()?;
        let oldest = challenges.iter().min_by_key(|challenge| challenge.until);
        let is_full = challenges.len() >= LoginChallenge::LIMIT;
        Ok(oldest.filter(|_| is_full).map(|challenge| challenge.digest))
    }

    /// The network that makes room for another, where there are as many as may be.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn displaced_network(&self) -> Result<Option<Digest>, Malformed> {
        let networks = self.lists.networks()?;
        let oldest = networks.iter().min_by_key(|network| network.at);
        Ok(oldest.filter(|_| networks.len() >= KnownNetwork::LIMIT).map(|network| network.key))
    }

    /// When a sign-in was last completed from the network with this digest.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn network_seen_at(&self, key: &Digest) -> Result<Option<Moment>, Malformed> {
        let networks = self.lists.networks()?;
        Ok(networks.iter().find(|network| network.key == *key).map(|network| network.at))
    }

    /// Whether the owner completed a sign-in from this network in the last 30 days.
    ///
    /// # Errors
    ///
    /// [`Malformed`].
    pub fn knows_network(&self, key: &Digest, now: Moment) -> Result<bool, Malformed> {
        let seen_at = self.network_seen_at(key)?;
        Ok(seen_at.is_some_and(|at| now - at < KnownNetwork::REMEMBERED))
    }
}
