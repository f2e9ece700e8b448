//! Deleting an account.

use super::Auth;
use super::access::{Fresh, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::password::Password;

impl Auth {
    /// Deletes the caller's account with everything in it, and the counters for its address. Its events
    /// are kept until they expire; they contain neither the address nor the name.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`], five of which end the session; [`AuthError::Busy`].
    pub async fn delete_account(
        &self,
        caller: Fresh<SignedIn>,
        password: &Password,
    ) -> Result<(), AuthError> {
        let caller = caller.0.0;
        let proved = self.prove_password(&caller, password).await?;
        let outcome = self.retry(proved.clone(), async |account: &Account| {
            let session = self.full_session(account, &caller.session.digest)?;
            Self::require_same_password(account, &proved)?;
            Ok(Attempt::of(self.store.delete_account(account, &session).await?))
        });
        self.settle(&caller, &proved, outcome.await).await?;
        self.record(proved.id, EventKind::AccountDeleted, &caller.client);
        self.forget_address(&proved.email).await;
        Ok(())
    }
}
