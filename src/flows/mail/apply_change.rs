//! Applying and cancelling a change of an address.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;

use super::{MARGIN, Mail};
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::event::{Cause, EventKind};
use crate::domain::mail::change::EmailChange;
use crate::domain::mail::job::Job;
use crate::domain::notice::NoticeKind;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;
use crate::storage::StoreError;

impl Auth {
    /// Applies a change whose delay is over, by a job. Returns how long to wait if it is not over.
    pub(super) async fn apply_due_change(
        &self,
        account: Account,
    ) -> Result<Option<TimeDelta>, AuthError> {
        self.retry(account, async |account: &Account| {
            let now = self.clock.now();
            let change = account.mail.change.as_ref();
            match change.and_then(|change| Some((change, change.effective_at?))) {
                None => Ok(Attempt::Done(None)),
                Some((_, at)) if at > now => Ok(Attempt::Done(Some(at - now))),
                Some((change, _)) => {
                    let applied = self.apply_or_cancel(account, change, Cause::Service).await?;
                    Ok(applied.map(|()| None))
                }
            }
        })
        .await
    }

    /// Whether a confirmed change takes effect now.
    pub(super) fn may_apply(&self, mail: &Mail, account: &Account, change: &EmailChange) -> bool {
        let is_due = change.effective_at.is_some_and(|at| at <= self.clock.now());
        let is_undelayed = mail.rules.change_delay.is_zero();
        !account.is_email_verified || change.is_approved || is_due || is_undelayed
    }

    /// Applies a change; a taken address cancels it.
    pub(super) async fn apply_or_cancel(
        &self,
        account: &Account,
        change: &EmailChange,
        cause: impl Into<Cause> + Clone,
    ) -> Result<Attempt<()>, AuthError> {
        match self.apply_change(account, change, cause.clone()).await {
            Err(AuthError::AccountExists) => self.cancel_change(account, change, cause).await,
            applied => Ok(Attempt::of(applied?)),
        }
    }

    /// Applies a change.
    ///
    /// # Errors
    ///
    /// [`AuthError::AccountExists`] if the address is taken.
    pub(super) async fn apply_change(
        &self,
        account: &Account,
        change: &EmailChange,
        cause: impl Into<Cause>,
    ) -> Result<bool, AuthError> {
        let now = self.clock.now();
        let notice = self.notice_to_former_address(account, change, now)?;
        if let Some(notice) = &notice {
            // Not in the place of one that is being sent.
            self.store.add_jobs(&[notice.clone().due_at(notice.due + MARGIN)]).await?;
        }
        let applied = self.store.apply_email_change(account, change, now).await;
        let applied = match applied {
            Err(StoreError::Duplicate) => return Err(AuthError::AccountExists),
            outcome => outcome?,
        };
        if applied {
            self.record(account.id, EventKind::EmailChanged, cause);
            if let Some(notice) = notice {
                self.keep_promise(self.require_mail()?, &notice).await;
            }
        }
        Ok(applied)
    }

    /// The notice to the former address, if that is verified. (The new one gets a notice as for every other
    /// event.) While the account still has the address, the notice is not sent.
    fn notice_to_former_address(
        &self,
        before: &Account,
        change: &EmailChange,
        now: Moment,
    ) -> Result<Option<Job>, AuthError> {
        if !before.is_email_verified {
            return Ok(None);
        }
        let about = format!("former:{}", HEXLOWER.encode(&change.seed.0));
        let notice = Job::notice(before.id, NoticeKind::EmailChanged, &about, now);
        let to = Some(self.ring.seal_address(before.id, &before.email)?);
        Ok(Some(Job { to, ..notice }))
    }

    async fn cancel_change(
        &self,
        account: &Account,
        change: &EmailChange,
        cause: impl Into<Cause>,
    ) -> Result<Attempt<()>, AuthError> {
        let cancelled = self.store.cancel_email_change(account, None, change).await?;
        if cancelled {
            self.record(account.id, EventKind::EmailChangeCancelled, cause);
        }
        Ok(Attempt::of(cancelled))
    }

    /// Records that a write which raised the epoch cancelled a pending change.
    pub(in crate::flows) fn record_change_cancelled(
        &self,
        before: &Account,
        cause: impl Into<Cause>,
    ) {
        let now = self.clock.now();
        if before.mail.change.as_ref().is_some_and(|change| change.is_pending(now)) {
            self.record(before.id, EventKind::EmailChangeCancelled, cause);
        }
    }
}
