//! Checking every factor again within a session, for sensitive actions.

use super::Auth;
use super::access::{Carrier, OpenSession, SignedIn};
use super::error::{AuthError, PasskeyError};
use super::shared::grant::Grant;
use super::shared::retry::Attempt;
use super::shared::second_factor::Submission;
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
    /// Checks the password and, if the account has a second factor, one of these. The session becomes
    /// fresh, its absolute lifetime starts again, and it gets a new token.
    ///
    /// The attempt is counted before it is checked: five wrong ones end the session.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpRequired`] if a second factor is required and none was sent;
    /// [`AuthError::WrongPassword`], [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`],
    /// [`AuthError::Passkey`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn reauthenticate(
        &self,
        caller: SignedIn,
        password: &Password,
        factor: Option<&SecondFactor>,
    ) -> Result<Reauthenticated, AuthError> {
        let caller = caller.0;
        if caller.account.has_second_factor() && factor.is_none() {
            return Err(AuthError::OtpRequired);
        }
        let proved = self.prove_password(&caller, password).await?;
        let token = Token::issue(TokenKind::Session, proved.id);
        let outcome = self.retry(proved.clone(), async |account: &Account| {
            Self::require_same_password(account, &proved)?;
            if account.has_second_factor() {
                let factor = factor.ok_or(AuthError::OtpRequired)?;
                return self.renew(account, &caller, token.digest(), (factor, false)).await;
            }
            let session = self.full_session(account, &caller.session.digest)?;
            let renewed = session.renewed(token.digest(), Proof::PASSWORD, self.clock.now());
            let rotated = self.store.rotate_session(account, &session, &renewed).await?;
            Ok(Attempt::done_if(rotated, renewed))
        });
        let counts = |factor: &SecondFactor| factor.counts_against_codes(&proved);
        let session = match outcome.await {
            Err(AuthError::WrongCode) if factor.is_some_and(counts) => {
                // The password was correct, and the wrong code was counted on the account.
                self.store.refund_session(&proved, &caller.session).await?;
                return Err(AuthError::WrongCode);
            }
            other => self.settle(&caller, &proved, other).await?,
        };
        self.record(proved.id, EventKind::Reauthenticated, &caller.client);
        Ok(Reauthenticated { session, token, carrier: caller.carrier })
    }

    /// The same with a passkey that verified its user, now and when it was registered, and without the password.
    ///
    /// # Errors
    ///
    /// [`AuthError::Passkey`], [`AuthError::TooManyAttempts`].
    pub async fn reauthenticate_with_passkey(
        &self,
        caller: SignedIn,
        passkey: &SecondFactor,
    ) -> Result<Reauthenticated, AuthError> {
        self.require_relying_party()?;
        let caller = caller.0;
        let charged = self.charge_session(&caller).await?;
        let token = Token::issue(TokenKind::Session, charged.id);
        let attempt = async |account: &Account| {
            self.renew(account, &caller, token.digest(), (passkey, true)).await
        };
        let outcome =
            self.retry_from_current(charged.id, attempt).await.map_err(|error| match error {
                AuthError::OtpNotEnabled => PasskeyError::Invalid.into(),
                other => other,
            });
        let session = self.settle(&caller, &charged, outcome).await?;
        self.record(charged.id, EventKind::Reauthenticated, &caller.client);
        Ok(Reauthenticated { session, token, carrier: caller.carrier })
    }

    async fn renew(
        &self,
        account: &Account,
        caller: &OpenSession,
        digest: Digest,
        (factor, alone): (&SecondFactor, bool),
    ) -> Result<Attempt<Session>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        let submission = Submission {
            factor,
            target: FactorTarget::Session(&session),
            client: &caller.client,
            grants: Grant::Renewal { session: &session, digest, alone },
        };
        let submitted = self.submit(account, &submission).await?;
        Ok(submitted.map(|proof| session.renewed(digest, proof, self.clock.now())))
    }
}
