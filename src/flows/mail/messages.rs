//! The message of each kind of job.

use super::deliver::{Delivery, Outcome};
use super::secure;
use crate::crypto::mail_token::{MailToken, Purpose};
use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::email::EmailAddress;
use crate::domain::event::{Cause, EventKind};
use crate::domain::ids::UserId;
use crate::domain::mail::job::Job;
use crate::domain::mail::link::LinkKind;
use crate::domain::mail::seed::Seed;
use crate::domain::notice::NoticeKind;
use crate::flows::error::AuthError;
use crate::mail::{Content, Link, LinkPage, Message, SendError};

impl Delivery {
    pub(super) async fn send_verification(&self, account: &Account) -> Result<Outcome, AuthError> {
        let Some(link) = self.live(account, LinkKind::Verify, Purpose::Verify) else {
            return Ok(Outcome::Done);
        };
        let content = Content::Verify {
            link: self.pages.to(LinkPage::Verify, link.expose()),
            disown: self.disown(account),
        };
        Ok(self.send(&account.email, account, content).await)
    }

    pub(super) async fn send_reset(
        &self,
        account: &Account,
        kind: LinkKind,
    ) -> Result<Outcome, AuthError> {
        let Some(link) = self.live(account, kind, Purpose::Reset) else {
            return Ok(Outcome::Done);
        };
        let content = Content::Reset {
            link: self.pages.to(LinkPage::Reset, link.expose()),
            disown: self.disown(account),
        };
        Ok(self.send(&account.email, account, content).await)
    }

    /// Sends the notice to the current address first: its reader must have the chance to object.
    pub(super) async fn send_change(
        &self,
        job: &Job,
        account: &Account,
    ) -> Result<Outcome, AuthError> {
        // Once it is confirmed, nobody needs the link.
        let change = self.auth.pending_change(account);
        let Some(change) = change.filter(|change| change.effective_at.is_none()) else {
            return Ok(Outcome::Done);
        };
        let of = (account.id, change.seed);
        let Some(confirm) = self.token_of(of, Purpose::Confirm, &change.confirm) else {
            return Ok(Outcome::Done);
        };
        let approve = change.approve.as_ref();
        let approve = approve.and_then(|digest| self.token_of(of, Purpose::Approve, digest));
        let secure = self.mail.keys.secure(account.id, job.at, &account.email);
        if let (false, Some(approve), Some(secure)) = (job.is_notified, approve, secure) {
            let content = Content::ChangeRequested {
                at: job.at,
                approve: self.pages.to(LinkPage::ApproveEmail, approve.expose()),
                secure: self.pages.to(LinkPage::Secure, secure.expose()),
            };
            return match self.send(&account.email, account, content).await {
                outcome @ (Outcome::Done | Outcome::Refused) => {
                    if matches!(outcome, Outcome::Refused) {
                        self.count_as_given_up(job);
                    }
                    self.auth.store.mark_notified(job, self.auth.clock.now()).await?;
                    self.mail.wake.notify_one();
                    Ok(Outcome::Returned)
                }
                other => Ok(other),
            };
        }
        let content = Content::ConfirmChange {
            link: self.pages.to(LinkPage::ConfirmEmail, confirm.expose()),
        };
        Ok(self.send(&change.email, account, content).await)
    }

    pub(super) async fn send_notice(
        &self,
        job: &Job,
        account: &Account,
        kind: NoticeKind,
    ) -> Result<Outcome, AuthError> {
        if let Some(challenge) = &job.challenge
            && account.challenge(challenge)?.is_none()
        {
            // The login was completed, or the person began another one.
            return Ok(Outcome::Done);
        }
        let to = match &job.to {
            Some(sealed) => {
                let former = self.auth.ring.open_address(account.id, sealed)?;
                if former == account.email {
                    // The change was not written.
                    return Ok(Outcome::Done);
                }
                former
            }
            None if account.is_email_verified => account.email.clone(),
            None => return Ok(Outcome::Done),
        };
        if job.tries <= 1
            && let Err(wait) = self.auth.charge_notice_of(job, kind).await?
        {
            let is_late = kind == NoticeKind::SecondFactorMissing;
            return Ok(if is_late { Outcome::Done } else { Outcome::Later(wait) });
        }
        if kind == NoticeKind::SecondFactorMissing && job.tries <= 1 {
            self.auth.record(account.id, EventKind::SecondFactorMissing, Cause::Service);
        }
        // The former address of a change cannot undo it: the links of the account are for its address.
        let secure = match &job.to {
            Some(_) => None,
            None => self.mail.keys.secure(account.id, job.at, &account.email),
        };
        let is_of_use = self.auth.clock.now() < job.at + secure::LIFETIME
            && account.secured_at.is_none_or(|secured| secured < job.at);
        let secure = secure.filter(|_| is_of_use);
        let secure = secure.map(|token| self.pages.to(LinkPage::Secure, token.expose()));
        Ok(self.send(&to, account, Content::Notice { kind, at: job.at, secure }).await)
    }

    /// The token of the account's link of this kind, if it is live.
    fn live(&self, account: &Account, kind: LinkKind, purpose: Purpose) -> Option<MailToken> {
        let now = self.auth.clock.now();
        let seed = account.mail.link(kind)?.seed;
        let mut tokens = self.mail.keys.tokens(account.id, purpose, seed);
        tokens.find(|token| account.live_link(kind, &token.digest(), now).is_some())
    }

    fn disown(&self, account: &Account) -> Option<Link> {
        let token = self.live(account, LinkKind::Disown, Purpose::Disown)?;
        Some(self.pages.to(LinkPage::Disown, token.expose()))
    }

    /// The token of a change's link, if its digest is this one.
    fn token_of(
        &self,
        (user, seed): (UserId, Seed),
        purpose: Purpose,
        digest: &Digest,
    ) -> Option<MailToken> {
        let mut tokens = self.mail.keys.tokens(user, purpose, seed);
        tokens.find(|token| token.digest() == *digest)
    }

    async fn send(&self, to: &EmailAddress, account: &Account, content: Content) -> Outcome {
        let is_owner = *to == account.email && account.is_email_verified;
        let name = is_owner.then(|| account.name.clone());
        let what = content.name();
        let sent = self.mailer.send(&Message { to: to.clone(), name, content }).await;
        let (count, outcome) = match &sent {
            Ok(()) => (&self.mail.metrics.sent, Outcome::Done),
            Err(SendError::Refused(_)) => (&self.mail.metrics.failed, Outcome::Refused),
            Err(SendError::Failed(_)) => (&self.mail.metrics.failed, Outcome::Failed),
        };
        count.inc();
        if let Err(error) = sent {
            tracing::warn!(cause = %error, mail = what, "a mail was not sent");
        }
        outcome
    }
}
