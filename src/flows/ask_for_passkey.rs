//! Asking for the signature of a passkey as a second factor.

use super::Auth;
use super::access::FactorSubmitter;
use super::error::{AuthError, PasskeyError};
use super::shared::retry::Attempt;
use crate::crypto::webauthn::Challenge;
use crate::domain::account::Account;
use crate::domain::passkey::CredentialId;
use crate::domain::passkey::ceremony::PendingChallenge;
use crate::domain::second_factor::target::FactorTarget;

/// What a browser needs to have a passkey sign.
pub struct PasskeyRequest {
    /// The challenge, in base64url.
    pub challenge: String,
    /// The relying party's id.
    pub rp_id: String,
    /// The passkeys that may sign.
    pub passkeys: Vec<CredentialId>,
}

impl Auth {
    /// Asks for the signature of a passkey, within a login or a session. The challenge is valid once, for five
    /// minutes, and there; a new one replaces it.
    ///
    /// # Errors
    ///
    /// [`AuthError::Passkey`] if the account has no passkey; [`AuthError::LoginExpired`] or
    /// [`AuthError::NotAuthenticated`] if the login or the session has ended.
    pub async fn ask_for_passkey(
        &self,
        submitter: FactorSubmitter,
    ) -> Result<PasskeyRequest, AuthError> {
        match submitter {
            FactorSubmitter::Challenge(holder) => {
                let digest = holder.challenge.digest;
                let attempt = async |account: &Account| {
                    let challenge = self.live_challenge(account, &digest)?;
                    self.ask(account, &FactorTarget::Challenge(&challenge)).await
                };
                self.retry(holder.account, attempt).await
            }
            FactorSubmitter::Session(signed_in) => {
                let digest = signed_in.0.session.digest;
                let attempt = async |account: &Account| {
                    let session = self.full_session(account, &digest)?;
                    self.ask(account, &FactorTarget::Session(&session)).await
                };
                self.retry(signed_in.0.account, attempt).await
            }
        }
    }

    /// Stores a new challenge for the target.
    ///
    /// # Errors
    ///
    /// [`AuthError::Passkey`] if no passkey of the account may sign for it.
    pub(super) async fn ask(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
    ) -> Result<Attempt<PasskeyRequest>, AuthError> {
        let rp_id = self.require_relying_party()?.id().to_owned();
        let passkeys: Vec<_> = target.passkeys(account).map(|one| one.id.clone()).collect();
        if passkeys.is_empty() {
            return Err(PasskeyError::NoneRegistered.into());
        }
        let (challenge, now) = (Challenge::generate(), self.clock.now());
        let pending = PendingChallenge::begin(challenge.digest(), now);
        let stored = self.store.ask_for_passkey(account, target, &pending, now).await?;
        let request = PasskeyRequest { challenge: challenge.encode(), rp_id, passkeys };
        Ok(Attempt::done_if(stored, request))
    }
}
