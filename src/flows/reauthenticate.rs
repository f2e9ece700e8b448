//! Proving every factor again within a session, for sensitive calls.

use super::Auth;
use super::access::{Carrier, OpenSession, SignedIn};
use super::error::AuthError;
use super::factor::Proof;
use crate::crypto::token::Token;
use crate::domain::account::{Account, PasswordHash};
use crate::domain::client::Client;
use crate::domain::digest::Digest;
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
        client: &Client,
    ) -> Result<Reauthenticated, AuthError> {
        let OpenSession { account, session, carrier } = caller.0;
        if account.authenticator.is_enabled() && factor.is_none() {
            return Err(AuthError::OtpRequired);
        }
        let account = self.charge_session(account, &session.digest).await?;
        let checked = self.verify_own_password(&account, password, client).await;
        self.end_if_spent((&account, &session), checked).await?;

        let token = Token::issue(account.id);
        let verified = account.password.clone();
        let outcome = self.decide(account.clone(), async |account: &Account| {
            let renewed = (&session.digest, token.digest());
            self.renew(account, &verified, renewed, factor).await
        });
        let outcome = match outcome.await {
            Err(error @ (AuthError::WrongCode | AuthError::CodeAlreadyUsed))
                if matches!(factor, Some(SecondFactor::Otp(_))) =>
            {
                // The password was right, and the wrong code is on the account's count.
                self.store.refund_session(&account, &session).await?;
                Err(error)
            }
            other => self.end_if_spent((&account, &session), other).await,
        };
        Ok(Reauthenticated { session: outcome?, token, carrier })
    }

    async fn renew(
        &self,
        account: &Account,
        verified: &PasswordHash,
        (old, new): (&Digest, Digest),
        factor: Option<&SecondFactor>,
    ) -> Result<Option<Session>, AuthError> {
        let session = self.full_session(account, old)?;
        if account.password != *verified {
            return Err(AuthError::WrongPassword);
        }
        let renewed = |(methods, opened_with): Proof| Session {
            methods,
            opened_with,
            authenticated_at: self.clock.now(),
            last_seen_at: self.clock.now(),
            failed: 0,
            ..session.rotated(new)
        };
        let proof = if account.authenticator.is_enabled() {
            let factor = factor.ok_or(AuthError::OtpRequired)?;
            let opening = |proof| {
                Some(Opening {
                    session: renewed(proof),
                    in_place_of: Some(*old),
                    network: NetworkNote::Nothing,
                })
            };
            self.present_factor(account, &Door::Session(session), factor, opening).await?
        } else {
            let proof = (Methods::Password, None);
            let rotated = self.store.rotate_session(account, session, &renewed(proof)).await?;
            rotated.then_some(proof)
        };
        Ok(proof.map(renewed))
    }
}
