//! Registering, renaming and removing passkeys.

use bson::doc;

use super::authenticator::digests;
use super::document::{self, ENROLMENTS, at, binary};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::store::Store;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::passkey::ceremony::PasskeyEnrolment;
use crate::domain::passkey::name::PasskeyName;
use crate::domain::passkey::{CredentialId, Passkey};
use crate::domain::session::Session;

/// What changes with the first second factor of an account.
pub struct FirstFactor<'a> {
    /// Digests of the new recovery codes.
    pub recovery: &'a [Digest],
    /// What becomes of the session that adds it; every other one ends.
    pub kept: &'a Session,
}

impl GuardedWrite {
    /// Notes that a session is about to add a passkey, instead of what it began before. If there are too many
    /// others, it takes the place of the oldest.
    fn enrolling(self, enrolment: &PasskeyEnrolment, read: &[PasskeyEnrolment]) -> Self {
        let session = enrolment.session.as_str();
        let own = read.iter().find(|one| one.session == enrolment.session);
        let (write, replaced) = if own.is_some() {
            (self, own)
        } else {
            let write = self.only_if("enrolments.session", doc! { "$ne": session });
            let oldest = read.iter().min_by_key(|one| one.challenge.until);
            (write, oldest.filter(|_| read.len() >= PasskeyEnrolment::LIMIT))
        };
        let value = document::passkey_enrolment(enrolment);
        match replaced {
            Some(old) => {
                let old = document::digest(&old.challenge.digest);
                write.replace(ENROLMENTS, "digest", old, value)
            }
            None => write.push(ENROLMENTS, value, PasskeyEnrolment::LIMIT),
        }
    }

    /// Requires that what a session began is still open, and ends it.
    fn completing(self, enrolment: &PasskeyEnrolment, now: Moment) -> Self {
        let session = enrolment.session.as_str();
        let open = doc! {
            "digest": document::digest(&enrolment.challenge.digest), "session": session,
            "until": { "$gt": at(now) },
        };
        self.only_if(ENROLMENTS, doc! { "$elemMatch": open })
            .pull(ENROLMENTS, doc! { "session": session })
    }

    /// Requires this passkey.
    fn only_with(self, passkey: &CredentialId) -> Self {
        self.only_if("passkeys.id", binary(passkey.bytes()))
    }
}

impl Store {
    /// Stores the challenge of a passkey that a session is about to add. It replaces an earlier one of this session.
    ///
    /// Returns `false` if the session is gone, another call of it came between, or the account changed.
    pub async fn begin_passkey(
        &self,
        account: &Account,
        session: &Session,
        enrolment: &PasskeyEnrolment,
    ) -> Result<bool, StoreError> {
        let read = account.passkey_enrolments()?;
        GuardedWrite::for_session(account, session).enrolling(enrolment, &read).apply(self).await
    }

    /// Ends a registration whose challenge was answered wrongly.
    ///
    /// Returns `false` if it has ended, the session is gone or the account changed.
    pub async fn end_passkey_enrolment(
        &self,
        account: &Account,
        session: &Session,
        enrolment: &PasskeyEnrolment,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session).completing(enrolment, now).apply(self).await
    }

    /// Adds a passkey. If it is the `first` second factor, 2FA is on with it, and every other session ends: the
    /// epoch in the filter ensures that there is still no other, because each of the two raises it.
    ///
    /// Returns `false` if the registration is over, the account has the passkey or as many as it may have, the
    /// session is gone, or the account changed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] if another account has the passkey.
    pub async fn add_passkey(
        &self,
        (account, session): (&Account, &Session),
        enrolment: &PasskeyEnrolment,
        passkey: &Passkey,
        first: Option<FirstFactor<'_>>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write = GuardedWrite::for_session(account, session)
            .completing(enrolment, now)
            // The unique index compares accounts, not the passkeys of one.
            .only_if("passkeys.id", doc! { "$ne": binary(passkey.id.bytes()) })
            .push("passkeys", document::passkey(passkey), Passkey::LIMIT)
            .set("updated_at", at(now));
        let write = match first {
            None => write,
            Some(FirstFactor { recovery, kept }) => write
                .set("recovery", digests(recovery))
                .set("recovery_created", at(now))
                .set("codes.failed", 0_i64)
                .unset("mail.codes")
                .ending_all_but(session, kept),
        };
        write.apply(self).await
    }

    /// Renames a passkey.
    ///
    /// Returns `false` if the passkey or the session is gone, or the account changed.
    pub async fn rename_passkey(
        &self,
        account: &Account,
        session: &Session,
        passkey: &CredentialId,
        name: &PasskeyName,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session)
            .only_with(passkey)
            .set("passkeys.$[renamed].name", name.as_str())
            .each("renamed.id", binary(passkey.bytes()))
            .apply(self)
            .await
    }

    /// Removes a passkey. Every session except `session` ends, which becomes `kept`. With the last second factor,
    /// recovery codes and trusted devices go too.
    ///
    /// Returns `false` if the passkey or the session is gone, or the account changed.
    pub async fn remove_passkey(
        &self,
        (account, session): (&Account, &Session),
        passkey: &CredentialId,
        kept: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write = GuardedWrite::for_session(account, session)
            .only_with(passkey)
            .set("updated_at", at(now))
            .ending_all_but(session, kept);
        let write = if account.passkeys.len() > 1 {
            write.pull("passkeys", doc! { "id": binary(passkey.bytes()) })
        } else {
            // An empty list would be an entry of the unique index. A passkey that was added since must stay.
            write.only_if("passkeys.1", doc! { "$exists": false }).unset("passkeys")
        };
        let write =
            if account.has_another_factor(passkey) { write } else { write.without_second_factor() };
        write.apply(self).await
    }
}
