//! Checking every factor again within a session, for sensitive actions.

use super::Auth;
use super::access::{Carrier, OpenSession, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use super::shared::second_factor::{Grant, Submission};
use crate::crypto::token::{Token, TokenKind};
use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::password::Password;
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::session::{Proof, Session};

/// A session that was authenticated again.
pub struct Reauthenticated {
    /// The session, under its new token.
    pub session: Session,
    /// The token.
    pub token: Token,
    /// How it is sent.
    pub carrier: Carrier,
}

impl Auth {
    /// Checks the password and, if the account has an authenticator app, a code. The session becomes
    /// fresh, its absolute lifetime starts again, and it gets a new token.
    ///
    /// The attempt is counted before it is checked: five wrong ones end the session.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpRequired`] if a code is required and none was sent;
    /// [`AuthError::WrongPassword`], [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`],
    /// [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn reauthenticate(
        &self,
        caller: SignedIn,
        password: &Password,
        factor: Option<&SecondFactor>,
    ) -> Result<Reauthenticated, AuthError> {
        let caller = caller.0;
        if caller.account.authenticator.is_enabled() && factor.is_none() {
            return Err(AuthError::OtpRequired);
        }
        let proved = self.prove_password(&caller, password).await?;
        let token = Token::issue(TokenKind::Session, proved.id);
        let outcome = self.retry(proved.clone(), async |account: &Account| {
            Self::require_same_password(account, &proved)?;
            self.renew(account, &caller, token.digest(), factor).await
        });
        let session = match outcome.await {
            Err(AuthError::WrongCode) if matches!(factor, Some(SecondFactor::Otp(_))) => {
                // The password was correct, and the wrong code was counted on the account.
                self.store.refund_session(&proved, &caller.session).await?;
                return Err(AuthError::WrongCode);
            }
            other => self.settle(&caller, &proved, other).await?,
        };
        self.record(proved.id, EventKind::Reauthenticated, &caller.client);
        Ok(Reauthenticated { session, token, carrier: caller.carrier })
    }

    async fn renew(
        &self,
        account: &Account,
        caller: &OpenSession,
        digest: Digest,
        factor: Option<&SecondFactor>,
    ) -> Result<Attempt<Session>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        let renewed = |proof| session.renewed(digest, proof, self.clock.now());
        if !account.authenticator.is_enabled() {
            let renewed = renewed(Proof::PASSWORD);
            let rotated = self.store.rotate_session(account, &session, &renewed).await?;
            return Ok(Attempt::done_if(rotated, renewed));
        }
        let submission = Submission {
            factor: factor.ok_or(AuthError::OtpRequired)?,
            target: FactorTarget::Session(&session),
            client: &caller.client,
            grants: Grant::Renewal { session: &session, digest },
        };
        Ok(self.submit(account, &submission).await?.map(renewed))
    }
}
