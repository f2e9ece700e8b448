//! Exchanging address, password and code for a bearer token, in one request: the Basic contract.

use super::Auth;
use super::error::AuthError;
use super::log_in::Login;
use super::shared::grant::Grant;
use super::shared::retry::Attempt;
use super::shared::second_factor::Submission;
use crate::crypto::token::{Token, TokenKind, new_session};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::event::EventKind;
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::session::{Proof, SessionKind};
use crate::metrics::Method;
use crate::storage::{DeviceNote, Opening};

impl Auth {
    /// Opens a bearer session.
    ///
    /// # Errors
    ///
    /// [`AuthError::IncorrectCredentials`], whatever the code; [`AuthError::OtpRequired`] if a code is
    /// required and none was sent; [`AuthError::WrongCode`] and [`AuthError::CodeAlreadyUsed`];
    /// [`AuthError::AccountDisabled`], [`AuthError::EmailNotVerified`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn exchange_credentials(
        &self,
        login: &Login,
        factor: Option<&SecondFactor>,
        client: &Client,
    ) -> Result<Token, AuthError> {
        let opened = async {
            let account = self.verify_password(login, client).await?;
            self.retry_with(
                account,
                async |before| self.read_verified_again(before, login, client).await,
                async |account: &Account| self.open_bearer(account, factor, client).await,
            )
            .await
        };
        self.counted(Method::Basic, opened.await)
    }

    async fn open_bearer(
        &self,
        account: &Account,
        factor: Option<&SecondFactor>,
        client: &Client,
    ) -> Result<Attempt<Token>, AuthError> {
        if account.disabled_at.is_some() {
            return Err(AuthError::AccountDisabled);
        }
        self.require_verified_email(account).await?;
        let token = Token::issue(TokenKind::Session, account.id);
        let session = new_session(&token, SessionKind::Bearer, client);
        let network = self.network_note(account, client)?;
        let opened = if account.has_second_factor() {
            let Some(factor) = factor else {
                self.expect_second_factor_of_bearer(account);
                return Err(AuthError::OtpRequired);
            };
            let submission = Submission {
                factor,
                target: FactorTarget::Password,
                client,
                grants: Grant::NewSession { session, network, device: &DeviceNote::Nothing },
            };
            match self.submit(account, &submission).await {
                Ok(Attempt::Done(_)) => {
                    self.second_factor_of_bearer_came(account);
                    true
                }
                Ok(Attempt::Conflict) => false,
                Err(wrong @ (AuthError::WrongCode | AuthError::CodeAlreadyUsed)) => {
                    self.expect_second_factor_of_bearer(account);
                    return Err(wrong);
                }
                Err(other) => return Err(other),
            }
        } else {
            let session = session.begin(Proof::PASSWORD, self.clock.now());
            let opening =
                Opening { session, in_place_of: None, network, device: DeviceNote::Nothing };
            self.store.open_session(account, &opening, None).await?
        };
        if opened {
            self.record(account.id, EventKind::SignedInWithBearer, client);
            self.record_new_network(account, network, client)?;
        }
        Ok(Attempt::done_if(opened, token))
    }
}
