//! Changing the password.

use super::Auth;
use super::access::{Fresh, SignedIn};
use super::error::AuthError;
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::password::{NewPassword, Password};
use crate::domain::session::Session;

impl Auth {
    /// Changes the caller's password. The caller's session lives, every other one and every login
    /// under way ends in the same write.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`] where the current one is wrong, or was changed meanwhile: five end
    /// the session. [`AuthError::Busy`], and then nothing is counted.
    pub async fn change_password(
        &self,
        caller: Fresh<SignedIn>,
        current: &Password,
        new: &NewPassword,
    ) -> Result<(), AuthError> {
        let caller = caller.0.0;
        let proved = self.prove_password(&caller, current).await?;
        let hashed = self.hasher.hash(caller.client.network(), new.password().clone()).await;
        let hash = self.settle(&caller, &proved, hashed.map_err(AuthError::from)).await?;
        let outcome = self.decide(proved.clone(), async |account: &Account| {
            let session = self.full_session(account, &caller.session.digest)?;
            Self::require_same_password(account, &proved)?;
            let kept = Session { failed: 0, ..session };
            let now = self.clock.now();
            if !self.store.change_password(account, &hash, &kept, now).await? {
                return Ok(None);
            }
            self.record(account.id, EventKind::PasswordChanged, &caller.client);
            self.record_ended_by_change(account, &caller.client);
            Ok(Some(()))
        });
        self.settle(&caller, &proved, outcome.await).await
    }
}
