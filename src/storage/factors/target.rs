//! What a second factor is submitted to, as conditions and changes of one write.

use bson::doc;

use super::super::document::{self, array, at};
use super::super::error::StoreError;
use super::super::guarded_write::GuardedWrite;
use super::super::mail::{self, SECURE_PASSKEY};
use super::super::opening::Opening;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::passkey::ceremony::ChallengeDigest;
use crate::domain::second_factor::UsedFactor;
use crate::domain::second_factor::target::FactorTarget;

impl GuardedWrite {
    /// A write that requires that the target still accepts a factor, and still has the passkey challenge that
    /// was `answered`, if one was.
    pub(super) fn for_target(
        account: &Account,
        target: &FactorTarget<'_>,
        answered: Option<&ChallengeDigest>,
        now: Moment,
    ) -> Self {
        let answered = answered.map(document::digest);
        match target {
            FactorTarget::Challenge(challenge) => {
                let mut alive = doc! {
                    "digest": document::digest(&challenge.digest),
                    "tries": { "$lt": i64::from(LoginChallenge::TRIES_ALLOWED) },
                    "until": { "$gt": at(now) },
                };
                alive.extend(answered.map(|digest| ("passkey.digest".to_owned(), digest.into())));
                Self::of(account).only_if("challenges", doc! { "$elemMatch": alive })
            }
            FactorTarget::Session(session) => {
                let write = Self::for_session(account, session);
                let Some(answered) = answered else { return write };
                let digest = document::digest(&session.digest);
                // A passkey takes back its own try only, so the count that was read must still hold.
                let failed = i64::from(session.failed);
                let asked = doc! { "digest": digest, "passkey.digest": answered, "failed": failed };
                write.only_if(array(session.kind), doc! { "$elemMatch": asked })
            }
            FactorTarget::Password => Self::of(account),
            FactorTarget::Reset(kind, link) => {
                let write = Self::for_link(account, *kind, &link.digest, now);
                let path = format!("{}.passkey.digest", mail::path(*kind));
                answered.into_iter().fold(write, |write, digest| write.only_if(&path, digest))
            }
            FactorTarget::Secure(event_at) => {
                let write = Self::for_secure_link(account, *event_at);
                let path = format!("{SECURE_PASSKEY}.digest");
                answered.into_iter().fold(write, |write, digest| write.only_if(&path, digest))
            }
        }
    }

    /// A write that requires that the target still accepts a factor and that this one was not used yet, and uses
    /// it up. There is none where none is needed.
    pub(in crate::storage) fn using(
        account: &Account,
        target: &FactorTarget<'_>,
        used: Option<&UsedFactor>,
        now: Moment,
    ) -> Self {
        let failed = format!("{}.failed", counter(target));
        match used {
            None => Self::for_target(account, target, None, now),
            Some(UsedFactor::Code(step)) => Self::for_target(account, target, None, now)
                .only_if_target_is_open(account, target, now)
                .only_if("totp.last_step", doc! { "$lt": step.0 })
                .set("totp.last_step", step.0)
                .set(failed, 0_i64),
            Some(UsedFactor::Recovery(code)) => {
                let code = document::digest(code);
                Self::for_target(account, target, None, now)
                    .only_if("recovery", code.clone())
                    .pull("recovery", code)
                    .set(failed, 0_i64)
            }
            Some(UsedFactor::Passkey(used)) => {
                let write = Self::for_target(account, target, Some(&used.challenge), now);
                // One update cannot change one passkey and remove another.
                let removes_others = target.passkeys(account).count() < account.passkeys.len();
                let write = write.only_if_not_signed_since(&used.passkey);
                if removes_others {
                    write
                } else {
                    write.recording_signature(&used.passkey, used.verified, now)
                }
            }
        }
    }

    /// Adds the condition that six-digit codes are not locked for the target.
    pub(super) fn only_if_target_is_open(
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
    pub(super) fn charging(
        self,
        account: &Account,
        target: &FactorTarget<'_>,
        now: Moment,
    ) -> Self {
        match target {
            FactorTarget::Challenge(_) => self.add("challenges.$[target].tries", 1).each_of(target),
            FactorTarget::Session(_) | FactorTarget::Password => self,
            FactorTarget::Reset(kind, _) => self.add(format!("{}.tries", mail::path(*kind)), 1),
            FactorTarget::Secure(event_at) => self.charging_secure_link(account, *event_at, now),
        }
    }

    /// Ends the challenge that a correct factor was submitted to.
    pub(super) fn consuming(self, target: &FactorTarget<'_>) -> Self {
        match target {
            FactorTarget::Challenge(challenge) => {
                self.pull("challenges", doc! { "digest": document::digest(&challenge.digest) })
            }
            _ => self,
        }
    }

    /// Resets the tries of a session, which were counted before the check.
    pub(super) fn refunding(self, target: &FactorTarget<'_>) -> Self {
        match target {
            FactorTarget::Session(session) => {
                let failed = format!("{}.$[target].failed", array(session.kind));
                self.set(failed, 0_i64).each_of(target)
            }
            _ => self,
        }
    }

    /// Takes back one try of a session: a passkey says nothing about the passwords that were wrong.
    pub(super) fn refunding_one(self, target: &FactorTarget<'_>) -> Self {
        match target {
            FactorTarget::Session(session) if session.failed > 0 => {
                let failed = format!("{}.$[target].failed", array(session.kind));
                self.add(failed, -1).each_of(target)
            }
            _ => self,
        }
    }

    /// Removes the challenge that a passkey must sign for the target.
    pub(super) fn forgetting(self, target: &FactorTarget<'_>) -> Self {
        let write = challenge_path(target).into_iter().fold(self, Self::unset);
        write.each_of(target)
    }

    /// Defines that `$[target]` is the login challenge or the session.
    pub(super) fn each_of(self, target: &FactorTarget<'_>) -> Self {
        let digest = target.digest().map(document::digest);
        digest.into_iter().fold(self, |write, digest| write.each("target.digest", digest))
    }

    /// Confirms the authenticator app with its first correct code, and ends every other session.
    pub(super) fn confirming(
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
            (Some(opening), _) => write
                .ending_all_before(&opening.session)
                .noting(account, opening.network)?
                .trusting_only(&opening.device),
            (None, FactorTarget::Session(session)) => {
                let kept = session.rotated(session.digest, now);
                write.ending_all_but(session, &kept)
            }
            (None, _) => {
                return Err(StoreError::InvalidWrite("a first code that opens no session"));
            }
        })
    }
}

/// The field that counts wrong six-digit codes for the target.
pub(super) fn counter(target: &FactorTarget<'_>) -> &'static str {
    if target.is_link() { "mail.codes" } else { "codes" }
}

/// Where the challenge that a passkey must sign for the target is stored.
pub(super) fn challenge_path(target: &FactorTarget<'_>) -> Option<String> {
    Some(match target {
        FactorTarget::Challenge(_) => "challenges.$[target].passkey".to_owned(),
        FactorTarget::Session(session) => format!("{}.$[target].passkey", array(session.kind)),
        FactorTarget::Password => return None,
        FactorTarget::Reset(kind, _) => format!("{}.passkey", mail::path(*kind)),
        FactorTarget::Secure(_) => SECURE_PASSKEY.to_owned(),
    })
}
