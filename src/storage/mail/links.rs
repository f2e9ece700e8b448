//! Links: asking for one, and using it. Each use is one write, whose filter requires a live link.

use bson::doc;

use super::document::{link, path};
use crate::domain::account::{Account, PasswordHash};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::second_factor::UsedFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::throttle::{self, Counter};
use crate::storage::NetworkNote;
use crate::storage::document::{at, digest};
use crate::storage::error::StoreError;
use crate::storage::guard::alternative;
use crate::storage::guarded_write::GuardedWrite;
use crate::storage::store::Store;

impl GuardedWrite {
    /// A write that requires that a link may still be used. (Disabling the account raises the epoch.)
    pub(in crate::storage) fn for_link(
        account: &Account,
        kind: LinkKind,
        token: &Digest,
        now: Moment,
    ) -> Self {
        let path = path(kind);
        Self::of(account)
            .only_if("email", account.email.as_str())
            .only_if(format!("{path}.digest"), digest(token))
            .only_if(format!("{path}.until"), doc! { "$gt": at(now) })
            .only_if(format!("{path}.tries"), doc! { "$lt": i64::from(MailLink::TRIES_ALLOWED) })
    }

    /// Adds the condition that codes at links are not locked.
    pub(in crate::storage) fn only_if_link_codes_are_open(
        self,
        read: Counter,
        now: Moment,
    ) -> Self {
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
        let write = GuardedWrite::of(account);
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
            // It was asked for while nobody at the address could be notified.
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

    /// Sets a new password by a link, and uses up the second factor, if there is one. Every session and every other link ends,
    /// the address counts as verified, and the network becomes known.
    ///
    /// Returns `false` if the link ended, the factor was used meanwhile, or the account changed.
    pub async fn reset_password(
        &self,
        account: &Account,
        (target, used): (&FactorTarget<'_>, Option<&UsedFactor>),
        (password, network): (&PasswordHash, NetworkNote),
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::using(account, target, used, now)
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
