//! Disabling the authenticator app.

use super::Auth;
use super::access::{Fresh, OpenSession};
use super::error::AuthError;
use super::shared::live_session::require_confirmed_factor;
use super::shared::retry::Attempt;
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::event::EventKind;

impl Auth {
    /// Removes the caller's authenticator app, ends every other session, and returns the account as it was
    /// written. Recovery codes go with the last second factor. Without an authenticator app nothing changes.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if the session has ended; [`AuthError::TooManyAttempts`].
    pub async fn disable_otp(&self, caller: Fresh<OpenSession>) -> Result<Account, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        if !account.authenticator.is_enabled() {
            return Ok(account);
        }
        self.charge_factor_change(account.id).await?;
        let attempt = async |account: &Account| {
            let session = self.require_session(account, &session.digest)?;
            if !account.authenticator.is_enabled() {
                return Ok(Attempt::Done(account.clone()));
            }
            require_confirmed_factor(account, &session)?;
            let now = self.clock.now();
            let kept = session.after_change_of_app(!account.passkeys.is_empty(), now);
            if !self.store.remove_authenticator((account, &session), &kept, now).await? {
                return Ok(Attempt::Conflict);
            }
            self.record(account.id, EventKind::AuthenticatorDisabled, &client);
            self.record_ended_by_change(account, Some(&session.digest), &client);
            Ok(Attempt::Done(account.with_authenticator(Authenticator::None, now)))
        };
        self.retry(account, attempt).await
    }
}
