//! "This wasn't me": undoing what somebody else did to an account.

use bson::{Bson, doc};
use chrono::TimeDelta;

use super::document::{link, path};
use super::links::FactorProof;
use crate::domain::account::{Account, PasswordHash};
use crate::domain::clock::Moment;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::storage::document::at;
use crate::storage::error::StoreError;
use crate::storage::guarded_write::GuardedWrite;
use crate::storage::store::Store;

/// What is removed, because it was made at or after the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The authenticator app.
    pub authenticator: bool,
    /// The recovery codes.
    pub recovery_codes: bool,
}

impl GuardedWrite {
    /// A write that requires that a "This wasn't me" link of an event at `event_at` may still be used.
    fn for_secure_link(account: &Account, event_at: Moment) -> Self {
        Self::for_reader(account)
            .only_if("secured_at", doc! { "$not": { "$gte": at(event_at) } })
            .only_if(
                tries(event_at),
                doc! { "$not": { "$gte": i64::from(MailLink::TRIES_ALLOWED) } },
            )
    }
}

/// Later than any link can be used.
const EXPIRED_AFTER: TimeDelta = TimeDelta::days(7);

/// Where the wrong factors at the links of an event are counted.
fn tries(event_at: Moment) -> String {
    format!("mail.secure_tries.{}", event_at.timestamp_millis())
}

impl Store {
    /// Counts a wrong second factor against a link, and a wrong code also against the account.
    ///
    /// Returns how many wrong codes there are at links in a row now, or `None` if the link ended, codes are locked,
    /// or the account changed. Then nothing was counted.
    pub async fn count_wrong_secure_factor(
        &self,
        account: &Account,
        event_at: Moment,
        is_code: bool,
        now: Moment,
    ) -> Result<Option<u32>, StoreError> {
        let write = GuardedWrite::for_secure_link(account, event_at).add(tries(event_at), 1);
        // Counts of links that have expired are of no use.
        let expired = account.mail.secure_tries.iter().filter(|(at, _)| now - *at > EXPIRED_AFTER);
        let write = expired.fold(write, |write, (at, _)| write.unset(tries(*at)));
        let write = if is_code {
            write.only_if_link_codes_are_open(account.mail.codes, now).counting_link_code(now)
        } else {
            write
        };
        write.apply_and_count_at_links(self).await
    }

    /// Removes what was made at or after the event, ends every session and link, and leaves the account
    /// without a password until `reset` is used.
    ///
    /// Returns `false` if the link ended, the factor was used meanwhile, or the account changed.
    pub async fn secure_account(
        &self,
        account: &Account,
        (event_at, factor): (Moment, FactorProof),
        removal: Removal,
        (kind, reset): &(LinkKind, MailLink),
        now: Moment,
    ) -> Result<bool, StoreError> {
        let mut write = GuardedWrite::for_secure_link(account, event_at)
            .using(account, factor, now)
            .set("password", PasswordHash::none().expose())
            .set("secured_at", at(now))
            .set("updated_at", at(now))
            .unset("pending")
            .unset(path(LinkKind::Verify))
            .unset(path(LinkKind::Disown))
            .unset("mail.secure_tries")
            .ending_all()
            .set(path(*kind), link(reset));
        if removal.authenticator {
            write = write.unset("totp").unset("mail.codes").set("codes.failed", 0_i64);
        }
        if removal.recovery_codes {
            write = write.set("recovery", Bson::Array(Vec::new()));
        }
        write.apply(self).await
    }
}
