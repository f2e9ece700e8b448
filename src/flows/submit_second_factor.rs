//! Submitting a second factor: it completes a login, or is checked within a session.

use super::Auth;
use super::access::{Carrier, ChallengeHolder, FactorSubmitter, OpenSession, SignedIn};
use super::devices::IssuedDevice;
use super::error::AuthError;
use super::shared::counting::method_of;
use super::shared::grant::Grant;
use super::shared::retry::Attempt;
use super::shared::second_factor::Submission;
use crate::crypto::token::{Token, TokenKind, new_session};
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::session::{Methods, SessionKind};
use crate::storage::DeviceNote;

/// What a right second factor opened.
#[derive(Default)]
pub struct FactorAccepted {
    /// The token of a session that was opened or raised, and how it is sent.
    pub session: Option<(Token, Carrier)>,
    /// What a device that is trusted from now on is given.
    pub device: Option<IssuedDevice>,
}

impl Auth {
    /// Checks a second factor. With a login challenge it opens a session, and trusts the device if that is asked
    /// for; the session of a trusted device is raised to the second level. Within other sessions it is used up and
    /// changes neither token nor freshness.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`AuthError::TooManyAttempts`],
    /// [`AuthError::Passkey`]; [`AuthError::LoginExpired`] if the challenge has ended.
    pub async fn submit_second_factor(
        &self,
        submitter: FactorSubmitter,
        factor: &SecondFactor,
        trusts_device: bool,
    ) -> Result<FactorAccepted, AuthError> {
        match submitter {
            FactorSubmitter::Challenge(holder) => {
                let completed = self.complete_login(holder, factor, trusts_device).await;
                self.counted(method_of(factor), completed)
            }
            FactorSubmitter::Session(signed_in) => {
                self.check_within_session(signed_in, factor).await
            }
        }
    }

    async fn complete_login(
        &self,
        holder: ChallengeHolder,
        factor: &SecondFactor,
        trusts_device: bool,
    ) -> Result<FactorAccepted, AuthError> {
        let ChallengeHolder { account, challenge, client } = holder;
        let (user, token) = (account.id, Token::issue(TokenKind::Session, account.id));
        let session = new_session(&token, SessionKind::Cookie, &client);
        let may_trust = trusts_device && !matches!(factor, SecondFactor::Recovery(_));
        let trusted = may_trust.then(|| self.trust(user, &client)).flatten();
        let attempt = async |account: &Account| {
            let challenge = self.live_challenge(account, &challenge.digest)?;
            let network = self.network_note(account, &client)?;
            let device = trusted.as_ref().map_or(&DeviceNote::Nothing, |one| &one.note);
            let submission = Submission {
                factor,
                target: FactorTarget::Challenge(&challenge),
                client: &client,
                grants: Grant::NewSession { session: session.clone(), network, device },
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
        if trusted.is_some() {
            self.record(user, EventKind::DeviceTrusted, &client);
        }
        Ok(FactorAccepted {
            session: Some((token, Carrier::Cookie)),
            device: trusted.map(|one| one.issued),
        })
    }

    async fn check_within_session(
        &self,
        signed_in: SignedIn,
        factor: &SecondFactor,
    ) -> Result<FactorAccepted, AuthError> {
        let caller = signed_in.0;
        let attempt =
            async |account: &Account| self.attempt_within_session(account, &caller, factor).await;
        if factor.counts_against_codes(&caller.account) {
            return self.retry(caller.account.clone(), attempt).await;
        }
        let account = self.charge_session(&caller).await?;
        // A passkey's write holds the count that includes its own try.
        let outcome = match factor {
            SecondFactor::Passkey(_) => self.retry_from_current(account.id, attempt).await,
            _ => self.retry(account.clone(), attempt).await,
        };
        self.settle(&caller, &account, outcome).await
    }

    async fn attempt_within_session(
        &self,
        account: &Account,
        caller: &OpenSession,
        factor: &SecondFactor,
    ) -> Result<Attempt<FactorAccepted>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        if let SecondFactor::Otp(code) = factor
            && let Some(step) = self.step_of(account, code)?
            && session.opened_with == Some(step)
        {
            // The code that opened this session: the client lost the response and is retrying.
            return Ok(Attempt::Done(FactorAccepted::default()));
        }
        let is_raised = session.methods == Methods::PasswordOnTrustedDevice;
        let token = is_raised.then(|| Token::issue(TokenKind::Session, account.id));
        let submission = Submission {
            factor,
            target: FactorTarget::Session(&session),
            client: &caller.client,
            grants: match &token {
                Some(token) => Grant::SecondLevel { session: &session, digest: token.digest() },
                None => Grant::Nothing,
            },
        };
        let submitted = self.submit(account, &submission).await?;
        Ok(submitted.map(|proof| {
            if is_raised {
                self.record(account.id, sign_in_with(proof.methods), &caller.client);
            }
            let session = token.map(|token| (token, caller.carrier));
            FactorAccepted { session, device: None }
        }))
    }
}

/// The event of a sign-in with these factors.
pub(super) fn sign_in_with(methods: Methods) -> EventKind {
    match methods {
        Methods::Password => EventKind::SignedInWithPassword,
        Methods::PasswordOnTrustedDevice => EventKind::SignedInOnTrustedDevice,
        Methods::PasswordAndOtp => EventKind::SignedInWithCode,
        Methods::PasswordAndRecoveryCode => EventKind::SignedInWithRecoveryCode,
        Methods::PasswordAndPasskey => EventKind::SignedInWithPasswordAndPasskey,
        Methods::Passkey => EventKind::SignedInWithPasskey,
    }
}
