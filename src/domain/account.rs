//! Accounts.

use std::fmt;
use std::sync::Arc;

use super::authenticator::{Authenticator, PendingEnrolment};
use super::clock::Moment;
use super::device::{DeviceId, TrustedDevice};
use super::digest::Digest;
use super::display_name::DisplayName;
use super::email::EmailAddress;
use super::ids::{Epoch, SessionId, UserId};
use super::lists::{Lists, Malformed};
use super::login_challenge::LoginChallenge;
use super::mail::AccountMail;
use super::mail::link::{LinkKind, MailLink};
use super::network::KnownNetwork;
use super::passkey::ceremony::{PasskeyEnrolment, PendingChallenge};
use super::passkey::{CredentialId, Passkey};
use super::session::{Session, SessionKind};
use super::throttle::Counter;

/// A password's hash as a PHC string. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as a PHC string.
    #[must_use]
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// In place of a hash: no password is accepted until a new one is set by a link.
    #[must_use]
    pub fn none() -> Self {
        Self(NO_PASSWORD.to_owned())
    }
}

/// No PHC string begins like this.
const NO_PASSWORD: &str = "!";

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// The lists of an account, which [`Account`] parses on demand.
#[derive(Clone)]
pub struct AccountLists(Arc<dyn Lists>);

impl AccountLists {
    /// The lists in their stored form.
    #[must_use]
    pub fn new(stored: Arc<dyn Lists>) -> Self {
        Self(stored)
    }
}

/// An account as it was read from the database.
///
/// Methods that read one of its lists fail with [`Malformed`] if the stored list is not of the
/// expected shape.
#[derive(Clone)]
pub struct Account {
    /// Its id, which tokens name.
    pub id: UserId,
    /// Its address, unique among accounts.
    pub email: EmailAddress,
    /// Whether its owner has shown that they read mail at the address.
    pub is_email_verified: bool,
    /// Its owner's name.
    pub name: DisplayName,
    /// The hash of its password.
    pub password: PasswordHash,
    /// Counts the changes that invalidate logins in progress.
    pub epoch: Epoch,
    /// When it was registered.
    pub created_at: Moment,
    /// When its profile or its credentials last changed.
    pub updated_at: Moment,
    /// When its operator disabled it, if so.
    pub disabled_at: Option<Moment>,
    /// Its authenticator app.
    pub authenticator: Authenticator,
    /// Its passkeys.
    pub passkeys: Vec<Passkey>,
    /// The pending enrolment.
    pub pending: Option<PendingEnrolment>,
    /// Wrong codes in a row.
    pub codes: Counter,
    /// When its recovery codes were made; `None` for those made before this was recorded.
    pub recovery_created_at: Option<Moment>,
    /// When its owner last used a "This wasn't me" link.
    pub secured_at: Option<Moment>,
    /// Its links in mails, and a pending change of its address.
    pub mail: AccountMail,
    /// Its sessions, challenges, recovery codes and networks.
    pub lists: AccountLists,
}

impl Account {
    /// The hash that a password is checked against; `None` if no password is accepted.
    #[must_use]
    pub fn usable_password(&self) -> Option<PasswordHash> {
        (self.password.expose() != NO_PASSWORD).then(|| self.password.clone())
    }

