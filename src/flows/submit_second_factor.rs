//! Submitting a second factor: it completes a login, or is checked within a session.

use super::Auth;
use super::access::{ChallengeHolder, FactorSubmitter, OpenSession, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use super::shared::second_factor::{Grant, Submission};
use crate::crypto::token::{Token, TokenKind, new_session};
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::session::{Methods, SessionKind};

impl Auth {
    /// Checks a second factor. With a login challenge it opens a session, whose token is returned;
    /// within a session it is used up and changes neither token nor freshness.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`AuthError::TooManyAttempts`],
    /// [`AuthError::Passkey`]; [`AuthError::LoginExpired`] if the challenge has ended.
    pub async fn submit_second_factor(
        &self,
        submitter: FactorSubmitter,
        factor: &SecondFactor,
    ) -> Result<Option<Token>, AuthError> {
        match submitter {
            FactorSubmitter::Challenge(holder) => {
                self.complete_login(holder, factor).await.map(Some)
            }
            FactorSubmitter::Session(signed_in) => {
                self.check_within_session(signed_in, factor).await.map(|()| None)
            }
        }
    }

    async fn complete_login(
        &self,
        holder: ChallengeHolder,
        factor: &SecondFactor,
    ) -> Result<Token, AuthError> {
        let ChallengeHolder { account, challenge, client } = holder;
        let (user, token) = (account.id, Token::issue(TokenKind::Session, account.id));
        let session = new_session(&token, SessionKind::Cookie, &client);
        let attempt = async |account: &Account| {
            let challenge = self.live_challenge(account, &challenge.digest)?;
            let network = self.network_note(account, &client)?;
            let submission = Submission {
                factor,
                target: FactorTarget::Challenge(&challenge),
                client: &client,
                grants: Grant::NewSession { session: session.clone(), network },
            };
            let submitted = self.submit(account, &submission).await?;
            if matches!(submitted, Attempt::Done(_)) {
                self.record_new_network(account, network, &client)?;
            }
            Ok(submitted)
        };
        let proof = self.retry(account, attempt).await.map_err(|error| match error {
            AuthError::AccountGone => AuthError::LoginExpired,
            other => other,
        })?;
        self.record(user, sign_in_with(proof.methods), &client);
        Ok(token)
    }

    async fn check_within_session(
        &self,
        signed_in: SignedIn,
        factor: &SecondFactor,
    ) -> Result<(), AuthError> {
        let caller = signed_in.0;
        let attempt =
            async |account: &Account| self.attempt_within_session(account, &caller, factor).await;
        if factor.counts_against_codes(&caller.account) {
            return self.retry(caller.account.clone(), attempt).await;
        }
        let account = self.charge_session(&caller).await?;
        let outcome = self.retry(account.clone(), attempt).await;
        self.settle(&caller, &account, outcome).await
    }

    async fn attempt_within_session(
        &self,
        account: &Account,
        caller: &OpenSession,
        factor: &SecondFactor,
    ) -> Result<Attempt<()>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        if let SecondFactor::Otp(code) = factor
            && let Some(step) = self.step_of(account, code)?
            && session.opened_with == Some(step)
        {
            // The code that opened this session: the client lost the response and is retrying.
            return Ok(Attempt::Done(()));
        }
        let submission = Submission {
            factor,
            target: FactorTarget::Session(&session),
            client: &caller.client,
            grants: Grant::Nothing,
        };
        Ok(self.submit(account, &submission).await?.map(|_proof| ()))
    }
}

fn sign_in_with(methods: Methods) -> EventKind {
    match methods {
        Methods::Password => EventKind::SignedInWithPassword,
        Methods::PasswordAndOtp => EventKind::SignedInWithCode,
        Methods::PasswordAndRecoveryCode => EventKind::SignedInWithRecoveryCode,
        Methods::PasswordAndPasskey => EventKind::SignedInWithPasswordAndPasskey,
        Methods::Passkey => EventKind::SignedInWithPasskey,
    }
}
