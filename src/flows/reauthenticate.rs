//! Proving every factor again within a session, for sensitive calls.

use super::Auth;
use super::access::{Carrier, OpenSession, SignedIn};
use super::error::AuthError;
use super::factor::Proof;
use crate::crypto::token::Token;
use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::password::Password;
use crate::domain::recovery_code::SecondFactor;
use crate::domain::session::{Methods, Session};
use crate::storage::{Door, NetworkNote, Opening};

/// A session that proved its factors again.
pub struct Reauthenticated {
    /// The session, under its new token, fresh.
    pub session: Session,
    /// The token.
    pub token: Token,
    /// How it travels.
    pub carrier: Carrier,
}

impl Auth {
    /// Checks the password and, where the account has an authenticator, a code; makes the session
    /// fresh, restarts its absolute lifetime and gives it a new token.
    ///
    /// The attempt is counted before it is checked: five wrong ones end the session.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpRequired`] where a code is due and none was given;
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
        let token = Token::issue(proved.id);
        let outcome = self.decide(proved.clone(), async |account: &Account| {
            Self::require_same_password(account, &proved)?;
            self.renew(account, &caller, token.digest(), factor).await
        });
        let session = match outcome.await {
            Err(AuthError::WrongCode) if matches!(factor, Some(SecondFactor::Otp(_))) => {
                // The password was right, and the wrong code is on the account's count.
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
        new: Digest,
        factor: Option<&SecondFactor>,
    ) -> Result<Option<Session>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        let renewed = |(methods, opened_with): Proof| Session {
            methods,
            opened_with,
            authenticated_at: self.clock.now(),
            failed: 0,
            ..session.rotated(new, self.clock.now())
        };
        let proof = if account.authenticator.is_enabled() {
            let factor = factor.ok_or(AuthError::OtpRequired)?;
            let opening = |proof| {
                Some(Opening {
                    session: renewed(proof),
                    in_place_of: Some(session.digest),
                    network: NetworkNote::Nothing,
                })
            };
            let door = (&Door::Session(&session), &caller.client);
            self.present_factor(account, door, factor, opening).await?
        } else {
            let proof = (Methods::Password, None);
            let rotated = self.store.rotate_session(account, &session, &renewed(proof)).await?;
            rotated.then_some(proof)
        };
        Ok(proof.map(renewed))
    }
}
