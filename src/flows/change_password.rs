//! Changing the password.

use super::Auth;
use super::access::{Carrier, Fresh, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use crate::crypto::token::{Token, TokenKind};
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::password::{NewPassword, Password};
use crate::domain::session::Session;

impl Auth {
    /// Changes the caller's password. The caller's session continues under a new token, so that a copy
    /// of the old one stops working; every other session and every login challenge ends in the same write.
    ///
    /// # Errors
    ///
    /// [`AuthError::InvalidPassword`], before the current one is checked;
    /// [`AuthError::WrongPassword`] if the current one is wrong or has just changed; five of these end
    /// the session. [`AuthError::Busy`], and then nothing is counted.
    pub async fn change_password(
        &self,
        caller: Fresh<SignedIn>,
        current: &Password,
        new: &NewPassword,
    ) -> Result<(Token, Carrier), AuthError> {
        let caller = caller.0.0;
        let screened = self.screen(new).await?;
        let token = Token::issue(TokenKind::Session, caller.account.id);
        let proved = self.prove_password(&caller, current).await?;
        let hashed = self.hash_new(caller.client.network(), screened).await;
        let hash = self.settle(&caller, &proved, hashed.map_err(AuthError::from)).await?;
        let outcome = self.retry_from_current(proved.id, async |account: &Account| {
            let session = self.full_session(account, &caller.session.digest)?;
            Self::require_same_password(account, &proved)?;
            let now = self.clock.now();
            let kept = Session { failed: 0, ..session.rotated(token.digest(), now) };
            let own = (account, &session);
            if !self.store.change_password(own, &hash, &kept, now).await? {
                return Ok(Attempt::Conflict);
            }
            self.record(account.id, EventKind::PasswordChanged, &caller.client);
            self.record_ended_by_change(account, Some(&session.digest), &caller.client);
            Ok(Attempt::Done(()))
        });
        self.settle(&caller, &proved, outcome.await).await?;
        Ok((token, caller.carrier))
    }
}
