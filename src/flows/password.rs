//! The first factor.

use std::sync::atomic::Ordering;

use super::Auth;
use super::access::OpenSession;
use super::error::AuthError;
use crate::crypto::hashing_pool::Begun;
use crate::crypto::password_hash::Verdict;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::domain::session::Session;
use crate::storage::Store;

/// A try of a session that is counted and waits for its check: taken back where its client leaves before
/// the check begins.
struct Waiting {
    /// What is needed for that, until the wait is over.
    charge: Option<(Store, Account, Session)>,
    begun: Begun,
}

impl Waiting {
    fn new(store: &Store, charged: &Account, session: &Session) -> Self {
        let charge = Some((store.clone(), charged.clone(), session.clone()));
        Self { charge, begun: Begun::default() }
    }

    /// What is to be set when the check begins.
    fn begun(&self) -> Begun {
        Begun::clone(&self.begun)
    }

    /// Whoever waited is told now, and settles the charge.
    fn end(mut self) {
        self.charge = None;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some((store, account, session)) = self.charge.take()
            && !self.begun.load(Ordering::SeqCst)
        {
            tokio::spawn(async move {
                if store.refund_session(&account, &session).await.is_err() {
                    tracing::warn!("an attempt that was never made stays counted");
                }
            });
        }
    }
}

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
        let charge = self.charge_network(client).await?;
        let account = self.store.account_by_email(email).await?;
        let charge = self.charge_address(charge, email, account.as_ref(), client).await?;
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

    /// Proves the password of a session's own user. The attempt is counted before it is checked, and
    /// five wrong ones end the session; one that was not checked is not counted.
    ///
    /// The account is as it was when the attempt was counted; the count stands until what the password
    /// is proved for is done.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub(super) async fn prove_password(
        &self,
        caller: &OpenSession,
        password: &Password,
    ) -> Result<Account, AuthError> {
        let account = self.charge_session(caller).await?;
        let (network, stored) = (caller.client.network(), Some(account.password.clone()));
        let waiting = Waiting::new(&self.store, &account, &caller.session);
        let begun = waiting.begun();
        let outcome = match self.hasher.verify(network, password.clone(), stored, begun).await {
            Ok(Verdict::Right { .. }) => Ok(()),
            Ok(Verdict::Wrong) => Err(AuthError::WrongPassword),
            Err(error) => Err(error.into()),
        };
        waiting.end();
        self.settle(caller, &account, outcome).await?;
        Ok(account)
    }

    /// Asks for the password that was proved to be the account's still.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`] where it was changed since; a new hash of the same one is no change,
    /// and raises no epoch.
    pub(super) fn require_same_password(
        account: &Account,
        proved: &Account,
    ) -> Result<(), AuthError> {
        let is_same = account.epoch == proved.epoch || account.password == proved.password;
        if is_same { Ok(()) } else { Err(AuthError::WrongPassword) }
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
