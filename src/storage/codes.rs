//! Codes at the doors that take them: each outcome is one write whose filter still has budget.

use bson::doc;

use super::document::{self, array};
use super::guarded_write::GuardedWrite;
use super::{Opening, Store, StoreError};
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::Session;
use crate::domain::totp::TimeStep;

/// What stands behind a code: who may give one, and what a wrong one is charged to.
pub enum Door<'a> {
    /// A login challenge, which has five tries.
    Challenge(&'a LoginChallenge),
    /// A full session.
    Session(&'a Session),
    /// A password in the same request.
    Password,
}

impl Door<'_> {
    /// A write that needs the door to be open still.
    fn write(&self, account: &Account, now: Moment) -> GuardedWrite {
        match self {
            Self::Challenge(challenge) => {
                let alive = doc! {
                    "digest": document::digest(&challenge.digest),
                    "tries": { "$lt": i64::from(LoginChallenge::TRIES_ALLOWED) },
                    "until": { "$gt": document::at(now) },
                };
                GuardedWrite::of(account).only_if("challenges", doc! { "$elemMatch": alive })
            }
            Self::Session(session) => GuardedWrite::for_session(account, session),
            Self::Password => GuardedWrite::of(account),
        }
    }

    /// A wrong code costs a challenge one of its tries.
    fn charged(&self, write: GuardedWrite) -> GuardedWrite {
        match self {
            Self::Challenge(challenge) => write
                .add("challenges.$[tried].tries", 1)
                .each("tried.digest", document::digest(&challenge.digest)),
            Self::Session(_) | Self::Password => write,
        }
    }

    /// A right code ends the challenge it was given to.
    fn passed(&self, write: GuardedWrite) -> GuardedWrite {
        match self {
            Self::Challenge(challenge) => {
                write.pull("challenges", doc! { "digest": document::digest(&challenge.digest) })
            }
            Self::Session(_) | Self::Password => write,
        }
    }
}

impl Store {
    /// Counts a wrong six-digit code against the account and its door.
    ///
    /// # Errors
    ///
    /// The database's. `None` says that the door is shut, the codes are locked, or the account
    /// changed: nothing was counted and nothing may be answered of the code. Otherwise it is how many
    /// there are in a row now.
    pub async fn count_wrong_code(
        &self,
        account: &Account,
        door: &Door<'_>,
        now: Moment,
    ) -> Result<Option<u32>, StoreError> {
        let write = door.write(account, now).only_if_codes_are_open(account.codes, now);
        door.charged(write)
            .add("codes.failed", 1)
            .set("codes.at", document::at(now))
            .apply_and_count(self)
            .await
    }

    /// Uses up a right code, and with it opens a session where one is due. The first right code of
    /// an authenticator that was switched on unconfirmed confirms it and ends every other session.
    ///
    /// # Errors
    ///
    /// The database's. `false` says that the step was used before, the door is shut, the codes are
    /// locked, or the account changed.
    pub async fn accept_code(
        &self,
        account: &Account,
        door: &Door<'_>,
        step: TimeStep,
        opening: Option<&Opening>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write = door
            .write(account, now)
            .only_if_codes_are_open(account.codes, now)
            .only_if("totp.last_step", doc! { "$lt": step.0 })
            .set("totp.last_step", step.0)
            .set("codes.failed", 0_i64);
        let confirms = matches!(account.authenticator, Authenticator::Unconfirmed(_));
        let write = if confirms {
            let write = write
                .only_if("totp.verified", false)
                .set("totp.verified", true)
                .set("updated_at", document::at(now));
            match (opening, door) {
                (Some(opening), Door::Session(session)) => {
                    write.ending_all_but(session, &opening.session)
                }
                (Some(opening), _) => {
                    write.ending_all_before(&opening.session).noting(account, opening.network)?
                }
                (None, Door::Session(session)) => {
                    let kept = Session { last_seen_at: now, ..(*session).clone() };
                    write.ending_all_but(session, &kept)
                }
                (None, _) => return Err(StoreError::Malformed("a code that opens nothing")),
            }
        } else {
            let write = door.passed(write);
            match opening {
                Some(opening) => write.opening(account, opening)?,
                None => write,
            }
        };
        write.apply(self).await
    }

    /// Counts a wrong recovery code against the challenge it was given to. A session was charged
    /// before the check, and a password in the same request pays for itself.
    ///
    /// # Errors
    ///
    /// The database's. `false` says that the challenge is over or the account changed.
    pub async fn count_wrong_recovery_code(
        &self,
        account: &Account,
        door: &Door<'_>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        match door {
            Door::Challenge(_) => door.charged(door.write(account, now)).apply(self).await,
            Door::Session(_) | Door::Password => Ok(true),
        }
    }

    /// Uses up a recovery code, and with it opens a session where one is due; six-digit codes are
    /// unlocked.
    ///
    /// # Errors
    ///
    /// The database's. `false` says that the code is none of the account's, or was used; that the
    /// door is shut, or that the account changed.
    pub async fn use_recovery_code(
        &self,
        account: &Account,
        door: &Door<'_>,
        code: &Digest,
        opening: Option<&Opening>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let digest = document::digest(code);
        let write = door
            .write(account, now)
            .only_if("recovery", digest.clone())
            .pull("recovery", digest)
            .set("codes.failed", 0_i64);
        let write = door.passed(write);
        let write = match (opening, door) {
            (Some(opening), _) => write.opening(account, opening)?,
            (None, Door::Session(session)) => write
                .set(format!("{}.$[charged].failed", array(session.kind)), 0_i64)
                .each("charged.digest", document::digest(&session.digest)),
            (None, _) => write,
        };
        write.apply(self).await
    }
}
