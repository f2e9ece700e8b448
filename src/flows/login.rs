//! A password opens a session, or a login challenge where the account has a second factor.

use super::error::AuthError;
use super::{ATTEMPTS, Auth};
use crate::crypto::token::{self, PresentedToken, Token};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::password::Password;
use crate::domain::session::{Methods, Session, SessionKind};
use crate::storage::{Carried, Opening};

/// An address and a password.
pub struct Login {
    /// The address.
    pub email: EmailAddress,
    /// The password.
    pub password: Password,
}

/// The tokens of a login request's cookies: both end when the password is right.
#[derive(Clone, Copy, Debug, Default)]
pub struct CarriedTokens<'a> {
    /// Of the session's cookie.
    pub session: Option<&'a str>,
    /// Of the login challenge's cookie.
    pub challenge: Option<&'a str>,
}

/// Where a right password led.
pub struct PasswordAccepted {
    /// The account, whole even before the second factor.
    pub account: Account,
    /// What was opened.
    pub opened: Opened,
}

/// What a right password opened.
pub enum Opened {
    /// A session: the account has no second factor.
    Session(Token),
    /// A login challenge: the second factor is due.
    Challenge(Token),
}

impl Auth {
    /// Takes the password step of the JSON contract.
    ///
    /// A login that waits in the hashing queue while the password changes, or while a second factor
    /// is enabled, opens nothing that it should not: the epoch it read is in the write's filter.
    ///
    /// # Errors
    ///
    /// [`AuthError::IncorrectCredentials`], [`AuthError::AccountDisabled`],
    /// [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn log_in(
        &self,
        login: &Login,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<PasswordAccepted, AuthError> {
        let mut account = self.verify_password(&login.email, &login.password, client).await?;
        self.end_carried_of_others(&account, carried, client).await?;
        for _ in 0..ATTEMPTS {
            if let Some(opened) = self.open(&account, client, carried).await? {
                return Ok(PasswordAccepted { account, opened });
            }
            account = self.verified_again(account, login, client).await?;
        }
        Err(AuthError::Unavailable)
    }

    /// Reads an account again whose password was right; a password that changed since is checked
    /// anew.
    pub(super) async fn verified_again(
        &self,
        before: Account,
        login: &Login,
        client: &Client,
    ) -> Result<Account, AuthError> {
        let current = self.store.account(before.id).await?;
        match current {
            Some(current) if current.password == before.password => Ok(current),
            _ => self.verify_password(&login.email, &login.password, client).await,
        }
    }

    async fn open(
        &self,
        account: &Account,
        client: &Client,
        carried: CarriedTokens<'_>,
    ) -> Result<Option<Opened>, AuthError> {
        if account.disabled_at.is_some() {
            return Err(AuthError::AccountDisabled);
        }
        let (now, token) = (self.clock.now(), Token::issue(account.id));
        let of_account = carried.of(account)?;
        if account.authenticator.is_enabled() {
            let challenge = LoginChallenge::begin(token.digest(), now);
            let opened = self.store.open_challenge(account, &challenge, of_account).await?;
            return Ok(opened.then_some(Opened::Challenge(token)));
        }
        let credentials = (token.digest(), token::session_id());
        let proof = (Methods::Password, None);
        let session = Session::begin(credentials, SessionKind::Cookie, proof, client, now);
        let opening = Opening {
            session,
            in_place_of: of_account.session,
            network: self.network_note(account, client)?,
        };
        if !self.store.open_session(account, &opening, of_account.challenge).await? {
            return Ok(None);
        }
        self.record(account.id, EventKind::SignedInWithPassword, client);
        Ok(Some(Opened::Session(token)))
    }

    /// Ends what the request carries of other accounts, before anything is opened. Of the same
    /// account, a Bearer token in the cookie's place lives in another array and is ended here too.
    async fn end_carried_of_others(
        &self,
        account: &Account,
        carried: CarriedTokens<'_>,
        client: &Client,
    ) -> Result<(), AuthError> {
        for token in [carried.session, carried.challenge].into_iter().flatten() {
            let Some(presented) = PresentedToken::parse(token) else {
                continue;
            };
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

    /// Ends whatever a token carries, if anything.
    pub(super) async fn end_token(
        &self,
        presented: PresentedToken,
        client: &Client,
    ) -> Result<(), AuthError> {
        let Some(account) = self.store.account(presented.user).await? else {
            return Ok(());
        };
        if let Some(session) = account.session(&presented.digest)?
            && self.store.end_session(&account, &session).await?
        {
            self.record(account.id, EventKind::SignedOut, client);
        }
        if let Some(challenge) = account.challenge(&presented.digest)? {
            self.store.end_challenge(&account, &challenge).await?;
        }
        Ok(())
    }
}

impl CarriedTokens<'_> {
    /// What of this account's browser sessions and challenges the tokens carry, live or not.
    fn of(&self, account: &Account) -> Result<Carried, AuthError> {
        let digest = |token: Option<&str>| -> Option<Digest> {
            let presented = token.and_then(PresentedToken::parse)?;
            (presented.user == account.id).then_some(presented.digest)
        };
        let session = digest(self.session).map(|digest| account.session(&digest)).transpose()?;
        let session = session.flatten().filter(|session| session.kind == SessionKind::Cookie);
        let challenge =
            digest(self.challenge).map(|digest| account.challenge(&digest)).transpose()?;
        Ok(Carried {
            session: session.map(|session| session.digest),
            challenge: challenge.flatten().map(|challenge| challenge.digest),
        })
    }
}
