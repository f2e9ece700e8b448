//! A pending change of the address.

use bson::{Bson, doc};
use chrono::TimeDelta;

use super::document;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::mail::change::EmailChange;
use crate::domain::session::Session;
use crate::storage::document::{array, at, digest};
use crate::storage::error::StoreError;
use crate::storage::guarded_write::GuardedWrite;
use crate::storage::store::Store;

impl Store {
    /// Starts a change on behalf of a session, whose password was right. It replaces an earlier one.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn begin_email_change(
        &self,
        account: &Account,
        session: &Session,
        change: &EmailChange,
    ) -> Result<bool, StoreError> {
        let verified = if account.is_email_verified {
            Bson::Boolean(true)
        } else {
            doc! { "$ne": true }.into()
        };
        GuardedWrite::for_session(account, session)
            .only_if("email_verified", verified)
            .set("mail.change", document::change(change))
            .set(format!("{}.$[charged].failed", array(session.kind)), 0_i64)
            .each("charged.digest", digest(&session.digest))
            .apply(self)
            .await
    }

    /// Records that the new address is confirmed, and when the change takes effect.
    ///
    /// Returns `false` if the link ended, the change is confirmed or approved by now, or the account changed.
    pub async fn delay_email_change(
        &self,
        account: &Account,
        confirm: &Digest,
        effective_at: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::of(account)
            .only_if("mail.change.digest", digest(confirm))
            .only_if("mail.change.approved", false)
            .only_if("mail.change.effective_at", doc! { "$exists": false })
            .set("mail.change.effective_at", at(effective_at))
            .apply(self)
            .await
    }

    /// Records that the current address approved a change that is not confirmed yet.
    ///
    /// Returns `false` if the link ended, the change is confirmed by now, or the account changed.
    pub async fn approve_email_change(
        &self,
        account: &Account,
        approve: &Digest,
    ) -> Result<bool, StoreError> {
        GuardedWrite::of(account)
            .only_if("mail.change.approve", digest(approve))
            .only_if("mail.change.effective_at", doc! { "$exists": false })
            .set("mail.change.approved", true)
            .apply(self)
            .await
    }

    /// Changes the address. Sessions stay; every link ends.
    ///
    /// A change that may take effect still may as long as it is there: an approval stays, and a write that verifies
    /// the current address ends the change.
    ///
    /// Returns `false` if the change is over or the account changed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] if another account has the address: then nothing changes.
    pub async fn apply_email_change(
        &self,
        account: &Account,
        change: &EmailChange,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::of(account)
            .only_if("mail.change.digest", digest(&change.confirm))
            // Links of notices for the former address stay dead, even if the account returns to it. The notice of
            // this change happens later than that.
            .at_least("secured_at", at(now - TimeDelta::milliseconds(1)))
            .set("email", change.email.as_str())
            .set("email_verified", true)
            .set("updated_at", at(now))
            .unset("mail.verify")
            .unset("mail.disown")
            .unset("mail.secure_tries")
            .raising_epoch()
            .apply(self)
            .await
    }

    /// Cancels a pending change, on behalf of a session if there is one.
    ///
    /// Returns `false` if it is over or the account changed.
    pub async fn cancel_email_change(
        &self,
        account: &Account,
        session: Option<&Session>,
        change: &EmailChange,
    ) -> Result<bool, StoreError> {
        let write = match session {
            Some(session) => GuardedWrite::for_session(account, session),
            None => GuardedWrite::of(account),
        };
        write
            .only_if("mail.change.digest", digest(&change.confirm))
            .unset("mail.change")
            .apply(self)
            .await
    }
}
