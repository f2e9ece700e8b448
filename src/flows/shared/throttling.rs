//! Counting attempts before they are made, against the rules that limit them.

use chrono::TimeDelta;

use super::charges::{Charge, Charges};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::throttle::{self, Throttle};
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::{Admission, ThrottleKey};

impl Auth {
    /// Counts a password check that is about to be made against the budget of its network. It comes
    /// before anything is looked up, so that a network that has spent its budget costs little.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`], and then nothing is counted.
    pub(in crate::flows) async fn charge_network(
        &self,
        client: &Client,
    ) -> Result<Charges, AuthError> {
        let mut charges = Charges::new(&self.store);
        if let Some(limit) = self.rules.network_failures {
            let budget = Throttle::budget(limit, TimeDelta::minutes(10));
            let key = self.network_budget("failures of a network", client);
            let now = self.clock.now();
            let outcome = self.store.charge(key, &budget, Admission::Limited, now).await?;
            charges.add(Charge::Budget(outcome.map_err(AuthError::TooManyAttempts)?));
        }
        Ok(charges)
    }

    /// Counts the check against the pair of address and network, and against the address.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`], and then nothing is counted.
    pub(in crate::flows) async fn charge_address(
        &self,
        mut charges: Charges,
        email: &EmailAddress,
        account: Option<&Account>,
        client: &Client,
    ) -> Result<Charges, AuthError> {
        let about = self.address_key(email);
        let address = ThrottleKey { about, part: None };
        let part = Some(self.digests.of("network", &[&client.network().to_string()]));
        let pair = ThrottleKey { about, part };
        let is_known = match account {
            Some(account) => self.knows_network(account, client)?,
            None => false,
        };
        let site = self.digests.of("site", &[&client.site().to_string()]);
        let admission = if is_known { Admission::Always } else { Admission::Shared(site) };
        for (key, throttle, admission) in [
            (pair, throttle::PASSWORD, Admission::Limited),
            (address, throttle::STRANGERS, admission),
        ] {
            match self.store.charge(key, &throttle, admission, self.clock.now()).await? {
                Ok(row) => charges.add(Charge::Row(row)),
                Err(wait) => {
                    charges.take_back().await?;
                    if let Some(account) = account {
                        self.record_merged(account.id, EventKind::SignInRefused, client);
                    }
                    return Err(AuthError::TooManyAttempts(wait));
                }
            }
        }
        Ok(charges)
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
        charged.map(|_| ()).map_err(AuthError::TooManyAttempts)
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
        charged.map(|_| ()).map_err(AuthError::TooManyAttempts)
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