    /// Whether logins require a second factor.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.authenticator.is_enabled() || !self.passkeys.is_empty()
    }

    /// The names of its kinds of second factor, in the order in which they are listed.
    pub fn second_factors(&self) -> impl Iterator<Item = &'static str> {
        let app = self.authenticator.is_enabled().then_some("totp");
        app.into_iter().chain((!self.passkeys.is_empty()).then_some("passkey"))
    }

    /// Whether it has a second factor that was proved once: any but an authenticator app without a first code.
    #[must_use]
    pub fn has_confirmed_factor(&self) -> bool {
        self.authenticator.is_confirmed() || !self.passkeys.is_empty()
    }

    /// The passkey with this credential id.
    #[must_use]
    pub fn passkey(&self, id: &CredentialId) -> Option<&Passkey> {
        self.passkeys.iter().find(|passkey| passkey.id == *id)
    }

    /// Whether logins would require a second factor without this passkey.
    #[must_use]
    pub fn has_another_factor(&self, than: &CredentialId) -> bool {
        self.authenticator.is_enabled() || self.passkeys.iter().any(|passkey| passkey.id != *than)
    }

    /// The link of this kind, if its token has this digest and it may still be used.
    #[must_use]
    pub fn live_link(&self, kind: LinkKind, digest: &Digest, now: Moment) -> Option<&MailLink> {
        let link = self.mail.link(kind).filter(|link| link.digest == *digest)?;
        (link.is_live(&self.email, now) && self.disabled_at.is_none()).then_some(link)
    }

    /// The account after a write that changed its authenticator app. The lists stay as they were read.
    #[must_use]
    pub fn with_authenticator(&self, authenticator: Authenticator, now: Moment) -> Self {
        let (epoch, codes) = (Epoch(self.epoch.0 + 1), Counter { failed: 0, ..self.codes });
        Self { authenticator, pending: None, updated_at: now, epoch, codes, ..self.clone() }
    }

    /// The pending enrolment that this session may still confirm.
    #[must_use]
    pub fn pending_for(&self, session: &SessionId, now: Moment) -> Option<&PendingEnrolment> {
        self.pending.as_ref().filter(|pending| pending.is_live_for(session, now))
    }

    /// Its sessions of both kinds, live or not.
    pub fn sessions(&self) -> Result<Vec<Session>, Malformed> {
        self.lists.0.sessions()
    }

    /// The session whose token has this digest.
    pub fn session(&self, digest: &Digest) -> Result<Option<Session>, Malformed> {
        self.lists.0.session(digest)
    }

    /// The session with this public id.
    pub fn session_by_id(&self, id: &SessionId) -> Result<Option<Session>, Malformed> {
        Ok(self.sessions()?.into_iter().find(|session| session.id == *id))
    }

    /// Its login challenges, live or not.
    pub fn challenges(&self) -> Result<Vec<LoginChallenge>, Malformed> {
        self.lists.0.challenges()
    }

    /// The login challenge whose token has this digest.
    pub fn challenge(&self, digest: &Digest) -> Result<Option<LoginChallenge>, Malformed> {
        Ok(self.challenges()?.into_iter().find(|challenge| challenge.digest == *digest))
    }

    /// Digests of its unused recovery codes.
    pub fn recovery_codes(&self) -> Result<Vec<Digest>, Malformed> {
        self.lists.0.recovery()
    }

    /// Its trusted devices, live or not.
    pub fn devices(&self) -> Result<Vec<TrustedDevice>, Malformed> {
        self.lists.0.devices()
    }

    /// The device that a new one replaces because the list is full: the least recently used.
    pub fn displaced_device(&self) -> Result<Option<DeviceId>, Malformed> {
        let devices = self.devices()?;
        let is_full = devices.len() >= TrustedDevice::LIMIT;
        let oldest = devices.into_iter().min_by_key(|device| device.last_seen_at);
        Ok(oldest.filter(|_| is_full).map(|device| device.id))
    }

    /// Its known networks.
    pub fn networks(&self) -> Result<Vec<KnownNetwork>, Malformed> {
        self.lists.0.networks()
    }

    /// Challenges that a sign-in with a passkey has used, expired or not.
    pub fn spent_challenges(&self) -> Result<Vec<PendingChallenge>, Malformed> {
        self.lists.0.spent()
    }

    /// The passkeys that its sessions are about to add, one a session, expired or not.
    pub fn passkey_enrolments(&self) -> Result<Vec<PasskeyEnrolment>, Malformed> {
        self.lists.0.enrolments()
    }

    /// The session that a new one of its kind replaces because the list is full: the least recently seen.
    pub fn displaced_session(&self, kind: SessionKind) -> Result<Option<Digest>, Malformed> {
        let mut of_kind = self.sessions()?;
        of_kind.retain(|session| session.kind == kind);
        let oldest = of_kind.iter().min_by_key(|session| session.last_seen_at);
        Ok(oldest.filter(|_| of_kind.len() >= kind.limit()).map(|session| session.digest))
    }

    /// The challenge that a new one replaces because the list is full: the oldest.
    pub fn displaced_challenge(&self) -> Result<Option<Digest>, Malformed> {
        let challenges = self.challenges()?;
        let oldest = challenges.iter().min_by_key(|challenge| challenge.until);
        let is_full = challenges.len() >= LoginChallenge::LIMIT;
        Ok(oldest.filter(|_| is_full).map(|challenge| challenge.digest))
    }

    /// The network that a new one replaces because the list is full: the least recently used.
    pub fn displaced_network(&self) -> Result<Option<Digest>, Malformed> {
        let networks = self.networks()?;
        let oldest = networks.iter().min_by_key(|network| network.at);
        Ok(oldest.filter(|_| networks.len() >= KnownNetwork::LIMIT).map(|network| network.key))
    }

    /// When the account was registered from the network with this digest, or a sign-in was last completed
    /// from it.
    pub fn network_seen_at(&self, key: &Digest) -> Result<Option<Moment>, Malformed> {
        let networks = self.networks()?;
        Ok(networks.iter().find(|network| network.key == *key).map(|network| network.at))
    }

    /// Whether that was in the last 30 days.
    pub fn knows_network(&self, key: &Digest, now: Moment) -> Result<bool, Malformed> {
        let seen_at = self.network_seen_at(key)?;
        Ok(seen_at.is_some_and(|at| now - at < KnownNetwork::REMEMBERED))
    }
}
