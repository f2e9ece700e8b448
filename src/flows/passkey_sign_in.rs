//! Signing in with a passkey alone.

use std::sync::atomic::Ordering;

use super::Auth;
use super::error::{AuthError, PasskeyError};
use super::log_in::CarriedTokens;
use super::shared::passkeys::refused;
use super::shared::retry::Attempt;
use crate::crypto::sign_in_token::SignInToken;
use crate::crypto::token::{Token, TokenKind, new_session};
use crate::crypto::webauthn::Challenge;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::passkey::Passkey;
use crate::domain::passkey::ceremony::{Assertion, PendingChallenge, VerifiedAssertion};
use crate::domain::session::{Methods, Proof, SessionKind};
use crate::metrics::{Method, Throttled};
use crate::storage::{DeviceNote, Opening, SignInPasskey};

/// What a browser needs to sign in with a passkey.
pub struct PasskeySignIn {
    /// The challenge, in base64url.
    pub challenge: String,
    /// The relying party's id.
    pub rp_id: String,
    /// Binds the challenge to the browser.
    pub token: SignInToken,
}

/// A session that a passkey opened.
pub struct SignedInByPasskey {
    /// The account.
    pub account: Account,
    /// The session's token.
    pub token: Token,
}

/// What a browser sends to sign in with a passkey.
#[derive(Clone, Copy)]
pub struct PasskeyAnswer<'a> {
    /// The credential; `None` if it is not of the form.
    pub assertion: Option<&'a Assertion>,
    /// The token that binds the challenge to the browser.
    pub token: Option<&'a str>,
}

impl Auth {
    /// Creates a challenge for a sign-in with a passkey. Nothing is stored.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::NotAvailable`].
    pub fn start_passkey_sign_in(&self) -> Result<PasskeySignIn, AuthError> {
        let rp_id = self.require_relying_party()?.id().to_owned();
        let challenge = Challenge::generate();
        let pending = PendingChallenge::begin(challenge.digest(), self.clock.now());
        let token = self.sign_ins.issue(pending);
        Ok(PasskeySignIn { challenge: challenge.encode(), rp_id, token })
    }

    /// Signs in with a passkey that verified its user, now and when it was registered. Each challenge works once.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::Invalid`], whatever is wrong; [`PasskeyError::NotAvailable`],
    /// [`AuthError::AccountDisabled`], [`AuthError::EmailNotVerified`]; [`AuthError::TooManyAttempts`] if the
    /// network's budget is spent, or if the account was signed in to too often.
    pub async fn sign_in_with_passkey(
        &self,
        answer: PasskeyAnswer<'_>,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<SignedInByPasskey, AuthError> {
        self.require_relying_party()?;
        let signed_in = self.sign_in_at_a_charge(answer, client, carried).await;
        self.counted(Method::Passkey, signed_in)
    }

    async fn sign_in_at_a_charge(
        &self,
        answer: PasskeyAnswer<'_>,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<SignedInByPasskey, AuthError> {
        let charges = self.charge_network(client).await?;
        charges.begun().store(true, Ordering::SeqCst);
        let signed_in = self.find_and_sign_in(answer, client, carried).await;
        match &signed_in {
            Ok(_) => charges.succeed().await?,
            Err(AuthError::Passkey(_)) => {}
            Err(_) => charges.take_back().await?,
        }
        signed_in
    }

    async fn find_and_sign_in(
        &self,
        answer: PasskeyAnswer<'_>,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<SignedInByPasskey, AuthError> {
        let now = self.clock.now();
        let challenge = answer.token.and_then(|token| self.sign_ins.open(token));
        let challenge = challenge.filter(|challenge| challenge.is_live(now));
        let (Some(challenge), Some(assertion)) = (challenge, answer.assertion) else {
            return Err(PasskeyError::Invalid.into());
        };
        let account = self.account_signing_in(assertion).await?.ok_or(PasskeyError::Invalid)?;
        let attempt = async |account: &Account| {
            self.attempt_sign_in(account, (challenge, assertion), client, carried).await
        };
        self.retry(account, attempt).await.map_err(|error| match error {
            AuthError::AccountGone => PasskeyError::Invalid.into(),
            other => other,
        })
    }

