//! Links: asking for one, and using it. Each use is one write, whose filter requires a live link.

use bson::doc;

use super::document::{link, path};
use crate::domain::account::{Account, PasswordHash};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::throttle::{self, Counter};
use crate::domain::totp::TimeStep;
use crate::storage::NetworkNote;
use crate::storage::document::{at, digest};
use crate::storage::error::StoreError;
use crate::storage::guarded_write::{GuardedWrite, alternative};
use crate::storage::store::Store;

/// The second factor that was right, which the write uses up.
#[derive(Clone, Copy, Debug)]
pub enum FactorProof {
    /// The account has none.
    NotNeeded,
    /// A code of the authenticator app.
    Code(TimeStep),
    /// A recovery code.
    Recovery(Digest),
}

impl GuardedWrite {
    /// A write that requires that a link may still be used.
    pub(super) fn for_link(account: &Account, kind: LinkKind, token: &Digest, now: Moment) -> Self {
        let path = path(kind);
        Self::for_reader(account)
            .only_if(format!("{path}.digest"), digest(token))
            .only_if(format!("{path}.email"), account.email.as_str())
            .only_if(format!("{path}.until"), doc! { "$gt": at(now) })
            .only_if(format!("{path}.tries"), doc! { "$lt": i64::from(MailLink::TRIES_ALLOWED) })
    }

    /// A write for whoever reads mail at the account's address: the address must not have changed, and the
    /// account must not be disabled.
    pub(super) fn for_reader(account: &Account) -> Self {
        Self::of(account)
            .only_if("email", account.email.as_str())
            .only_if("disabled_at", doc! { "$exists": false })
    }

    /// Adds the condition that codes at links are not locked.
    pub(super) fn only_if_link_codes_are_open(self, read: Counter, now: Moment) -> Self {
        const FAILED: &str = "mail.codes.failed";
        let clauses = throttle::CODES.admissible(now);
        let of_clause = |clause| alternative(clause, FAILED, "mail.codes.at");
        match clauses.iter().find(|clause| clause.holds(read)) {
            // An account without a wrong code has no such field.
            Some(clause) if clause.from == 0 => {
                self.only_if(FAILED, doc! { "$not": { "$gt": i64::from(clause.to) } })
            }
            Some(clause) => of_clause(clause)
                .into_iter()
                .fold(self, |write, (path, condition)| write.only_if(path, condition)),
            None => self.only_if("$or", clauses.iter().map(of_clause).collect::<Vec<_>>()),
        }
    }

    /// Counts a wrong code at a link against the account.
    pub(super) fn counting_link_code(self, now: Moment) -> Self {
        self.add("mail.codes.failed", 1).set("mail.codes.at", at(now))
    }

    /// Requires that the factor was not used yet, and uses it up.
    pub(super) fn using(self, account: &Account, factor: FactorProof, now: Moment) -> Self {
        match factor {
            FactorProof::NotNeeded => self,
            FactorProof::Code(step) => self
                .only_if_link_codes_are_open(account.mail.codes, now)
                .only_if("totp.last_step", doc! { "$lt": step.0 })
                .set("totp.last_step", step.0)
                .set("mail.codes.failed", 0_i64),
            FactorProof::Recovery(code) => {
                let code = digest(&code);
                self.only_if("recovery", code.clone())
                    .pull("recovery", code)
                    .set("mail.codes.failed", 0_i64)
            }
        }
    }
}

impl Store {
    /// Stores links that are about to be sent. Each replaces the one of its kind. A verified account gets no link
    /// that verifies or disowns it.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn begin_links(
        &self,
        account: &Account,
        links: &[(LinkKind, MailLink)],
    ) -> Result<bool, StoreError> {
        let write = GuardedWrite::for_reader(account);
        let of_unverified = |kind: &LinkKind| matches!(kind, LinkKind::Verify | LinkKind::Disown);
        let write = if links.iter().any(|(kind, _)| of_unverified(kind)) {
            write.only_if("email_verified", doc! { "$ne": true })
        } else {
            write
        };
        let write =
            links.iter().fold(write, |write, (kind, new)| write.set(path(*kind), link(new)));
        write.apply(self).await
    }

    /// Verifies the address by its link, which ends with the link that disowns the account.
    ///
    /// Returns `false` if the link ended or the account changed.
    pub async fn verify_email(
        &self,
        account: &Account,
        token: &Digest,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_link(account, LinkKind::Verify, token, now)
            .set("email_verified", true)
            .set("updated_at", at(now))
            .unset(path(LinkKind::Verify))
            .unset(path(LinkKind::Disown))
            // It was asked for while nobody at the address could be told.
            .unset("mail.change")
            .apply(self)
            .await
    }

    /// Deletes an account whose address was never verified.
    ///
    /// Returns `false` if the link ended or the account changed.
    pub async fn disown(
        &self,
        account: &Account,
        token: &Digest,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_link(account, LinkKind::Disown, token, now)
            .only_if("email_verified", doc! { "$ne": true })
            .delete(self)
            .await
    }

    /// Counts a wrong second factor against a link, and a wrong code also against the account.
    ///
    /// Returns how many wrong codes there are at links in a row now, or `None` if the link ended, codes are locked,
    /// or the account changed. Then nothing was counted.
    pub async fn count_wrong_link_factor(
        &self,
        account: &Account,
        (kind, token): (LinkKind, &Digest),
        is_code: bool,
        now: Moment,
    ) -> Result<Option<u32>, StoreError> {
        let write = GuardedWrite::for_link(account, kind, token, now)
            .add(format!("{}.tries", path(kind)), 1);
        let write = if is_code {
            write.only_if_link_codes_are_open(account.mail.codes, now).counting_link_code(now)
        } else {
            write
        };
        write.apply_and_count_at_links(self).await
    }

    /// Sets a new password by a link, and uses up the second factor. Every session and every other link ends,
    /// the address counts as verified, and the network becomes known.
    ///
    /// Returns `false` if the link ended, the factor was used meanwhile, or the account changed.
    pub async fn reset_password(
        &self,
        account: &Account,
        (kind, token): (LinkKind, &Digest),
        factor: FactorProof,
        (password, network): (&PasswordHash, NetworkNote),
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_link(account, kind, token, now)
            .using(account, factor, now)
            .set("password", password.expose())
            .set("email_verified", true)
            .set("updated_at", at(now))
            .unset(path(LinkKind::Verify))
            .unset(path(LinkKind::Disown))
            .ending_all()
            .noting(account, network)?
            .apply(self)
            .await
    }
}
