//! Registering an account.

use super::Auth;
use super::error::AuthError;
use super::shared::screening::ScreenedPassword;
use crate::domain::authenticator::Authenticator;
use crate::domain::client::Client;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::network::Network;
use crate::domain::password::NewPassword;
use crate::storage::{NewAccount, StoreError, new_user_id};

/// What a person enters to register.
pub struct Registration {
    /// Their name.
    pub name: DisplayName,
    /// Their address.
    pub email: EmailAddress,
    /// A password that the policy accepts.
    pub password: NewPassword,
}

impl Auth {
    /// Creates an account. If one address is registered several times at once, the unique index lets
    /// only one registration succeed.
    ///
    /// # Errors
    ///
    /// [`AuthError::InvalidPassword`], which is not charged;
    /// [`AuthError::AccountExists`], before any hashing if the account exists by then;
    /// [`AuthError::TooManyAttempts`], [`AuthError::Busy`]; [`AuthError::Unavailable`] also until
    /// the unique index exists.
    pub async fn register(
        &self,
        registration: Registration,
        client: &Client,
    ) -> Result<(), AuthError> {
        if !self.store.is_indexed() {
            return Err(AuthError::Unavailable);
        }
        let screened = self.screen(&registration.password).await?;
        self.charge_registration(client).await?;
        let id = self.add_account(registration, screened, Some(client)).await?;
        self.record(id, EventKind::Registered, client);
        Ok(())
    }

    /// Adds an account that a client registered or the operator created. The client's network becomes
    /// known to it.
    pub(in crate::flows) async fn add_account(
        &self,
        registration: Registration,
        password: ScreenedPassword,
        client: Option<&Client>,
    ) -> Result<UserId, AuthError> {
        if self.store.account_by_email(&registration.email).await?.is_some() {
            return Err(AuthError::AccountExists);
        }
        let network = client.map_or(Network::NOWHERE, Client::network);
        let hash = self.hash_new(network, password).await?;
        let (id, now) = (new_user_id(), self.clock.now());
        // An account that the operator created is the operator's to verify.
        let (mail, links) = match client {
            Some(_) => self.begin_registration_mail(id, &registration.email).await?,
            None => (None, Vec::new()),
        };
        let account = NewAccount {
            id,
            email: registration.email.clone(),
            name: registration.name,
            password: hash,
            authenticator: Authenticator::None,
            network: client.map(|client| self.network(id, client)),
            links,
            created_at: now,
            updated_at: now,
        };
        match self.store.insert_account(account).await {
            Err(StoreError::Duplicate) => return Err(AuthError::AccountExists),
            outcome => outcome?,
        }
        self.finish_registration_mail(&registration.email, mail).await;
        Ok(id)
    }
}
