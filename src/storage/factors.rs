//! Second factors. Each outcome is one write, whose filter requires that tries are left.

mod target;

use self::target::{challenge_path, counter};
use super::document::{at, passkey_challenge};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::opening::Opening;
use super::store::Store;
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::clock::Moment;
use crate::domain::passkey::ceremony::PendingChallenge;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::second_factor::{UsedFactor, WrongFactor};

impl Store {
    /// Stores the challenge that a passkey must sign for the target. It replaces an earlier one.
    ///
    /// Returns `false` if the target ended or the account changed.
    pub async fn ask_for_passkey(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        challenge: &PendingChallenge,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let path = challenge_path(target);
        let path = path.ok_or(StoreError::InvalidWrite("a passkey beside a password"))?;
        let mut asked = passkey_challenge(challenge);
        if let FactorTarget::Secure(event_at) = target {
            asked.insert("at", at(*event_at));
        }
        let write = GuardedWrite::for_target(account, target, None, now).set(path, asked);
        write.each_of(target).apply(self).await
    }

    /// Counts a wrong factor against its target, and a wrong six-digit code also against the account. Returns how
    /// many of these there are in a row now; zero if it does not count towards them. A wrong passkey also uses up
    /// the challenge that it should have signed.
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
        let is_passkey = matches!(wrong, WrongFactor::Passkey | WrongFactor::CopiedPasskey);
        let answered = target.passkey_challenge(account).filter(|_| is_passkey);
        let digest = answered.map(|challenge| challenge.digest);
        let write = GuardedWrite::for_target(account, target, digest.as_ref(), now)
            .charging(account, target, now);
        let write = if digest.is_some() { write.forgetting(target) } else { write };
        if !wrong.counts_against_codes() {
            let is_counted = write.changes_nothing() || write.apply_in_group(self).await?;
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
        let write = GuardedWrite::using(account, target, Some(used), now);
        let write = match (used, &account.authenticator, opening) {
            (UsedFactor::Code(_), Authenticator::Unconfirmed(_), opening) => {
                write.confirming(account, target, opening, now)?
            }
            (_, _, Some(opening)) => write.consuming(target).opening(account, opening)?,
            (UsedFactor::Code(_), _, None) => write.consuming(target),
            (UsedFactor::Recovery(_), _, None) => write.consuming(target).refunding(target),
            (UsedFactor::Passkey(_), _, None) => write.refunding_one(target).forgetting(target),
        };
        write.apply_in_group(self).await
    }
}
