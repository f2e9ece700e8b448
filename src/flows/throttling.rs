//! Charging attempts before they are made: the only way to check a password at a login.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;

use super::Auth;
use super::error::AuthError;
use crate::crypto::hashing_pool::Begun;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::throttle::{self, Throttle};
use crate::storage::{Admission, Charged, Store, ThrottleKey};

/// A check of a password that was counted as a failure, until it turns out to be none.
///
/// Dropped before the check began (the queue was full, the database went away, the client left),
/// it takes itself back; dropped after, it stays.
pub(super) struct PasswordCharge {
    store: Store,
    /// Counters of failures in a row, which a success forgets.
    rows: Vec<Charged>,
    /// Budgets, of which a success takes its own share back.
    budgets: Vec<Charged>,
    begun: Begun,
    settled: bool,
}

impl PasswordCharge {
    fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            rows: Vec::with_capacity(2),
            budgets: Vec::with_capacity(1),
            begun: Begun::default(),
            settled: false,
        }
    }

    /// What the hashing pool sets when the check begins.
    pub fn begun(&self) -> Begun {
        Arc::clone(&self.begun)
    }

    /// The password was right: the rows of failures are broken.
    pub async fn succeed(mut self) -> Result<(), AuthError> {
        self.settled = true;
        let budgets = self.budgets.iter().map(|budget| self.store.refund(budget));
        let (rows, budgets) = futures_util::future::join(
            self.store.forget(&self.rows),
            futures_util::future::try_join_all(budgets),
        )
        .await;
        rows?;
        budgets?;
        Ok(())
    }

    /// Another throttle refused: what was charged before it does not count.
    async fn take_back(mut self) -> Result<(), AuthError> {
        self.settled = true;
        for charged in self.rows.iter().chain(&self.budgets) {
            self.store.refund(charged).await?;
        }
        Ok(())
    }
}

impl Drop for PasswordCharge {
    fn drop(&mut self) {
        if self.settled || self.begun.load(Ordering::SeqCst) {
            return;
        }
        let store = self.store.clone();
        let charges: Vec<Charged> = self.rows.drain(..).chain(self.budgets.drain(..)).collect();
        tokio::spawn(async move {
            for charged in charges {
                if store.refund(&charged).await.is_err() {
                    tracing::warn!("an attempt that was never made stays counted");
                }
            }
        });
    }
}

impl Auth {
    /// Counts a check of a password that is about to be made against the budget of its network, before
    /// anything is looked up: a network that has spent it costs the database little.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`], and then nothing is counted.
    pub(super) async fn charge_network(
        &self,
        client: &Client,
    ) -> Result<PasswordCharge, AuthError> {
        let mut charge = PasswordCharge::new(&self.store);
        if let Some(limit) = self.rules.network_failures {
            let budget = Throttle::budget(limit, TimeDelta::minutes(10));
            let key = self.network_budget("failures of a network", client);
            let now = self.clock.now();
            let charged = self.store.charge(key, &budget, Admission::Limited, now).await?;
            charge.budgets.push(charged.map_err(AuthError::TooManyAttempts)?);
        }
        Ok(charge)
    }

    /// Counts the check against the pair of address and network too, and against the address.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`], and then nothing is counted.
    pub(super) async fn charge_address(
        &self,
        mut charge: PasswordCharge,
        email: &EmailAddress,
        account: Option<&Account>,
        client: &Client,
    ) -> Result<PasswordCharge, AuthError> {
        let about = self.address_key(email);
        let address = ThrottleKey { about, part: None };
        let part = Some(self.digests.of("network", &[&client.network().to_string()]));
        let pair = ThrottleKey { about, part };
        let knows = |account: &Account| {
            account.knows_network(&self.network_key(account.id, client), self.clock.now())
        };
        let is_known = account.map(knows).transpose()?.unwrap_or(false);
        let site = self.digests.of("site", &[&client.site().to_string()]);
        let admission = if is_known { Admission::Always } else { Admission::Shared(site) };
        for (key, throttle, admission) in [
            (pair, throttle::PASSWORD, Admission::Limited),
            (address, throttle::STRANGERS, admission),
        ] {
            match self.store.charge(key, &throttle, admission, self.clock.now()).await? {
                Ok(charged) => charge.rows.push(charged),
                Err(wait) => return self.refuse(charge, account, client, wait).await,
            }
        }
        Ok(charge)
    }

    /// Counts a change to the account's second factor that is about to be made.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] where there were too many in an hour.
    pub(super) async fn charge_factor_change(&self, user: UserId) -> Result<(), AuthError> {
        let key = ThrottleKey { about: self.factor_changes_key(user), part: None };
        let (budget, now) = (throttle::FACTOR_CHANGES, self.clock.now());
        let charged = self.store.charge(key, &budget, Admission::Limited, now).await?;
        charged.map(|_| ()).map_err(AuthError::TooManyAttempts)
    }

    /// What the counter of an account's changes to its second factor is about.
    pub(super) fn factor_changes_key(&self, user: UserId) -> Digest {
        self.digests.of("factor changes", &[&user.to_string()])
    }

    /// Counts an attempt to register.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] where the network's budget is spent.
    pub(super) async fn charge_registration(&self, client: &Client) -> Result<(), AuthError> {
        let Some(limit) = self.rules.network_registrations else {
            return Ok(());
        };
        let budget = Throttle::budget(limit, TimeDelta::hours(1));
        let key = self.network_budget("registrations of a network", client);
        let charged = self.store.charge(key, &budget, Admission::Limited, self.clock.now()).await?;
        charged.map(|_| ()).map_err(AuthError::TooManyAttempts)
    }

    /// What the counters of wrong passwords for an address are about.
    pub(super) fn address_key(&self, email: &EmailAddress) -> Digest {
        self.digests.of("wrong passwords", &[email.as_str()])
    }

    /// Forgets the wrong passwords for an address of an account that is no more. They would end by
    /// themselves, so a failure is not the caller's.
    pub(super) async fn forget_address(&self, email: &EmailAddress) {
        if let Err(error) = self.store.forget_about(&self.address_key(email)).await {
            tracing::warn!(cause = %error, "the counters of a deleted account stay until they end");
        }
    }

    fn network_budget(&self, purpose: &str, client: &Client) -> ThrottleKey {
        let about = self.digests.of(purpose, &[&client.network().to_string()]);
        ThrottleKey { about, part: None }
    }

    async fn refuse(
        &self,
        charge: PasswordCharge,
        account: Option<&Account>,
        client: &Client,
        wait: TimeDelta,
    ) -> Result<PasswordCharge, AuthError> {
        charge.take_back().await?;
        if let Some(account) = account {
            self.record_merged(account.id, EventKind::SignInRefused, client);
        }
        Err(AuthError::TooManyAttempts(wait))
    }
}
