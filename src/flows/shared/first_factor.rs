//! Checking the password, at login and within a session.

use super::access::OpenSession;
use super::charges::{Charge, Charges};
use crate::crypto::hashing::Verdict;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::flows::Auth;
use crate::flows::error::AuthError;

/// An email address and a password.
pub struct Login {
    /// The address.
    pub email: EmailAddress,
    /// The password.
    pub password: Password,
}

impl Auth {
    /// Checks an address and a password, with the same work and the same answer whether the address
    /// is unknown or the password wrong.
    ///
    /// Returns the account as it was before the check waited in the hashing queue. Every write that opens
    /// something for it must have its epoch in the filter.
    ///
    /// # Errors
    ///
    /// [`AuthError::IncorrectCredentials`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub(in crate::flows) async fn verify_password(
        &self,
        login: &Login,
        client: &Client,
    ) -> Result<Account, AuthError> {
        let Login { email, password } = login;
        let account = self.store.account_by_email(email).await?;
        let charges = self.charge_password(email, account.as_ref(), client).await?;
        let stored = account.as_ref().and_then(Account::usable_password);
        let verdict =
            self.hasher.verify(client.network(), password.clone(), stored, charges.begun()).await?;
        let (Some(account), Verdict::Right { outdated }) = (account, verdict) else {
            return Err(AuthError::IncorrectCredentials);
        };
        charges.succeed().await?;
        if outdated {
            self.rehash(&account, password, client);
        }
        Ok(account)
    }

    /// Reads an account again after its password was correct. If the password has changed, it is
    /// checked again.
    ///
    /// # Errors
    ///
    /// Those of [`Self::verify_password`].
    pub(in crate::flows) async fn read_verified_again(
        &self,
        before: Account,
        login: &Login,
        client: &Client,
    ) -> Result<Account, AuthError> {
        let current = self.store.account(before.id).await?;
        match current {
            Some(current) if current.password == before.password => Ok(current),
            _ => self.verify_password(login, client).await,
        }
    }

    /// Checks the password of a session's own user. The attempt is counted before it is checked, and
    /// five wrong ones end the session; one that was not checked is not counted.
    ///
    /// Returns the account as it was when the attempt was counted. The count stays until the write that
    /// required the password.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub(in crate::flows) async fn prove_password(
        &self,
        caller: &OpenSession,
        password: &Password,
    ) -> Result<Account, AuthError> {
        let account = self.charge_session(caller).await?;
        let mut charges = Charges::new(&self.store);
        charges.add(Charge::SessionTry(Box::new((account.clone(), caller.session.clone()))));
        let (network, stored) = (caller.client.network(), account.usable_password());
        let checked = self.hasher.verify(network, password.clone(), stored, charges.begun()).await;
        let outcome = match checked {
            Ok(Verdict::Right { .. }) => Ok(()),
            Ok(Verdict::Wrong) => Err(AuthError::WrongPassword),
            Err(error) => Err(error.into()),
        };
        charges.hand_over();
        self.settle(caller, &account, outcome).await?;
        Ok(account)
    }

    /// Requires the account's password to be the one that was checked.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`] if it has changed. A new hash of the same password is not a change
    /// and does not raise the epoch.
    pub(in crate::flows) fn require_same_password(
        account: &Account,
        proved: &Account,
    ) -> Result<(), AuthError> {
        let is_same = account.epoch == proved.epoch || account.password == proved.password;
        if is_same { Ok(()) } else { Err(AuthError::WrongPassword) }
    }

    /// Hashes a correct password again with the current settings, in the background. If that fails, the
    /// next login tries again.
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
