//! Enrolling, enabling and removing an authenticator app.

use bson::{Binary, Bson, doc};

use super::devices::DEVICES;
use super::document;
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::store::Store;
use crate::domain::account::Account;
use crate::domain::authenticator::{PendingEnrolment, Totp};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::session::Session;

/// A new authenticator app of an account.
pub struct Enrolled<'a> {
    /// The authenticator app.
    pub totp: Totp,
    /// Digests of the new recovery codes.
    pub recovery: &'a [Digest],
}

impl GuardedWrite {
    /// Removes the authenticator with a pending enrolment and the lock; without a passkey also what belongs to
    /// two-factor authentication as a whole.
    pub(super) fn without_authenticator(self, account: &Account, now: Moment) -> Self {
        let write = self
            .unset("totp")
            .unset("pending")
            .set("codes.failed", 0_i64)
            .unset("mail.codes")
            .set("updated_at", document::at(now));
        if account.passkeys.is_empty() {
            write.only_if_no_passkey_was_added(account).without_second_factor()
        } else {
            write
        }
    }

    /// Removes what an account without a second factor does not have: recovery codes, locks and trusted devices.
    pub(super) fn without_second_factor(self) -> Self {
        self.set("recovery", Bson::Array(Vec::new()))
            .set("codes.failed", 0_i64)
            .unset("mail.codes")
            .unset(DEVICES)
    }
}

impl Store {
    /// Starts an enrolment for a session. It replaces an earlier one; an active authenticator stays.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn begin_enrolment(
        &self,
        account: &Account,
        session: &Session,
        pending: &PendingEnrolment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session)
            .set("pending", document::pending(pending))
            .apply(self)
            .await
    }

    /// Counts a wrong code against an enrolment and against the account.
    ///
    /// Returns how many wrong codes there are in a row now, or `None` if the enrolment is over, the codes are
    /// locked, or the account changed.
    pub async fn count_wrong_enrolment_code(
        &self,
        account: &Account,
        session: &Session,
        pending: &PendingEnrolment,
        now: Moment,
    ) -> Result<Option<u32>, StoreError> {
        enrolment_write(account, session, pending, now)
            .add("pending.tries", 1)
            .add("codes.failed", 1)
            .set("codes.at", document::at(now))
            .apply_and_count(self)
            .await
    }

    /// Enables a pending authenticator after its first correct code. It replaces any other authenticator,
    /// recovery codes are replaced, and every session except `session` ends, which becomes `rotated`.
    ///
    /// Returns `false` if the enrolment is over, the codes are locked, or the account
    /// changed.
    pub async fn confirm_enrolment(
        &self,
        (account, session): (&Account, &Session),
        pending: &PendingEnrolment,
        enrolled: &Enrolled<'_>,
        rotated: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        enrolment_write(account, session, pending, now)
            .set("totp", document::totp(&enrolled.totp, true))
            .set("recovery", digests(enrolled.recovery))
            .set("recovery_created", document::at(now))
            .set("codes.failed", 0_i64)
            .unset("mail.codes")
            .set("updated_at", document::at(now))
            .unset("pending")
            .ending_all_but(session, rotated)
            .apply(self)
            .await
    }

    /// Enables an unconfirmed authenticator, for the Basic contract. Every session except `session` ends,
    /// which becomes `kept`.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn enable_unconfirmed(
        &self,
        (account, session): (&Account, &Session),
        enrolled: &Enrolled<'_>,
        kept: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session)
            .set("totp", document::totp(&enrolled.totp, false))
            .unset("mail.codes")
            .set("recovery", digests(enrolled.recovery))
            .set("recovery_created", document::at(now))
            .set("updated_at", document::at(now))
            .unset("pending")
            .ending_all_but(session, kept)
            .apply(self)
            .await
    }

    /// Replaces the recovery codes, on behalf of a session.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn renew_recovery_codes(
        &self,
        account: &Account,
        session: &Session,
        recovery: &[Digest],
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session)
            .set("recovery", digests(recovery))
            .set("recovery_created", document::at(now))
            .set("updated_at", document::at(now))
            .apply(self)
            .await
    }

    /// Removes the authenticator and its lock, and with the last second factor the recovery codes. Every session except `session` ends,
    /// which becomes `kept`.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn remove_authenticator(
        &self,
        (account, session): (&Account, &Session),
        kept: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session)
            .without_authenticator(account, now)
            .ending_all_but(session, kept)
            .apply(self)
            .await
    }
}

/// A write that requires that the enrolment that was read is still pending for this session, and that codes
/// are not locked.
fn enrolment_write(
    account: &Account,
    session: &Session,
    pending: &PendingEnrolment,
    now: Moment,
) -> GuardedWrite {
    GuardedWrite::for_session(account, session)
        .only_if("pending.session", session.id.as_str())
        .only_if("pending.secret", document::sealed(&pending.secret))
        .only_if("pending.tries", doc! { "$lt": i64::from(PendingEnrolment::TRIES_ALLOWED) })
        .only_if("pending.until", doc! { "$gt": document::at(now) })
        .only_if_codes_are_open(account.codes, now)
}

/// Digests as a BSON array.
pub(super) fn digests(digests: &[Digest]) -> Vec<Binary> {
    digests.iter().map(document::digest).collect()
}
