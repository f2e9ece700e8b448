//! Unbinding the authenticator.

use super::Auth;
use super::access::{Fresh, OpenSession};
use super::basic_otp::proved_by_password_alone;
use super::error::AuthError;
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::event::EventKind;

impl Auth {
    /// Unbinds the caller's authenticator with its recovery codes and ends every other session;
    /// where there is none, nothing changes.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] where the session has ended; [`AuthError::TooManyAttempts`].
    pub async fn unbind(&self, caller: Fresh<OpenSession>) -> Result<Account, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        if account.authenticator.is_enabled() {
            self.charge_factor_change(account.id).await?;
        }
        self.decide(account, async |account: &Account| {
            let session = self.live_session(account, &session.digest)?;
            let session = session.ok_or(AuthError::NotAuthenticated)?;
            if !account.authenticator.is_enabled() {
                return Ok(Some(account.clone()));
            }
            let now = self.clock.now();
            let (own, kept) = ((account, &session), proved_by_password_alone(&session, now));
            if !self.store.unbind_authenticator(own, &kept, now).await? {
                return Ok(None);
            }
            self.record(account.id, EventKind::AuthenticatorDisabled, &client);
            self.record_ended_by_change(account, &client);
            let account = Account {
                authenticator: Authenticator::Unbound,
                updated_at: now,
                ..account.clone()
            };
            Ok(Some(account))
        })
        .await
    }
}
