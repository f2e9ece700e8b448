//! What the operator may do with any account. Only the command line creates an [`Operator`]; a request
//! cannot.
//!
//! Everything here fails with [`OperatorError`].

mod create;
pub mod import;
pub mod keys;
mod reset;

use chrono::TimeDelta;

use super::Auth;
use super::error::AuthError;
use super::sessions::SessionView;
use super::shared::retry::Attempt;
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::event::{Cause, EventKind, RecordedEvent};
use crate::domain::event_page::PageSize;
use crate::domain::ids::UserId;
use crate::domain::throttle;
use crate::storage::TutorialUsers;
pub use crate::storage::{AccountFilter, DatabaseFault, FactorReset, OutboxCount};
use keys::{Progress, Rotation};
pub use reset::RemovedFactors;

/// The service's operator, at the command line.
pub struct Operator {
    auth: Auth,
}

/// Why an operator's command failed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// No account has this address.
    #[error("no account has this address")]
    NoSuchAccount,
    /// Any other reason.
    #[error(transparent)]
    Auth(AuthError),
}

impl From<AuthError> for OperatorError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::AccountGone => Self::NoSuchAccount,
            other => Self::Auth(other),
        }
    }
}

impl From<crate::storage::StoreError> for OperatorError {
    fn from(error: crate::storage::StoreError) -> Self {
        Self::Auth(error.into())
    }
}

/// What currently keeps an account's owner out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locks {
    /// Wrong codes in a row.
    pub wrong_codes: u32,
    /// How long six-digit codes are still refused; [`TimeDelta::MAX`] until a recovery code is used.
    pub codes: Option<TimeDelta>,
    /// Wrong codes at links in mails, in a row.
    pub wrong_link_codes: u32,
    /// The same for six-digit codes at links in mails, which have a lock of their own.
    pub link_codes: Option<TimeDelta>,
    /// The longest wait of any network after wrong passwords.
    pub passwords: Option<TimeDelta>,
    /// Whether networks that the owner does not sign in from share one check a minute.
    pub strangers_wait: bool,
}

/// Everything about an account that is not secret.
pub struct AccountReport {
    /// The account.
    pub account: Account,
    /// Its live sessions, last seen first.
    pub sessions: Vec<SessionView>,
    /// How many known networks it has.
    pub networks: usize,
    /// What keeps its owner out.
    pub locks: Locks,
    /// Its latest events, newest first.
    pub events: Vec<RecordedEvent>,
}

