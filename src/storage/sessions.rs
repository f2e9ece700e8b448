//! Opening, rotating and ending sessions and login challenges.

use std::sync::Arc;

use bson::{Bson, doc};

use super::devices::DEVICES;
use super::document::{self, array};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::opening::Opening;
use super::store::{Store, within_deadline};
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::{Session, SessionKind};
use crate::metrics::Command;

/// The cookies of the same account that a login request contained; they end when the login succeeds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carried {
    /// The digest of a browser session's token.
    pub session: Option<Digest>,
    /// The digest of a challenge's token.
    pub challenge: Option<Digest>,
}

impl GuardedWrite {
    /// Records that a session is in use, unless that was recorded a moment ago.
    pub(super) fn seeing(account: &Account, session: &Session, now: Moment) -> Self {
        let name = array(session.kind);
        let due = doc! {
            "digest": document::digest(&session.digest),
            "seen": { "$lte": document::at(now - Session::SEEN_EVERY) },
        };
        Self::whenever(account)
            .only_if(name, doc! { "$elemMatch": due })
            .set(format!("{name}.$.seen"), document::at(now))
    }
}

impl Store {
    /// Opens a session after a correct password.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn open_session(
        &self,
        account: &Account,
        opening: &Opening,
        carried_challenge: Option<Digest>,
    ) -> Result<bool, StoreError> {
        let write = GuardedWrite::of(account).opening(account, opening)?;
        let write = match carried_challenge {
            Some(digest) => write.pull("challenges", doc! { "digest": document::digest(&digest) }),
            None => write,
        };
        write.apply_in_group(self).await
    }

    /// Opens a login challenge after a correct password, and ends the `carried` credentials.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn open_challenge(
        &self,
        account: &Account,
        challenge: &LoginChallenge,
        carried: Carried,
    ) -> Result<bool, StoreError> {
        let value = document::challenge(challenge);
        let write = GuardedWrite::of(account);
        let displaced = match carried.challenge {
            None => account.displaced_challenge()?,
            carried => carried,
        };
        let mut write = match displaced {
            Some(old) => write.replace("challenges", "digest", document::digest(&old), value),
            None => write.push("challenges", value, LoginChallenge::LIMIT),
        };
        if let Some(session) = carried.session {
            let ended = doc! { "digest": document::digest(&session) };
            write = write.pull(array(SessionKind::Cookie), ended);
        }
        write.apply_in_group(self).await
    }

    /// Replaces a session by `new`, which has a new token and no wrong passwords.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn rotate_session(
        &self,
        account: &Account,
        old: &Session,
        new: &Session,
    ) -> Result<bool, StoreError> {
        let opening = Opening::in_place_of(old, new.clone());
        GuardedWrite::of(account).opening(account, &opening)?.apply_in_group(self).await
    }

    /// Records that a session is in use, in the background. No rule depends on it, so one member's
    /// acknowledgement is enough and errors are ignored.
    pub fn note_seen(&self, account: &Account, session: &Session, now: Moment) {
        let write = GuardedWrite::seeing(account, session, now);
        let notes = Arc::clone(&self.notes);
        tokio::spawn(async move {
            if notes.apply(write).await.is_err() {
                tracing::debug!("a session's use was not recorded");
            }
        });
    }

    /// Counts a password or recovery code that is about to be checked in a session.
    ///
    /// Returns `false` if the session is gone or has no try left, or the account changed.
    pub async fn charge_session(
        &self,
        account: &Account,
        session: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let name = array(session.kind);
        let budget_left = doc! {
            "digest": document::digest(&session.digest),
            "failed": { "$lt": i64::from(Session::FAILURES_ALLOWED) },
        };
        GuardedWrite::of(account)
            .only_if(name, doc! { "$elemMatch": budget_left })
            .add(format!("{name}.$.failed"), 1)
            .set(format!("{name}.$.tried"), document::at(now))
            .apply(self)
            .await
    }

    /// Takes back one count of [`Store::charge_session`], because the password or code was correct or was
    /// not checked.
    pub async fn refund_session(
        &self,
        account: &Account,
        session: &Session,
    ) -> Result<(), StoreError> {
        let name = array(session.kind);
        let charged = doc! { "digest": document::digest(&session.digest), "failed": { "$gt": 0 } };
        GuardedWrite::of(account)
            .only_if(name, doc! { "$elemMatch": charged })
            .add(format!("{name}.$.failed"), -1)
            .apply(self)
            .await?;
        Ok(())
    }

    /// Ends a session if it has no try left, and returns whether it did.
    pub async fn end_spent_session(
        &self,
        account: &Account,
        session: &Session,
    ) -> Result<bool, StoreError> {
        let spent = doc! {
            "digest": document::digest(&session.digest),
            "failed": { "$gte": i64::from(Session::FAILURES_ALLOWED) },
        };
        self.pull_anywhere(account, array(session.kind), spent).await
    }

    /// Ends a session that has no try left and whose last check must be over, and returns whether it did. The
    /// check's own request ends it, unless the client left or the database failed.
    pub async fn end_abandoned_session(
        &self,
        account: &Account,
        session: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let may_be_checked = doc! { "$gt": document::at(now - Session::LONGEST_CHECK) };
        let abandoned = doc! {
            "digest": document::digest(&session.digest),
            "failed": { "$gte": i64::from(Session::FAILURES_ALLOWED) },
            "tried": { "$not": may_be_checked },
        };
        self.pull_anywhere(account, array(session.kind), abandoned).await
    }

    /// Ends a session, and returns whether it still existed.
    pub async fn end_session(
        &self,
        account: &Account,
        session: &Session,
    ) -> Result<bool, StoreError> {
        let ended = doc! { "digest": document::digest(&session.digest) };
        self.pull_anywhere(account, array(session.kind), ended).await
    }

    /// Ends a login challenge, and returns whether it still existed. It loses its tries and stays until it has
    /// expired: the notice about a missing second factor depends on it.
    pub async fn end_challenge(
        &self,
        account: &Account,
        challenge: &LoginChallenge,
    ) -> Result<bool, StoreError> {
        let filter = doc! {
            "_id": document::id(account.id),
            "challenges.digest": document::digest(&challenge.digest),
        };
        let spent = i64::from(LoginChallenge::TRIES_ALLOWED);
        let update = doc! { "$set": { "challenges.$.tries": spent } };
        let users = self.users.clone();
        let ended = within_deadline(self.metrics.begin(Command::Update), async move {
            users.update_one(filter, update).await
        });
        Ok(ended.await?.modified_count == 1)
    }

    /// Ends every session except `kept`, every challenge and every trusted device, on behalf of `kept`.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn end_other_sessions(
        &self,
        account: &Account,
        kept: &Session,
    ) -> Result<bool, StoreError> {
        let others = doc! { "digest": { "$ne": document::digest(&kept.digest) } };
        GuardedWrite::for_session(account, kept)
            .pull(array(SessionKind::Cookie), others.clone())
            .pull(array(SessionKind::Bearer), others)
            .set("challenges", Bson::Array(Vec::new()))
            .unset(DEVICES)
            .apply(self)
            .await
    }

    /// Removes an element. This needs no other condition, because it can only revoke access.
    pub(super) async fn pull_anywhere(
        &self,
        account: &Account,
        name: &str,
        ended: bson::Document,
    ) -> Result<bool, StoreError> {
        let filter = doc! { "_id": document::id(account.id) };
        let update = doc! { "$pull": { name: ended } };
        let users = self.users.clone();
        let ended = within_deadline(self.metrics.begin(Command::Update), async move {
            users.update_one(filter, update).await
        });
        Ok(ended.await?.modified_count == 1)
    }
}