    /// The account that an assertion is about: the authenticator names it, or else the passkey belongs to it.
    async fn account_signing_in(
        &self,
        assertion: &Assertion,
    ) -> Result<Option<Account>, AuthError> {
        let Some(handle) = &assertion.user_handle else {
            return Ok(self.store.account_by_passkey(&assertion.id).await?);
        };
        let Ok(bytes) = handle.as_slice().try_into() else {
            return Ok(None);
        };
        Ok(self.store.account(UserId::from_bytes(bytes)).await?)
    }

    async fn attempt_sign_in(
        &self,
        account: &Account,
        (challenge, assertion): (PendingChallenge, &Assertion),
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<Attempt<SignedInByPasskey>, AuthError> {
        let passkey = account.passkey(&assertion.id).ok_or(PasskeyError::Invalid)?;
        let verified = self.verify_sign_in(account, passkey, (challenge, assertion), client)?;
        let now = self.clock.now();
        let used = SignInPasskey { challenge, passkey, verified };
        self.require_room(account)?;
        if let Err(refused) = self.require_sign_in_allowed(account).await {
            let spent = self.store.spend_assertion(account, &used, now).await?;
            return if spent { Err(refused) } else { Ok(Attempt::Conflict) };
        }
        self.end_carried_of_others(account, carried, client).await?;
        let of_account = carried.of(account)?;
        let token = Token::issue(TokenKind::Session, account.id);
        let session = new_session(&token, SessionKind::Cookie, client);
        let opening = Opening {
            session: session.begin(Proof { methods: Methods::Passkey, step: None }, now),
            in_place_of: of_account.session,
            network: self.network_note(account, client)?,
            device: DeviceNote::Nothing,
        };
        let ended = of_account.challenge;
        if !self.store.sign_in_with_passkey(account, &used, &opening, ended, now).await? {
            return Ok(Attempt::Conflict);
        }
        self.record(account.id, EventKind::SignedInWithPasskey, client);
        self.record_new_network(account, opening.network, client)?;
        Ok(Attempt::Done(SignedInByPasskey { account: account.clone(), token }))
    }

    /// Verifies an assertion that signs its user in without a password.
    fn verify_sign_in(
        &self,
        account: &Account,
        passkey: &Passkey,
        (challenge, assertion): (PendingChallenge, &Assertion),
        client: &Client,
    ) -> Result<VerifiedAssertion, AuthError> {
        let relying_party = self.require_relying_party()?;
        let verified = relying_party.verify(&challenge.digest, assertion, passkey);
        let verified = verified.map_err(|reason| {
            self.record_merged(account.id, EventKind::WrongPasskey, client);
            refused(reason)
        })?;
        let spent = account.spent_challenges()?;
        // An answer that comes twice is not a sign of a copy, although its counter did not rise.
        let is_spent = spent.iter().any(|spent| spent.digest == challenge.digest);
        if is_spent || !verified.user_verified || !passkey.signs_in() {
            return Err(PasskeyError::Invalid.into());
        }
        if passkey.suspects_copy(verified.counter) {
            self.record(account.id, EventKind::PasskeyCounterRefused, client);
            return Err(PasskeyError::Invalid.into());
        }
        Ok(verified)
    }

    /// Requires that a right assertion may open a session of the account now.
    async fn require_sign_in_allowed(&self, account: &Account) -> Result<(), AuthError> {
        if account.disabled_at.is_some() {
            return Err(AuthError::AccountDisabled);
        }
        // After "This wasn't me" nothing opens a session until the password is reset.
        if account.usable_password().is_none() {
            return Err(PasskeyError::Invalid.into());
        }
        self.require_verified_email(account).await
    }

    /// Requires room for another used challenge.
    fn require_room(&self, account: &Account) -> Result<(), AuthError> {
        let now = self.clock.now();
        let mut live = account.spent_challenges()?;
        live.retain(|spent| spent.is_live(now));
        match live.iter().map(|spent| spent.until).min() {
            Some(first) if live.len() >= PendingChallenge::SPENT_LIMIT => {
                Err(self.throttled(Throttled::PasskeySignIns, first - now))
            }
            _ => Ok(()),
        }
    }
}
