//! The first factor.

use super::Auth;
use super::error::AuthError;
use crate::crypto::hashing_pool::Begun;
use crate::crypto::password_hash::Verdict;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;

impl Auth {
    /// Checks an address and a password, with the same work and the same answer whether the address
    /// is unknown or the password wrong.
    ///
    /// The account is as it was read before the check waited for its turn: what is opened with it
    /// must have its epoch in the filter.
    ///
    /// # Errors
    ///
    /// [`AuthError::IncorrectCredentials`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub(super) async fn verify_password(
        &self,
        email: &EmailAddress,
        password: &Password,
        client: &Client,
    ) -> Result<Account, AuthError> {
        let account = self.store.account_by_email(email).await?;
        let charge = self.charge_password(email, account.as_ref(), client).await?;
        let stored = account.as_ref().map(|account| account.password.clone());
        let verdict =
            self.hasher.verify(client.network(), password.clone(), stored, charge.begun()).await?;
        let (Some(account), Verdict::Right { outdated }) = (account, verdict) else {
            return Err(AuthError::IncorrectCredentials);
        };
        charge.succeed().await?;
        if outdated {
            self.rehash(&account, password, client);
        }
        Ok(account)
    }

    /// Checks the password of a session's own user; the session was charged for it.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`], [`AuthError::Busy`].
    pub(super) async fn verify_own_password(
        &self,
        account: &Account,
        password: &Password,
        client: &Client,
    ) -> Result<(), AuthError> {
        let stored = Some(account.password.clone());
        let network = client.network();
        match self.hasher.verify(network, password.clone(), stored, Begun::default()).await? {
            Verdict::Right { .. } => Ok(()),
            Verdict::Wrong => Err(AuthError::WrongPassword),
        }
    }

    /// Hashes a right password anew under the settings of today. Nobody waits for it: if it fails,
    /// the next login tries again.
    fn rehash(&self, account: &Account, password: &Password, client: &Client) {
        let (auth, account, password) = (self.clone(), account.clone(), password.clone());
        let network = client.network();
        tokio::spawn(async move {
            if let Ok(hash) = auth.hasher.hash(network, password).await
                && auth.store.store_rehash(&account, &hash).await.is_err()
            {
                tracing::debug!("a password's new hash was not stored");
            }
        });
    }
}
