//! A code completes a login, or is checked within a session.

use super::Auth;
use super::access::{ChallengeHolder, Claimant, OpenSession, SignedIn};
use super::error::AuthError;
use crate::crypto::token::{self, Token};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::recovery_code::SecondFactor;
use crate::domain::session::{Session, SessionKind};
use crate::storage::{Door, Opening};

impl Auth {
    /// Takes a code. To a login challenge it opens a session, whose token is returned; within a
    /// session it is checked and used up, and changes neither token nor freshness.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`AuthError::TooManyAttempts`];
    /// [`AuthError::LoginExpired`] where the challenge ended meanwhile.
    pub async fn validate(
        &self,
        claimant: Claimant,
        factor: &SecondFactor,
        client: &Client,
    ) -> Result<Option<Token>, AuthError> {
        match claimant {
            Claimant::Challenge(holder) => {
                self.complete_login(holder, factor, client).await.map(Some)
            }
            Claimant::Session(signed_in) => {
                self.check_within_session(signed_in, factor).await.map(|()| None)
            }
        }
    }

    async fn complete_login(
        &self,
        holder: ChallengeHolder,
        factor: &SecondFactor,
        client: &Client,
    ) -> Result<Token, AuthError> {
        let digest = holder.challenge.digest;
        let token = Token::issue(holder.account.id);
        let id = token::session_id();
        let attempt = async |account: &Account| {
            let challenge = account.challenge(&digest).filter(|c| c.is_live(self.clock.now()));
            let challenge = challenge.ok_or(AuthError::LoginExpired)?;
            let opening = |proof| {
                let credentials = (token.digest(), id.clone());
                let (kind, now) = (SessionKind::Cookie, self.clock.now());
                Some(Opening {
                    session: Session::begin(credentials, kind, proof, client, now),
                    in_place_of: None,
                    network: self.network_note(account, client),
                })
            };
            self.present_factor(account, &Door::Challenge(challenge), factor, opening).await
        };
        let decided = self.decide(holder.account, attempt).await;
        decided.map(|_| token).map_err(|error| match error {
            AuthError::NotAuthenticated => AuthError::LoginExpired,
            other => other,
        })
    }

    async fn check_within_session(
        &self,
        signed_in: SignedIn,
        factor: &SecondFactor,
    ) -> Result<(), AuthError> {
        let OpenSession { account, session, .. } = signed_in.0;
        let digest = session.digest;
        let attempt = async |account: &Account| {
            self.check_code_within_session(account, &digest, factor).await
        };
        if matches!(factor, SecondFactor::Otp(_)) {
            return self.decide(account, attempt).await;
        }
        let account = self.charge_session(account, &digest).await?;
        let outcome = self.decide(account.clone(), attempt).await;
        self.end_if_spent((&account, &session), outcome).await
    }

    async fn check_code_within_session(
        &self,
        account: &Account,
        digest: &Digest,
        factor: &SecondFactor,
    ) -> Result<Option<()>, AuthError> {
        let session = self.full_session(account, digest)?;
        if let SecondFactor::Otp(code) = factor
            && let Some(step) = self.step_of(account, code)?
            && session.opened_with == Some(step)
        {
            // The very code that this session was opened with: an answer that was lost and asked
            // for again.
            return Ok(Some(()));
        }
        let door = Door::Session(session);
        Ok(self.present_factor(account, &door, factor, |_| None).await?.map(|_| ()))
    }
}
