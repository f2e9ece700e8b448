//! "This wasn't me": undoing what somebody else did to an account.

use bson::{Bson, doc};
use chrono::TimeDelta;

use super::document::{SECURE_PASSKEY, link, path};
use crate::domain::account::{Account, PasswordHash};
use crate::domain::clock::Moment;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::second_factor::UsedFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::storage::document::{ENROLMENTS, at};
use crate::storage::error::StoreError;
use crate::storage::guarded_write::GuardedWrite;
use crate::storage::store::Store;

/// What is removed, because it was made at or after the event. Passkeys are removed by their own times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The authenticator app.
    pub authenticator: bool,
    /// The recovery codes.
    pub recovery_codes: bool,
    /// Whether a second factor remains, which is older.
    pub leaves_factor: bool,
}

impl Removal {
    /// Whether a factor is removed. (A passkey that is about to be removed is not accepted in the first place.)
    #[must_use]
    pub fn removes(self, used: &UsedFactor) -> bool {
        match used {
            UsedFactor::Code(_) => self.authenticator,
            UsedFactor::Recovery(_) => self.recovery_codes,
            UsedFactor::Passkey(_) => false,
        }
    }
}

impl GuardedWrite {
    /// A write that requires that a "This wasn't me" link of an event at `event_at` may still be used. (Every write
    /// of `secured_at` raises the epoch.)
    pub(in crate::storage) fn for_secure_link(account: &Account, event_at: Moment) -> Self {
        let left = doc! { "$not": { "$gte": i64::from(MailLink::TRIES_ALLOWED) } };
        Self::of(account).only_if(tries(event_at), left)
    }

    /// Counts a wrong second factor against the links of an event. Counts of links that have expired are dropped.
    pub(in crate::storage) fn charging_secure_link(
        self,
        account: &Account,
        event_at: Moment,
        now: Moment,
    ) -> Self {
        let expired = account.mail.secure_tries.iter().filter(|(at, _)| now - *at > EXPIRED_AFTER);
        expired.fold(self.add(tries(event_at), 1), |write, (at, _)| write.unset(tries(*at)))
    }
}

/// Later than any link can be used.
const EXPIRED_AFTER: TimeDelta = TimeDelta::days(7);

/// Where the wrong factors at the links of an event are counted.
fn tries(event_at: Moment) -> String {
    format!("mail.secure_tries.{}", event_at.timestamp_millis())
}

impl Store {
    /// Removes what was made at or after the event, ends every session and link, and leaves the account
    /// without a password until `reset` is used.
    ///
    /// Returns `false` if the link ended, the factor was used meanwhile, or the account changed.
    pub async fn secure_account(
        &self,
        account: &Account,
        (event_at, used): (Moment, Option<&UsedFactor>),
        removal: Removal,
        (kind, reset): &(LinkKind, MailLink),
        now: Moment,
    ) -> Result<bool, StoreError> {
        let made = account.recovery_created_at;
        let made = made.map_or(Bson::from(doc! { "$exists": false }), |made| at(made).into());
        let target = FactorTarget::Secure(event_at);
        let mut write = GuardedWrite::using(account, &target, used, now)
            .only_if_no_passkey_was_added(account)
            // What is removed was decided by this time, and renewing recovery codes does not raise the epoch.
            .only_if("recovery_created", made)
            .set("password", PasswordHash::none().expose())
            .set("secured_at", at(now))
            .set("updated_at", at(now))
            .unset("pending")
            .unset(ENROLMENTS)
            .unset(path(LinkKind::Verify))
            .unset(path(LinkKind::Disown))
            .unset("mail.secure_tries")
            .unset(SECURE_PASSKEY)
            .ending_all()
            .set(path(*kind), link(reset));
        if removal.authenticator {
            write = write.unset("totp").set("codes.failed", 0_i64).set("mail.codes.failed", 0_i64);
        }
        write = match target.passkeys(account).count() {
            kept if kept == account.passkeys.len() => write,
            // An empty array would be in the unique index.
            0 => write.unset("passkeys"),
            _ => write.pull("passkeys", doc! { "created": { "$gte": at(event_at) } }),
        };
        if removal.recovery_codes {
            write = write.set("recovery", Bson::Array(Vec::new()));
        }
        write.apply(self).await
    }
}
