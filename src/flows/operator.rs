//! What the operator may do with accounts that are not their own. The command line makes the one
//! [`Operator`] there is; no request can.

use chrono::TimeDelta;

use super::Auth;
use super::error::AuthError;
use super::keys::{Progress, Rotation};
use super::sessions::SessionView;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::event::{Cause, EventKind, RecordedEvent};
use crate::domain::event_page::PageSize;
use crate::domain::ids::UserId;
use crate::domain::throttle;
pub use crate::storage::AccountFilter;
use crate::storage::TutorialUsers;

/// The service's operator, at the command line.
pub struct Operator {
    pub(super) auth: Auth,
}

/// Why the operator's wish was not granted.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// No account has this address.
    #[error("no account has this address")]
    NoSuchAccount,
    /// As everywhere else.
    #[error(transparent)]
    Auth(AuthError),
}

impl From<AuthError> for OperatorError {
    fn from(error: AuthError) -> Self {
        match error {
            // An account that is decided about anew and is not there any more.
            AuthError::NotAuthenticated => Self::NoSuchAccount,
            other => Self::Auth(other),
        }
    }
}

impl From<crate::storage::StoreError> for OperatorError {
    fn from(error: crate::storage::StoreError) -> Self {
        Self::Auth(error.into())
    }
}

/// What keeps an account's owner out for now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    /// Wrong codes in a row.
    pub wrong_codes: u32,
    /// How long six-digit codes are refused yet; [`TimeDelta::MAX`] until a recovery code is used.
    pub codes: Option<TimeDelta>,
    /// The longest wait that a network has for wrong passwords.
    pub passwords: Option<TimeDelta>,
    /// Whether networks that the owner does not sign in from share one check a minute.
    pub strangers_wait: bool,
}

/// Everything about an account that is no secret.
pub struct Dossier {
    /// The account.
    pub account: Account,
    /// Its live sessions, last seen first.
    pub sessions: Vec<SessionView>,
    /// How many networks its owner is known to sign in from.
    pub networks: usize,
    /// What keeps its owner out.
    pub locks: Locks,
    /// Its latest events, newest first.
    pub events: Vec<RecordedEvent>,
}

