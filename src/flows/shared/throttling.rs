//! Counting attempts before they are made, against the rules that limit them.

use chrono::TimeDelta;

use super::charges::{Charge, ChargeKind, Charges};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::throttle::{self, Throttle};
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::metrics::Throttled;
use crate::storage::{Admission, Counting, ThrottleKey};

impl Auth {
    /// Counts an attempt that is about to be made against the budget of its network.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`], and then nothing is counted.
    pub(in crate::flows) async fn charge_network(
        &self,
        client: &Client,
    ) -> Result<Charges, AuthError> {
        let counters: Vec<_> = self.network_failures(client).into_iter().collect();
        let charges = Charges::make(&self.store, &counters, self.clock.now()).await?;
        charges.map_err(|refused| self.throttled(Throttled::NetworkFailures, refused.wait))
    }

    /// Counts a password check that is about to be made: against the budget of its network, the pair of address and
    /// network, and the address.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`], and then nothing is counted.
    pub(in crate::flows) async fn charge_password(
        &self,
        email: &EmailAddress,
        account: Option<&Account>,
        client: &Client,
    ) -> Result<Charges, AuthError> {
        let about = self.address_key(email);
        let part = Some(self.digests.of("network", &[&client.network().to_string()]));
        let is_known = match account {
            Some(account) => self.knows_network(account, client)?,
            None => false,
        };
        let site = self.digests.of("site", &[&client.site().to_string()]);
        let pair = Counting {
            key: ThrottleKey { about, part },
            throttle: throttle::PASSWORD,
            admission: Admission::Limited,
        };
        let address = Counting {
            key: ThrottleKey { about, part: None },
            throttle: throttle::STRANGERS,
            admission: if is_known { Admission::Always } else { Admission::Shared(site) },
        };
        let mut counters: Vec<(ChargeKind, Counting)> =
            self.network_failures(client).into_iter().collect();
        let of_network = counters.len();
        counters.push((Charge::Row, pair));
        counters.push((Charge::Row, address));
        let charges = Charges::make(&self.store, &counters, self.clock.now()).await?;
        charges.map_err(|refused| {
            if let Some(account) = account.filter(|_| refused.by >= of_network) {
                self.record_merged(account.id, EventKind::SignInRefused, client);
            }
            let limit = match refused.by.checked_sub(of_network) {
                None => Throttled::NetworkFailures,
                Some(0) => Throttled::Address,
                Some(_) => Throttled::Strangers,
            };
            self.throttled(limit, refused.wait)
        })
    }

    fn network_failures(&self, client: &Client) -> Option<(ChargeKind, Counting)> {
        let limit = self.rules.network_failures?;
        let throttle = Throttle::budget(limit, TimeDelta::minutes(10));
        let key = self.network_budget("failures of a network", client);
        Some((Charge::Budget, Counting { key, throttle, admission: Admission::Limited }))
    }

    /// Counts a change to the account's second factor that is about to be made.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] if there were too many in an hour.
    pub(in crate::flows) async fn charge_factor_change(
        &self,
        user: UserId,
    ) -> Result<(), AuthError> {
        let key = ThrottleKey { about: self.factor_changes_key(user), part: None };
        let (budget, now) = (throttle::FACTOR_CHANGES, self.clock.now());
        let charged = self.store.charge(key, &budget, Admission::Limited, now).await?;
        charged.map(|_| ()).map_err(|wait| self.throttled(Throttled::FactorChanges, wait))
    }

    /// The key of the counter of changes to an account's second factor.
    pub(in crate::flows) fn factor_changes_key(&self, user: UserId) -> Digest {
        self.digests.of("factor changes", &[&user.to_string()])
    }

    /// Counts an attempt to register.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] if the network's budget is spent.
    pub(in crate::flows) async fn charge_registration(
        &self,
        client: &Client,
    ) -> Result<(), AuthError> {
        let Some(limit) = self.rules.network_registrations else {
            return Ok(());
        };
        let budget = Throttle::budget(limit, TimeDelta::hours(1));
        let key = self.network_budget("registrations of a network", client);
        let charged = self.store.charge(key, &budget, Admission::Limited, self.clock.now()).await?;
        charged.map(|_| ()).map_err(|wait| self.throttled(Throttled::Registrations, wait))
    }

    /// The key of the counters of wrong passwords for an address.
    pub(in crate::flows) fn address_key(&self, email: &EmailAddress) -> Digest {
        self.digests.of("wrong passwords", &[email.as_str()])
    }

    /// Removes the counters of wrong passwords for the address of a deleted account. They would expire
    /// anyway, so a failure is only logged.
    pub(in crate::flows) async fn forget_address(&self, email: &EmailAddress) {
        if let Err(error) = self.store.forget_about(&self.address_key(email)).await {
            tracing::warn!(cause = %error, "the counters of a deleted account stay until they expire");
        }
    }

    fn network_budget(&self, purpose: &str, client: &Client) -> ThrottleKey {
        let about = self.digests.of(purpose, &[&client.network().to_string()]);
        ThrottleKey { about, part: None }
    }
}
