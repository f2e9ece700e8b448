//! How many mails an address gets, and how many a network may ask for.

use chrono::TimeDelta;

use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::notice::NoticeKind;
use crate::domain::throttle::Throttle;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::metrics::Throttled;
use crate::storage::{Admission, StoreError, ThrottleKey};

/// Mails that one network may ask for in an hour, of each kind.
const OF_NETWORK: u32 = 30;
/// Mails of one kind that one address gets in an hour, and notices of one kind that an account gets.
const AN_HOUR: u32 = 5;

/// What a limited mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitedMail {
    /// A link that verifies the address.
    Verify,
    /// A link that resets the password.
    Reset,
    /// The same, asked for from a network that the account knows.
    ResetFromKnown,
    /// A link that confirms a new address.
    Change,
}

impl LimitedMail {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::ResetFromKnown => "reset_known",
            Self::Change => "change",
        }
    }
}

impl Auth {
    /// Counts a mail that an address is about to get: one a minute and five an hour of each kind. Returns
    /// `false` if it is one too many.
    pub(super) async fn may_mail(
        &self,
        email: &EmailAddress,
        mail: LimitedMail,
    ) -> Result<bool, AuthError> {
        let about = self.digests.of("mails to an address", &[email.as_str()]);
        let budgets = [
            ("minute", Throttle::budget(1, TimeDelta::minutes(1))),
            ("hour", Throttle::budget(AN_HOUR, TimeDelta::hours(1))),
        ];
        for (window, budget) in budgets {
            let part = Some(self.digests.of("kind of a mail", &[mail.name(), window]));
            let key = ThrottleKey { about, part };
            let now = self.clock.now();
            match self.store.charge(key, &budget, Admission::Limited, now).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => {
                    self.metrics.throttled(Throttled::AddressMails);
                    return Ok(false);
                }
                // The minute is charged already: another attempt would be refused by it.
                Err(StoreError::Unavailable) if window == "hour" => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// Counts a mail that a network asks for.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] if its budget is spent.
    pub(super) async fn charge_mail_of_network(
        &self,
        purpose: &str,
        client: &Client,
    ) -> Result<(), AuthError> {
        let about = self.digests.of(purpose, &[&client.network().to_string()]);
        let key = ThrottleKey { about, part: None };
        let budget = Throttle::budget(OF_NETWORK, TimeDelta::hours(1));
        let charged = self.store.charge(key, &budget, Admission::Limited, self.clock.now()).await?;
        charged.map(|_| ()).map_err(|wait| self.throttled(Throttled::NetworkMails, wait))
    }

    /// Counts a notice that an account is about to get. Returns how long to wait if it is one too many.
    pub(super) async fn charge_notice(
        &self,
        user: UserId,
        kind: NoticeKind,
    ) -> Result<Result<(), TimeDelta>, AuthError> {
        let limit = if kind == NoticeKind::SecondFactorMissing { 1 } else { AN_HOUR };
        let about = self.digests.of("notices", &[&user.to_string()]);
        let part = Some(self.digests.of("kind of a notice", &[kind.as_str()]));
        let budget = Throttle::budget(limit, TimeDelta::hours(1));
        let key = ThrottleKey { about, part };
        let charged = self.store.charge(key, &budget, Admission::Limited, self.clock.now()).await?;
        Ok(charged.map(|_| ()))
    }
}
