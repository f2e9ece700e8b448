//! Logging in with a password.

use super::Auth;
use super::devices::IssuedDevice;
use super::error::AuthError;
pub use super::shared::first_factor::Login;
use super::shared::retry::Attempt;
use super::shared::trusted_devices::Recognized;
use super::submit_second_factor::sign_in_with;
use crate::crypto::token::{PresentedToken, Token, TokenKind, new_session};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::{Proof, SessionKind};
use crate::metrics::{Method, Outcome};
use crate::storage::{Carried, DeviceNote, Opening};

/// The tokens in the cookies of a login request. The session and the challenge end if the password is correct. There is no
/// `Debug`, so neither can be logged.
#[derive(Clone, Copy, Default)]
pub struct CarriedTokens<'a> {
    /// The token in the session's cookie.
    pub session: Option<&'a str>,
    /// The token in the login challenge's cookie.
    pub challenge: Option<&'a str>,
    /// The token in the trusted device's cookie, which the login may replace.
    pub device: Option<&'a str>,
}

/// The outcome of a correct password.
pub struct PasswordAccepted {
    /// The account, complete even before the second factor.
    pub account: Account,
    /// What was opened.
    pub opened: Opened,
    /// The next token of the trusted device that the login came from.
    pub device: Option<IssuedDevice>,
}

/// What a correct password opened.
pub enum Opened {
    /// A session: the account has no second factor, or the device is trusted.
    Session(Token),
    /// A login challenge: the second factor is required next.
    Challenge(Token),
}

impl Auth {
    /// Logs in by the JSON contract: opens a session, or a login challenge if the account has a
    /// second factor.
    ///
    /// The epoch that was read is in the filter of the write. So a login that waits in the hashing queue
    /// while the password changes, or while a second factor is enabled, cannot open a session it
    /// shouldn't.
    ///
    /// # Errors
    ///
    /// [`AuthError::IncorrectCredentials`], [`AuthError::AccountDisabled`],
    /// [`AuthError::EmailNotVerified`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn log_in(
        &self,
        login: &Login,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<PasswordAccepted, AuthError> {
        let accepted = self.log_in_uncounted(login, client, carried).await;
        match &accepted {
            Ok(PasswordAccepted { opened: Opened::Challenge(_), .. }) => {
                self.metrics.attempted(Method::Password, Outcome::FactorRequired);
                accepted
            }
            Ok(PasswordAccepted { device: Some(_), .. }) => {
                self.counted(Method::TrustedDevice, accepted)
            }
            _ => self.counted(Method::Password, accepted),
        }
    }

    async fn log_in_uncounted(
        &self,
        login: &Login,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<PasswordAccepted, AuthError> {
        let account = self.verify_password(login, client).await?;
        // A login that is refused ends nothing.
        if account.disabled_at.is_some() {
            return Err(AuthError::AccountDisabled);
        }
        self.require_verified_email(&account).await?;
        self.end_carried_of_others(&account, carried, client).await?;
        self.retry_with(
            account,
            async |before| self.read_verified_again(before, login, client).await,
            async |account: &Account| self.open(account, client, carried).await,
        )
        .await
    }

    async fn open(
        &self,
        account: &Account,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<Attempt<PasswordAccepted>, AuthError> {
        if account.disabled_at.is_some() {
            return Err(AuthError::AccountDisabled);
        }
        if !account.has_second_factor() {
            let proof = (Proof::PASSWORD, DeviceNote::Nothing);
            return self.open_session(account, proof, client, carried).await;
        }
        match self.recognize(account, carried.device, client).await? {
            None => self.open_challenge(account, carried).await,
            Some(Recognized { note, issued }) => {
                let proof = (Proof::ON_TRUSTED_DEVICE, note);
                let opened = self.open_session(account, proof, client, carried).await?;
                Ok(opened.map(|accepted| PasswordAccepted { device: Some(issued), ..accepted }))
            }
        }
    }

    async fn open_challenge(
        &self,
        account: &Account,
        carried: CarriedTokens<'_>,
    ) -> Result<Attempt<PasswordAccepted>, AuthError> {
        let token = Token::issue(TokenKind::Login, account.id);
        let challenge = LoginChallenge::begin(token.digest(), self.clock.now());
        let opened = self.store.open_challenge(account, &challenge, carried.of(account)?).await?;
        if opened {
            self.expect_second_factor(account, &challenge);
        }
        Ok(Attempt::done_if(opened, PasswordAccepted::of(account, Opened::Challenge(token))))
    }

    async fn open_session(
        &self,
        account: &Account,
        (proof, device): (Proof, DeviceNote),
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<Attempt<PasswordAccepted>, AuthError> {
        let of_account = carried.of(account)?;
        let token = Token::issue(TokenKind::Session, account.id);
        let session = new_session(&token, SessionKind::Cookie, client);
        let opening = Opening {
            session: session.begin(proof, self.clock.now()),
            in_place_of: of_account.session,
            network: self.network_note(account, client)?,
            device,
        };
        if !self.store.open_session(account, &opening, of_account.challenge).await? {
            return Ok(Attempt::Conflict);
        }
        self.record(account.id, sign_in_with(proof.methods), client);
        self.record_new_network(account, opening.network, client)?;
        Ok(Attempt::Done(PasswordAccepted::of(account, Opened::Session(token))))
    }

    /// Ends the request's credentials of other accounts, before anything is opened. Of the same
    /// account, a Bearer token in place of the cookie is in another array, and is ended here too.
    pub(super) async fn end_carried_of_others(
        &self,
        account: &Account,
        carried: CarriedTokens<'_>,
        client: &Client,
    ) -> Result<(), AuthError> {
        for presented in [carried.session(), carried.challenge()].into_iter().flatten() {
            let is_replaced = presented.user == account.id
                && account
                    .session(&presented.digest)?
                    .is_none_or(|session| session.kind == SessionKind::Cookie);
            if !is_replaced {
                self.end_token(presented, client).await?;
            }
        }
        Ok(())
    }
}

impl PasswordAccepted {
    fn of(account: &Account, opened: Opened) -> Self {
        Self { account: account.clone(), opened, device: None }
    }
}

impl CarriedTokens<'_> {
    fn session(&self) -> Option<PresentedToken> {
        self.session.and_then(|token| PresentedToken::parse(TokenKind::Session, token))
    }

    fn challenge(&self) -> Option<PresentedToken> {
        self.challenge.and_then(|token| PresentedToken::parse(TokenKind::Login, token))
    }

    /// This account's browser session and challenge that the tokens belong to, live or not.
    pub(super) fn of(&self, account: &Account) -> Result<Carried, AuthError> {
        let digest = |presented: Option<PresentedToken>| -> Option<Digest> {
            presented.filter(|token| token.user == account.id).map(|token| token.digest)
        };
        let session = digest(self.session()).map(|digest| account.session(&digest)).transpose()?;
        let session = session.flatten().filter(|session| session.kind == SessionKind::Cookie);
        let challenge =
            digest(self.challenge()).map(|digest| account.challenge(&digest)).transpose()?;
        Ok(Carried {
            session: session.map(|session| session.digest),
            challenge: challenge.flatten().map(|challenge| challenge.digest),
        })
    }
}
