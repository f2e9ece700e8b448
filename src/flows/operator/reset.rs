//! Removing second factors.

use super::{Operator, OperatorError};
use crate::domain::account::Account;
use crate::domain::email::EmailAddress;
use crate::domain::event::{Cause, EventKind};
use crate::domain::passkey::name::PasskeyName;
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;
use crate::storage::FactorReset;

/// What an account had and was removed.
pub struct RemovedFactors {
    /// Whether it had an authenticator app.
    pub authenticator: bool,
    /// The names of its passkeys.
    pub passkeys: Vec<PasskeyName>,
    /// Whether its recovery codes were removed: they stay as long as it has a second factor.
    pub recovery_codes: bool,
    /// How many devices it trusted.
    pub devices: usize,
}

impl RemovedFactors {
    /// What a reset removes from an account.
    ///
    /// # Errors
    ///
    /// A list of the account that cannot be read.
    pub fn of(account: &Account, reset: FactorReset) -> Result<Self, OperatorError> {
        let removed = |_: &&_| reset == FactorReset::All;
        let passkeys = account.passkeys.iter().filter(removed);
        Ok(Self {
            authenticator: account.authenticator.is_enabled(),
            passkeys: passkeys.map(|passkey| passkey.name.clone()).collect(),
            recovery_codes: reset == FactorReset::All || account.passkeys.is_empty(),
            devices: account.devices().map_err(AuthError::from)?.len(),
        })
    }

    /// What is recorded: what was removed, or else that the authenticator app was reset.
    fn events(&self) -> impl Iterator<Item = EventKind> {
        let passkeys = !self.passkeys.is_empty();
        let kinds = [
            (self.authenticator || !passkeys, EventKind::AuthenticatorResetByOperator),
            (passkeys, EventKind::PasskeysRemovedByOperator),
        ];
        kinds.into_iter().filter(|(is_so, _)| *is_so).map(|(_, kind)| kind)
    }
}

impl Operator {
    /// Removes second factors of an account; every session and trusted device ends.
    pub async fn reset_factors(
        &self,
        email: &EmailAddress,
        reset: FactorReset,
    ) -> Result<RemovedFactors, OperatorError> {
        let (auth, account) = (&self.auth, self.find(email).await?);
        let now = auth.clock.now();
        let attempt = async |account: &Account| {
            let written = auth.store.reset_factors(account, reset, now).await?;
            Ok(Attempt::done_if(written, account.clone()))
        };
        let account = auth.retry(account, attempt).await?;
        let removed = RemovedFactors::of(&account, reset)?;
        for kind in removed.events() {
            auth.record(account.id, kind, Cause::Operator);
        }
        auth.record_change_cancelled(&account, Cause::Operator);
        Ok(removed)
    }
}
