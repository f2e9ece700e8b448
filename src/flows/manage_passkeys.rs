//! Renaming and removing passkeys.

use super::Auth;
use super::access::{Fresh, OpenSession, SignedIn};
use super::error::{AuthError, PasskeyError};
use super::shared::retry::Attempt;
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::passkey::name::PasskeyName;
use crate::domain::passkey::{CredentialId, Passkey};

impl Auth {
    /// Renames one of the caller's passkeys, and returns it.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::NotFound`]; [`AuthError::NotAuthenticated`] if the session has ended.
    pub async fn rename_passkey(
        &self,
        caller: SignedIn,
        id: &CredentialId,
        name: &PasskeyName,
    ) -> Result<Passkey, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        self.retry(account, async |account: &Account| {
            let session = self.full_session(account, &session.digest)?;
            let passkey = account.passkey(id).ok_or(PasskeyError::NotFound)?;
            if !self.store.rename_passkey(account, &session, id, name).await? {
                return Ok(Attempt::Conflict);
            }
            self.record(account.id, EventKind::PasskeyRenamed, &client);
            Ok(Attempt::Done(Passkey { name: name.clone(), ..passkey.clone() }))
        })
        .await
    }

    /// Removes one of the caller's passkeys and ends every other session. With the last second factor, 2FA is off:
    /// recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::NotFound`]; [`AuthError::NotAuthenticated`] if the session has ended;
    /// [`AuthError::TooManyAttempts`].
    pub async fn remove_passkey(
        &self,
        caller: Fresh<SignedIn>,
        id: &CredentialId,
    ) -> Result<(), AuthError> {
        let OpenSession { account, session, client, .. } = caller.0.0;
        account.passkey(id).ok_or(PasskeyError::NotFound)?;
        self.charge_factor_change(account.id).await?;
        self.retry(account, async |account: &Account| {
            let session = self.full_session(account, &session.digest)?;
            account.passkey(id).ok_or(PasskeyError::NotFound)?;
            let now = self.clock.now();
            let kept = if account.has_another_factor(id) {
                session.rotated(session.digest, now)
            } else {
                session.reduced_to_password(now)
            };
            if !self.store.remove_passkey((account, &session), id, &kept, now).await? {
                return Ok(Attempt::Conflict);
            }
            self.record(account.id, EventKind::PasskeyRemoved, &client);
            self.record_ended_by_change(account, Some(&session.digest), &client);
            Ok(Attempt::Done(()))
        })
        .await
    }
}