impl Operator {
    /// Takes the operator's place.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        Self { auth }
    }

    /// The tutorial's database, to be taken over.
    ///
    /// # Errors
    ///
    /// A connection string that is none.
    pub async fn tutorial(&self, url: &str, database: &str) -> Result<TutorialUsers, AuthError> {
        Ok(TutorialUsers::connect(url, database).await?)
    }

    /// Seals every secret under the newest key: [`Auth::rotate_keys`].
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn rotate_keys(
        &self,
        progress: &mut impl Progress,
    ) -> Result<Rotation, OperatorError> {
        Ok(self.auth.rotate_keys(progress).await?)
    }

    /// Looks an account up, with its locks and latest events.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn look_up(
        &self,
        email: &EmailAddress,
        size: PageSize,
    ) -> Result<Dossier, OperatorError> {
        let account = self.find(email).await?;
        let events = self.auth.page_of_events(account.id, None, size).await?.events;
        self.dossier(account, events).await
    }

    /// Accounts in the order of their ids, those after `after`.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn list(
        &self,
        filter: AccountFilter,
        after: Option<UserId>,
        size: PageSize,
    ) -> Result<Vec<Account>, OperatorError> {
        let now = self.auth.clock.now();
        Ok(self.auth.store.list_accounts(filter, after, size.get(), now).await?)
    }

    /// Takes back the lock of an account's codes, the waits for its address and its spent budget of
    /// changes to the second factor.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn unlock(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let unlock = async |account: &Account| self.auth.store.unlock_codes(account).await;
        let account = self.change(email, EventKind::UnlockedByOperator, unlock).await?;
        let auth = &self.auth;
        auth.store.forget_about(&auth.factor_changes_key(account.id)).await?;
        Ok(auth.store.forget_about(&auth.address_key(&account.email)).await?)
    }

    /// Ends every session of an account, and every login under way.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn sign_out(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let end = async |account: &Account| self.auth.store.end_all_sessions(account).await;
        self.change(email, EventKind::SignedOutByOperator, end).await.map(|_| ())
    }

    /// Unbinds an account's authenticator app with its recovery codes; every session ends.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn reset_authenticator(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let now = self.auth.clock.now();
        let reset =
            async |account: &Account| self.auth.store.reset_authenticator(account, now).await;
        self.change(email, EventKind::AuthenticatorResetByOperator, reset).await.map(|_| ())
    }

    /// Disables an account: its sessions stop at once, and its password opens none.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn disable(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let now = self.auth.clock.now();
        let disable = async |account: &Account| self.auth.store.disable_account(account, now).await;
        self.change(email, EventKind::AccountDisabledByOperator, disable).await.map(|_| ())
    }

    /// Enables an account again.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn enable(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let enable = async |account: &Account| self.auth.store.enable_account(account).await;
        self.change(email, EventKind::AccountEnabledByOperator, enable).await.map(|_| ())
    }

    /// Deletes an account with everything in it, and the counters about its address.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn delete(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let delete = async |account: &Account| self.auth.store.remove_account(account).await;
        let account = self.change(email, EventKind::AccountDeletedByOperator, delete).await?;
        self.auth.forget_address(&account.email).await;
        Ok(())
    }

    /// Everything that is stored of a person, but for secrets: for whoever asks what is.
    ///
    /// # Errors
    ///
    /// [`OperatorError`].
    pub async fn export(&self, email: &EmailAddress) -> Result<Dossier, OperatorError> {
        let account = self.find(email).await?;
        let (mut events, mut after) = (Vec::new(), None);
        loop {
            let page = self.auth.page_of_events(account.id, after, PageSize::DEFAULT).await?;
            events.extend(page.events);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let id = account.id;
        let dossier = self.dossier(account, events).await?;
        self.auth.record(id, EventKind::AccountExportedByOperator, Cause::Operator);
        Ok(dossier)
    }

    async fn dossier(
        &self,
        account: Account,
        events: Vec<RecordedEvent>,
    ) -> Result<Dossier, OperatorError> {
        let locks = self.locks(&account).await?;
        let sessions = self.auth.live_sessions_of(&account)?;
        let networks = account.lists.networks().map_err(AuthError::from)?.len();
        Ok(Dossier { account, sessions, networks, locks, events })
    }

    async fn find(&self, email: &EmailAddress) -> Result<Account, OperatorError> {
        let found = self.auth.store.account_by_email(email).await?;
        found.ok_or(OperatorError::NoSuchAccount)
    }

    /// Changes an account and leaves the event.
    async fn change(
        &self,
        email: &EmailAddress,
        kind: EventKind,
        write: impl AsyncFn(&Account) -> Result<bool, crate::storage::StoreError>,
    ) -> Result<Account, OperatorError> {
        let account = self.find(email).await?;
        let attempt = async |account: &Account| Ok(write(account).await?.then(|| account.clone()));
        let changed = self.auth.decide(account, attempt).await?;
        self.auth.record(changed.id, kind, Cause::Operator);
        Ok(changed)
    }

    async fn locks(&self, account: &Account) -> Result<Locks, OperatorError> {
        let now = self.auth.clock.now();
        let about = self.auth.address_key(&account.email);
        let (of_all, of_each) = self.auth.store.counters_about(&about).await?;
        let wait = |counter| throttle::PASSWORD.wait(counter, now);
        Ok(Locks {
            wrong_codes: account.codes.failed,
            codes: throttle::CODES.wait(account.codes, now),
            passwords: of_each.into_iter().filter_map(wait).max(),
            strangers_wait: of_all.is_some_and(|counter| throttle::STRANGERS.is_reached(counter)),
        })
    }
}
