//! Second factors. Each outcome is one write, whose filter requires that tries are left.

use bson::doc;

use super::document::{self, array};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::sessions::Opening;
use super::store::Store;
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::Session;
use crate::domain::totp::TimeStep;

/// What a second factor is submitted to, and what a wrong one is charged to.
#[derive(Clone, Copy)]
pub enum FactorTarget<'a> {
    /// A login challenge, which has five tries.
    Challenge(&'a LoginChallenge),
    /// A full session.
    Session(&'a Session),
    /// The password in the same request.
    Password,
}

impl FactorTarget<'_> {
    /// The digest of the challenge or session.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Challenge(challenge) => Some(&challenge.digest),
            Self::Session(session) => Some(&session.digest),
            Self::Password => None,
        }
    }

    /// A write that requires that the target still accepts a factor.
    fn guard(&self, account: &Account, now: Moment) -> GuardedWrite {
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

    /// Counts a wrong factor: a challenge loses one of its tries.
    fn charge(&self, write: GuardedWrite) -> GuardedWrite {
        match self {
            Self::Challenge(challenge) => write
                .add("challenges.$[tried].tries", 1)
                .each("tried.digest", document::digest(&challenge.digest)),
            Self::Session(_) | Self::Password => write,
        }
    }

    /// Ends the challenge that a correct factor was submitted to.
    fn consume(&self, write: GuardedWrite) -> GuardedWrite {
        match self {
            Self::Challenge(challenge) => {
                write.pull("challenges", doc! { "digest": document::digest(&challenge.digest) })
            }
            Self::Session(_) | Self::Password => write,
        }
    }
}

impl Store {
    /// Counts a wrong six-digit code against the account and its target, and returns how many there are in a
    /// row now.
    ///
    /// Returns `None` if the target ended, codes are locked, or the account changed. Then nothing was
    /// counted, and the response must not reveal whether the code was correct.
    pub async fn count_wrong_code(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        now: Moment,
    ) -> Result<Option<u32>, StoreError> {
        let write = target.guard(account, now).only_if_codes_are_open(account.codes, now);
        target
            .charge(write)
            .add("codes.failed", 1)
            .set("codes.at", document::at(now))
            .apply_and_count(self)
            .await
    }

    /// Records the use of a correct code, and opens a session if `opening` says so. The first correct code
    /// of an unconfirmed authenticator confirms it and ends every other session.
    ///
    /// Returns `false` if the step was used before, the target ended, codes are locked, or the account
    /// changed.
    pub async fn accept_code(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        step: TimeStep,
        opening: Option<&Opening>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write = target
            .guard(account, now)
            .only_if_codes_are_open(account.codes, now)
            .only_if("totp.last_step", doc! { "$lt": step.0 })
            .set("totp.last_step", step.0)
            .set("codes.failed", 0_i64);
        let confirms = matches!(account.authenticator, Authenticator::Unconfirmed(_));
        let write = if confirms {
            let write = write
                .only_if("totp.verified", false)
                .set("totp.verified", true)
                .set("totp.created", document::at(now))
                .set("recovery_created", document::at(now))
                .set("updated_at", document::at(now));
            match (opening, target) {
                (Some(opening), FactorTarget::Session(session)) => {
                    write.ending_all_but(session, &opening.session)
                }
                (Some(opening), _) => {
                    write.ending_all_before(&opening.session).noting(account, opening.network)?
                }
                (None, FactorTarget::Session(session)) => {
                    let kept = Session { last_seen_at: now, ..(*session).clone() };
                    write.ending_all_but(session, &kept)
                }
                (None, _) => {
                    return Err(StoreError::InvalidWrite("a first code that opens no session"));
                }
            }
        } else {
            let write = target.consume(write);
            match opening {
                Some(opening) => write.opening(account, opening)?,
                None => write,
            }
        };
        write.apply(self).await
    }

    /// Counts a wrong recovery code against the challenge that it was submitted to. For a session,
    /// the try was counted before the check. A code sent with the password in the same request is not counted.
    ///
    /// Returns `false` if the challenge ended or the account changed.
    pub async fn count_wrong_recovery_code(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        match target {
            FactorTarget::Challenge(_) => {
                target.charge(target.guard(account, now)).apply(self).await
            }
            FactorTarget::Session(_) | FactorTarget::Password => Ok(true),
        }
    }

    /// Removes a recovery code that was used, unlocks six-digit codes, and opens a session if `opening` says
    /// so.
    ///
    /// Returns `false` if the account has no such code (any more), the target ended, or the account changed.
    pub async fn use_recovery_code(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        code: &Digest,
        opening: Option<&Opening>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let digest = document::digest(code);
        let write = target
            .guard(account, now)
            .only_if("recovery", digest.clone())
            .pull("recovery", digest)
            .set("codes.failed", 0_i64);
        let write = target.consume(write);
        let write = match (opening, target) {
            (Some(opening), _) => write.opening(account, opening)?,
            (None, FactorTarget::Session(session)) => write
                .set(format!("{}.$[charged].failed", array(session.kind)), 0_i64)
                .each("charged.digest", document::digest(&session.digest)),
            (None, _) => write,
        };
        write.apply(self).await
    }
}
