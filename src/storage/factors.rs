//! Second factors. Each outcome is one write, whose filter requires that tries are left.

use bson::doc;

use super::document::{self, array, at};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::mail;
use super::sessions::Opening;
use super::store::Store;
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::clock::Moment;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::second_factor::{UsedFactor, WrongFactor};
use crate::domain::session::Session;

impl GuardedWrite {
    /// A write that requires that the target still accepts a factor.
    pub(super) fn for_target(account: &Account, target: &FactorTarget<'_>, now: Moment) -> Self {
        match target {
            FactorTarget::Challenge(challenge) => {
                let alive = doc! {
                    "digest": document::digest(&challenge.digest),
                    "tries": { "$lt": i64::from(LoginChallenge::TRIES_ALLOWED) },
                    "until": { "$gt": at(now) },
                };
                Self::of(account).only_if("challenges", doc! { "$elemMatch": alive })
            }
            FactorTarget::Session(session) => Self::for_session(account, session),
            FactorTarget::Password => Self::of(account),
            FactorTarget::Reset(kind, link) => Self::for_link(account, *kind, &link.digest, now),
            FactorTarget::Secure(event_at) => Self::for_secure_link(account, *event_at),
        }
    }

    /// Requires that the factor was not used yet, and uses it up. There is none where none is needed.
    pub(super) fn using(
        self,
        account: &Account,
        target: &FactorTarget<'_>,
        used: Option<&UsedFactor>,
        now: Moment,
    ) -> Self {
        let failed = format!("{}.failed", counter(target));
        match used {
            None => self,
            Some(UsedFactor::Code(step)) => self
                .only_if_target_is_open(account, target, now)
                .only_if("totp.last_step", doc! { "$lt": step.0 })
                .set("totp.last_step", step.0)
                .set(failed, 0_i64),
            Some(UsedFactor::Recovery(code)) => {
                let code = document::digest(code);
                self.only_if("recovery", code.clone()).pull("recovery", code).set(failed, 0_i64)
            }
        }
    }

    /// Adds the condition that six-digit codes are not locked for the target.
    fn only_if_target_is_open(
        self,
        account: &Account,
        target: &FactorTarget<'_>,
        now: Moment,
    ) -> Self {
        if target.is_link() {
            self.only_if_link_codes_are_open(account.mail.codes, now)
        } else {
            self.only_if_codes_are_open(account.codes, now)
        }
    }

    /// Takes a try from the target, if it counts them itself.
    fn charging(self, account: &Account, target: &FactorTarget<'_>, now: Moment) -> Self {
        match target {
            FactorTarget::Challenge(challenge) => self
                .add("challenges.$[tried].tries", 1)
                .each("tried.digest", document::digest(&challenge.digest)),
            FactorTarget::Session(_) | FactorTarget::Password => self,
            FactorTarget::Reset(kind, _) => self.add(format!("{}.tries", mail::path(*kind)), 1),
            FactorTarget::Secure(event_at) => self.charging_secure_link(account, *event_at, now),
        }
    }

    /// Ends the challenge that a correct factor was submitted to.
    fn consuming(self, target: &FactorTarget<'_>) -> Self {
        match target {
            FactorTarget::Challenge(challenge) => {
                self.pull("challenges", doc! { "digest": document::digest(&challenge.digest) })
            }
            _ => self,
        }
    }

    /// Resets the tries of a session, which were counted before the check.
    fn refunding(self, target: &FactorTarget<'_>) -> Self {
        match target {
            FactorTarget::Session(session) => self
                .set(format!("{}.$[charged].failed", array(session.kind)), 0_i64)
                .each("charged.digest", document::digest(&session.digest)),
            _ => self,
        }
    }

    /// Confirms the authenticator app with its first correct code, and ends every other session.
    fn confirming(
        self,
        account: &Account,
        target: &FactorTarget<'_>,
        opening: Option<&Opening>,
        now: Moment,
    ) -> Result<Self, StoreError> {
        let write = self
            .only_if("totp.verified", false)
            .set("totp.verified", true)
            .set("totp.created", at(now))
            .set("recovery_created", at(now))
            .set("updated_at", at(now));
        Ok(match (opening, target) {
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
        })
    }
}

/// The field that counts wrong six-digit codes for the target.
fn counter(target: &FactorTarget<'_>) -> &'static str {
    if target.is_link() { "mail.codes" } else { "codes" }
}

impl Store {
    /// Counts a wrong factor against its target, and a wrong six-digit code also against the account. Returns how
    /// many of these there are in a row now; zero if it does not count towards them.
    ///
    /// Returns `None` if the target ended, codes are locked, or the account changed. Then nothing was
    /// counted, and the response must not reveal whether the factor was correct.
    pub async fn count_wrong_factor(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        wrong: WrongFactor,
        now: Moment,
    ) -> Result<Option<u32>, StoreError> {
        let write = GuardedWrite::for_target(account, target, now).charging(account, target, now);
        if !wrong.counts_against_codes() {
            let is_counted = write.changes_nothing() || write.apply(self).await?;
            return Ok(is_counted.then_some(0));
        }
        let codes = counter(target);
        let write = write
            .only_if_target_is_open(account, target, now)
            .add(format!("{codes}.failed"), 1)
            .set(format!("{codes}.at"), at(now));
        if target.is_link() {
            write.apply_and_count_at_links(self).await
        } else {
            write.apply_and_count(self).await
        }
    }

    /// Uses up a correct factor, which ends the challenge that it was submitted to, and opens a session if
    /// `opening` says so. The first correct code of an unconfirmed authenticator confirms it and ends every other
    /// session.
    ///
    /// Returns `false` if the factor was used before, the target ended, codes are locked, or the account
    /// changed.
    pub async fn accept_factor(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        used: &UsedFactor,
        opening: Option<&Opening>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write =
            GuardedWrite::for_target(account, target, now).using(account, target, Some(used), now);
        let write = match (used, &account.authenticator, opening) {
            (UsedFactor::Code(_), Authenticator::Unconfirmed(_), opening) => {
                write.confirming(account, target, opening, now)?
            }
            (_, _, Some(opening)) => write.consuming(target).opening(account, opening)?,
            (UsedFactor::Code(_), _, None) => write.consuming(target),
            (UsedFactor::Recovery(_), _, None) => write.consuming(target).refunding(target),
        };
        write.apply(self).await
    }
}
