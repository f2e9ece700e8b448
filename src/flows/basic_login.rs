//! Address, password and code in one request: the Basic contract's way in.

use super::error::AuthError;
use super::login::Login;
use super::{ATTEMPTS, Auth};
use crate::crypto::token::{self, Token};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::SecondFactor;
use crate::domain::session::{Methods, Session, SessionKind};
use crate::storage::{Door, Opening};

impl Auth {
    /// Opens a bearer session.
    ///
    /// # Errors
    ///
    /// [`AuthError::IncorrectCredentials`] whatever the code; [`AuthError::OtpRequired`] where one
    /// is due and none was given; [`AuthError::WrongCode`] and [`AuthError::CodeAlreadyUsed`];
    /// [`AuthError::AccountDisabled`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn exchange_credentials(
        &self,
        login: &Login,
        factor: Option<&SecondFactor>,
        client: &Client,
    ) -> Result<Token, AuthError> {
        let mut account = self.verify_password(&login.email, &login.password, client).await?;
        for _ in 0..ATTEMPTS {
            if let Some(token) = self.open_bearer(&account, factor, client).await? {
                return Ok(token);
            }
            account = self.verified_again(account, login, client).await?;
        }
        Err(AuthError::Unavailable)
    }

    async fn open_bearer(
        &self,
        account: &Account,
        factor: Option<&SecondFactor>,
        client: &Client,
    ) -> Result<Option<Token>, AuthError> {
        if account.disabled_at.is_some() {
            return Err(AuthError::AccountDisabled);
        }
        let (token, id) = (Token::issue(account.id), token::session_id());
        let network = self.network_note(account, client)?;
        let opening = |proof| {
            let credentials = (token.digest(), id.clone());
            let (kind, now) = (SessionKind::Bearer, self.clock.now());
            Opening {
                session: Session::begin(credentials, kind, proof, client, now),
                in_place_of: None,
                network,
            }
        };
        let opened = if account.authenticator.is_enabled() {
            let factor = factor.ok_or(AuthError::OtpRequired)?;
            let open = |proof| Some(opening(proof));
            let door = (&Door::Password, client);
            self.present_factor(account, door, factor, open).await?.is_some()
        } else {
            let opening = opening((Methods::Password, None));
            self.store.open_session(account, &opening, None).await?
        };
        if opened {
            self.record(account.id, EventKind::SignedInWithBearer, client);
        }
        Ok(opened.then_some(token))
    }
}
