//! A code completes a login, or is checked within a session.

use super::Auth;
use super::access::{ChallengeHolder, Claimant, OpenSession, SignedIn};
use super::error::AuthError;
use crate::crypto::token::{self, Token};
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::SecondFactor;
use crate::domain::session::{Methods, Session, SessionKind};
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
    ) -> Result<Option<Token>, AuthError> {
        match claimant {
            Claimant::Challenge(holder) => self.complete_login(holder, factor).await.map(Some),
            Claimant::Session(signed_in) => {
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
        let (user, digest) = (account.id, challenge.digest);
        let token = Token::issue(user);
        let id = token::session_id();
        let attempt = async |account: &Account| {
            let challenge = account.challenge(&digest)?.filter(|c| c.is_live(self.clock.now()));
            let challenge = challenge.ok_or(AuthError::LoginExpired)?;
            let network = self.network_note(account, &client)?;
            let opening = |proof| {
                let credentials = (token.digest(), id.clone());
                let (kind, now) = (SessionKind::Cookie, self.clock.now());
                Some(Opening {
                    session: Session::begin(credentials, kind, proof, &client, now),
                    in_place_of: None,
                    network,
                })
            };
            let door = (&Door::Challenge(&challenge), &client);
            self.present_factor(account, door, factor, opening).await
        };
        let decided = self.decide(account, attempt).await;
        let (methods, _) = decided.map_err(|error| match error {
            AuthError::NotAuthenticated => AuthError::LoginExpired,
            other => other,
        })?;
        self.record(user, sign_in_with(methods), &client);
        Ok(token)
    }

    async fn check_within_session(
        &self,
        signed_in: SignedIn,
        factor: &SecondFactor,
    ) -> Result<(), AuthError> {
        let caller = signed_in.0;
        let attempt = async |account: &Account| {
            self.check_code_within_session(account, &caller, factor).await
        };
        if matches!(factor, SecondFactor::Otp(_)) {
            return self.decide(caller.account.clone(), attempt).await;
        }
        let account = self.charge_session(&caller).await?;
        let outcome = self.decide(account.clone(), attempt).await;
        self.settle(&caller, &account, outcome).await
    }

    async fn check_code_within_session(
        &self,
        account: &Account,
        caller: &OpenSession,
        factor: &SecondFactor,
    ) -> Result<Option<()>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        if let SecondFactor::Otp(code) = factor
            && let Some(step) = self.step_of(account, code)?
            && session.opened_with == Some(step)
        {
            // The very code that this session was opened with: an answer that was lost and asked
            // for again.
            return Ok(Some(()));
        }
        let door = (&Door::Session(&session), &caller.client);
        Ok(self.present_factor(account, door, factor, |_| None).await?.map(|_| ()))
    }
}

fn sign_in_with(methods: Methods) -> EventKind {
    match methods {
        Methods::Password => EventKind::SignedInWithPassword,
        Methods::PasswordAndOtp => EventKind::SignedInWithCode,
        Methods::PasswordAndRecoveryCode => EventKind::SignedInWithRecoveryCode,
    }
}