impl Operator {
    /// An operator who uses these flows.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        Self { auth }
    }

    /// Hosts and ports of the database's servers, without credentials.
    #[must_use]
    pub fn servers(&self) -> &str {
        self.auth.store.servers()
    }

    /// Connects to the database, and returns everything that keeps the service from using it. Creates the
    /// indexes that are missing.
    pub async fn check_database(&self) -> Vec<DatabaseFault> {
        self.auth.store.check_database().await
    }

    /// What waits in the outbox.
    pub async fn outbox(&self) -> Result<OutboxCount, OperatorError> {
        Ok(self.auth.store.count_outbox(self.auth.clock.now()).await?)
    }

    /// Connects to the tutorial's database, from which users are imported.
    ///
    /// # Errors
    ///
    /// An invalid connection string.
    pub async fn tutorial(&self, url: &str, database: &str) -> Result<TutorialUsers, AuthError> {
        Ok(TutorialUsers::connect(url, database).await?)
    }

    /// Seals every secret that is under an older key again under the newest one, while the service runs. It can
    /// be repeated.
    pub async fn rotate_keys(
        &self,
        progress: &mut impl Progress,
    ) -> Result<Rotation, OperatorError> {
        Ok(self.auth.rotate_keys(progress).await?)
    }

    /// Reports on an account, with its locks and latest events.
    pub async fn look_up(
        &self,
        email: &EmailAddress,
        size: PageSize,
    ) -> Result<AccountReport, OperatorError> {
        let account = self.find(email).await?;
        let events = self.auth.page_of_events(account.id, None, size).await?.events;
        self.report(account, events).await
    }

    /// Accounts in the order of their ids, those after `after`.
    pub async fn list(
        &self,
        filter: AccountFilter,
        after: Option<UserId>,
        size: PageSize,
    ) -> Result<Vec<Account>, OperatorError> {
        let now = self.auth.clock.now();
        Ok(self.auth.store.list_accounts(filter, after, size.get(), now).await?)
    }

    /// Removes the lock of an account's codes, the waits for its address and its spent budget of changes
    /// to the second factor.
    pub async fn unlock(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let unlock = async |account: &Account| self.auth.store.unlock_codes(account).await;
        let account = self.change(email, EventKind::UnlockedByOperator, unlock).await?;
        let auth = &self.auth;
        auth.store.forget_about(&auth.factor_changes_key(account.id)).await?;
        Ok(auth.store.forget_about(&auth.address_key(&account.email)).await?)
    }

    /// Ends every session and login challenge of an account.
    pub async fn sign_out(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let end = async |account: &Account| self.auth.store.end_all_sessions(account).await;
        self.change(email, EventKind::SignedOutByOperator, end).await.map(|_| ())
    }

    /// Marks an account's address as verified.
    pub async fn verify_email(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let now = self.auth.clock.now();
        let verify =
            async |account: &Account| self.auth.store.mark_email_verified(account, now).await;
        self.change(email, EventKind::EmailVerifiedByOperator, verify).await.map(|_| ())
    }

    /// Disables an account: its sessions end at once, and its password opens no new one.
    pub async fn disable(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let now = self.auth.clock.now();
        let disable = async |account: &Account| self.auth.store.disable_account(account, now).await;
        self.change(email, EventKind::AccountDisabledByOperator, disable).await.map(|_| ())
    }

    /// Enables an account again.
    pub async fn enable(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let enable = async |account: &Account| self.auth.store.enable_account(account).await;
        self.change(email, EventKind::AccountEnabledByOperator, enable).await.map(|_| ())
    }

    /// Deletes an account with everything in it, and the counters for its address.
    pub async fn delete(&self, email: &EmailAddress) -> Result<(), OperatorError> {
        let delete = async |account: &Account| self.auth.store.remove_account(account).await;
        let account = self.change(email, EventKind::AccountDeletedByOperator, delete).await?;
        self.auth.forget_address(&account.email).await;
        Ok(())
    }

    /// Everything that is stored about a person, except secrets.
    pub async fn export(&self, email: &EmailAddress) -> Result<AccountReport, OperatorError> {
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
        let report = self.report(account, events).await?;
        self.auth.record(id, EventKind::AccountExportedByOperator, Cause::Operator);
        Ok(report)
    }

    async fn report(
        &self,
        account: Account,
        events: Vec<RecordedEvent>,
    ) -> Result<AccountReport, OperatorError> {
        let locks = self.locks(&account).await?;
        let sessions = self.auth.live_sessions_of(&account)?;
        let networks = account.networks().map_err(AuthError::from)?.len();
        Ok(AccountReport { account, sessions, networks, locks, events })
    }

    /// Finds an account by its address.
    pub async fn find(&self, email: &EmailAddress) -> Result<Account, OperatorError> {
        let found = self.auth.store.account_by_email(email).await?;
        found.ok_or(OperatorError::NoSuchAccount)
    }

    /// Changes an account, records the event, and returns the account as it was found.
    async fn change(
        &self,
        email: &EmailAddress,
        kind: EventKind,
        write: impl AsyncFn(&Account) -> Result<bool, crate::storage::StoreError>,
    ) -> Result<Account, OperatorError> {
        let account = self.find(email).await?;
        let attempt = async |account: &Account| Ok(Attempt::of(write(account).await?));
        self.auth.retry(account.clone(), attempt).await?;
        self.auth.record(account.id, kind, Cause::Operator);
        if ends_change(kind) {
            self.auth.record_change_cancelled(&account, Cause::Operator);
        }
        Ok(account)
    }

    async fn locks(&self, account: &Account) -> Result<Locks, OperatorError> {
        let now = self.auth.clock.now();
        let about = self.auth.address_key(&account.email);
        let (of_all, of_each) = self.auth.store.counters_about(&about).await?;
        let wait = |counter| throttle::PASSWORD.wait(counter, now);
        Ok(Locks {
            wrong_codes: account.codes.failed,
            codes: throttle::CODES.wait(account.codes, now),
            wrong_link_codes: account.mail.codes.failed,
            link_codes: throttle::CODES.wait(account.mail.codes, now),
            passwords: of_each.into_iter().filter_map(wait).max(),
            strangers_wait: of_all
                .is_some_and(|counter| throttle::STRANGERS.is_reached(counter, now)),
        })
    }
}

/// Whether what the operator did ended a pending change of the address.
fn ends_change(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::SignedOutByOperator
            | EventKind::AccountDisabledByOperator
            | EventKind::EmailVerifiedByOperator
    )
}
