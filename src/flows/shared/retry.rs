//! Repeating a decision if the account changed between the read and the guarded write.

use crate::domain::account::Account;
use crate::domain::ids::UserId;
use crate::flows::Auth;
use crate::flows::error::AuthError;

/// How often a decision is tried before the service gives up.
const ATTEMPTS: usize = 10;

/// The outcome of one attempt to write a decision.
pub enum Attempt<T> {
    /// It was written.
    Done(T),
    /// The filter of the write matched nothing: the account changed since it was read.
    Conflict,
}

impl<T> Attempt<T> {
    /// `Done` with this value if a guarded write matched.
    pub fn done_if(written: bool, value: T) -> Self {
        if written { Self::Done(value) } else { Self::Conflict }
    }

    /// The same outcome with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attempt<U> {
        match self {
            Self::Done(value) => Attempt::Done(change(value)),
            Self::Conflict => Attempt::Conflict,
        }
    }
}

impl Attempt<()> {
    /// `Done` if a guarded write matched.
    pub fn of(written: bool) -> Self {
        Self::done_if(written, ())
    }
}

impl Auth {
    /// Attempts a decision about an account; on a conflict, reads the account again and retries.
    ///
    /// # Errors
    ///
    /// [`AuthError::AccountGone`] if it was deleted, and the errors of the attempt.
    pub(in crate::flows) async fn retry<T>(
        &self,
        account: Account,
        attempt: impl AsyncFn(&Account) -> Result<Attempt<T>, AuthError>,
    ) -> Result<T, AuthError> {
        self.retry_with(account, async |before| self.current(before.id).await, attempt).await
    }

    /// The same, beginning with the account as it is now.
    ///
    /// # Errors
    ///
    /// Those of [`Self::retry`].
    pub(in crate::flows) async fn retry_from_current<T>(
        &self,
        user: UserId,
        attempt: impl AsyncFn(&Account) -> Result<Attempt<T>, AuthError>,
    ) -> Result<T, AuthError> {
        self.retry(self.current(user).await?, attempt).await
    }

    /// The same, with another way to read the account again.
    ///
    /// # Errors
    ///
    /// Those of the attempt and of `read_again`.
    pub(in crate::flows) async fn retry_with<T>(
        &self,
        mut account: Account,
        read_again: impl AsyncFn(Account) -> Result<Account, AuthError>,
        attempt: impl AsyncFn(&Account) -> Result<Attempt<T>, AuthError>,
    ) -> Result<T, AuthError> {
        for _ in 0..ATTEMPTS {
            match attempt(&account).await? {
                Attempt::Done(outcome) => return Ok(outcome),
                Attempt::Conflict => account = read_again(account).await?,
            }
        }
        Err(AuthError::Unavailable)
    }

    /// Reads an account that existed.
    ///
    /// # Errors
    ///
    /// [`AuthError::AccountGone`] if it was deleted.
    pub(in crate::flows) async fn current(&self, user: UserId) -> Result<Account, AuthError> {
        self.store.account(user).await?.ok_or(AuthError::AccountGone)
    }
}
