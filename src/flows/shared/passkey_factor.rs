//! A passkey as a second factor.

use super::second_factor::Compared;
use crate::domain::account::Account;
use crate::domain::passkey::Passkey;
use crate::domain::passkey::ceremony::Assertion;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::second_factor::{UsedFactor, UsedPasskey, WrongFactor};
use crate::flows::Auth;
use crate::flows::error::AuthError;

impl Auth {
    /// Compares what a passkey signed with the challenge that it was given, and with the passkey. `None` is not of
    /// the form of a credential.
    ///
    /// # Errors
    ///
    /// [`AuthError::Passkey`] if browsers reach the service at an IP address.
    pub(in crate::flows) fn compare_passkey(
        &self,
        account: &Account,
        assertion: Option<&Assertion>,
        target: &FactorTarget<'_>,
    ) -> Result<Compared, AuthError> {
        let relying_party = self.require_relying_party()?;
        let wrong = Ok(Compared::Wrong(WrongFactor::Passkey));
        let challenge = target.passkey_challenge(account);
        let live = challenge.filter(|challenge| challenge.is_live(self.clock.now()));
        let (Some(challenge), Some(assertion)) = (live, assertion) else {
            return wrong;
        };
        // The user whom an authenticator names must be the account's.
        let handle = assertion.user_handle.as_deref();
        let is_user = handle.is_none_or(|handle| handle == account.id.bytes());
        let is_it = |passkey: &&Passkey| is_user && passkey.id == assertion.id;
        let Some(passkey) = target.passkeys(account).find(is_it) else {
            return wrong;
        };
        let challenge = challenge.digest;
        match relying_party.verify(&challenge, assertion, passkey) {
            Err(reason) => {
                tracing::info!(reason = reason.0, "passkey not accepted");
                wrong
            }
            Ok(verified) if passkey.suspects_copy(verified.counter) => {
                Ok(Compared::Wrong(WrongFactor::CopiedPasskey))
            }
            Ok(verified) => {
                let used = UsedPasskey { passkey: passkey.clone(), challenge, verified };
                Ok(Compared::Right(UsedFactor::Passkey(Box::new(used))))
            }
        }
    }
}
