//! Changing the address of an account: the new one confirms, the current one may approve or object.

use super::limits::LimitedMail;
use super::{Mail, gone_is_invalid};
use crate::crypto::mail_token::{self, PresentedLink, Purpose};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::mail::change::EmailChange;
use crate::domain::mail::job::{Job, JobKind};
use crate::domain::password::Password;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;

/// A change that was confirmed.
pub struct ConfirmedChange {
    /// The new address.
    pub email: EmailAddress,
    /// When it takes effect; `None` if it has.
    pub effective_at: Option<Moment>,
}

impl Auth {
    /// The pending change of an account, if there is one.
    #[must_use]
    pub fn pending_change<'a>(&self, account: &'a Account) -> Option<&'a EmailChange> {
        let now = self.clock.now();
        account.mail.change.as_ref().filter(|change| change.is_pending(now))
    }

    /// Asks to change the caller's address. Both addresses get a mail, beyond the limits silently none.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongPassword`], [`AuthError::TooManyAttempts`], [`AuthError::Busy`].
    pub async fn request_email_change(
        &self,
        caller: Fresh<SignedIn>,
        email: &EmailAddress,
        password: &Password,
    ) -> Result<(), AuthError> {
        let mail = self.require_mail()?;
        let caller = caller.0.0;
        let proved = self.prove_password(&caller, password).await?;
        let job = Job::of_kind(proved.id, JobKind::Change, mail_token::seed(), self.clock.now());
        let outcome = async {
            let may_mail = self.may_mail(email, LimitedMail::Change).await?;
            self.retry_from_current(proved.id, async |account: &Account| {
                let session = self.full_session(account, &caller.session.digest)?;
                Self::require_same_password(account, &proved)?;
                if !may_mail {
                    self.store.refund_session(account, &session).await?;
                    return Ok(Attempt::Done(false));
                }
                self.promise(&job).await?;
                let change = self.new_change(mail, account, email, &job)?;
                let begun = self.store.begin_email_change(account, &session, &change).await?;
                Ok(Attempt::done_if(begun, true))
            })
            .await
        };
        if self.settle(&caller, &proved, outcome.await).await? {
            self.record(proved.id, EventKind::EmailChangeRequested, &caller.client);
            self.keep_promise(mail, &job).await;
        }
        Ok(())
    }

    fn new_change(
        &self,
        mail: &Mail,
        account: &Account,
        email: &EmailAddress,
        job: &Job,
    ) -> Result<EmailChange, AuthError> {
        let approve = account.is_email_verified;
        let approve = approve.then(|| mail.token(account.id, Purpose::Approve, job.seed));
        Ok(EmailChange {
            email: email.clone(),
            seed: job.seed,
            confirm: mail.token(account.id, Purpose::Confirm, job.seed)?.digest(),
            approve: approve.transpose()?.map(|token| token.digest()),
            until: self.clock.now() + EmailChange::LIFETIME,
            is_approved: false,
            effective_at: None,
        })
    }

    /// Confirms a change by the link at the new address. It takes effect at once if the current address is not
    /// verified or has approved, and otherwise after a delay.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`]; [`AuthError::AccountExists`], and then the link can be used again.
    pub async fn confirm_email_change(
        &self,
        token: &str,
        client: &Client,
    ) -> Result<ConfirmedChange, AuthError> {
        let mail = self.require_mail()?;
        let link = PresentedLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
        let account = self.account_of_link(&link).await?;
        let attempt = async |account: &Account| {
            let now = self.clock.now();
            let is_named = |change: &EmailChange| change.confirm == link.digest;
            let change = pending_change(account, now, is_named)?;
            let email = change.email.clone();
            let confirmed = |effective_at| ConfirmedChange { email: email.clone(), effective_at };
            if self.may_apply(mail, account, change) {
                let applied = self.apply_change(account, change, client).await?;
                return Ok(Attempt::done_if(applied, confirmed(None)));
            }
            if let Some(effective_at) = change.effective_at {
                let apply = Job::of_kind(account.id, JobKind::ApplyChange, change.seed, now);
                self.store.put_job(&apply.due_at(effective_at)).await?;
                return Ok(Attempt::Done(confirmed(change.effective_at)));
            }
            if self.store.account_by_email(&email).await?.is_some() {
                return Err(AuthError::AccountExists);
            }
            let effective_at = now + mail.rules.change_delay;
            let apply = Job::of_kind(account.id, JobKind::ApplyChange, change.seed, now);
            self.store.put_job(&apply.due_at(effective_at)).await?;
            let delayed =
                self.store.delay_email_change(account, &link.digest, effective_at).await?;
            if !delayed {
                return Ok(Attempt::Conflict);
            }
            self.record(account.id, EventKind::EmailChangeConfirmed, client);
            Ok(Attempt::Done(confirmed(Some(effective_at))))
        };
        self.retry(account, attempt).await.map_err(gone_is_invalid)
    }

    /// Approves a change by the link at the current address.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`].
    pub async fn approve_email_change(
        &self,
        token: &str,
        client: &Client,
    ) -> Result<(), AuthError> {
        self.require_mail()?;
        let link = PresentedLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
        let account = self.account_of_link(&link).await?;
        let attempt = async |account: &Account| {
            let now = self.clock.now();
            let is_named = |change: &EmailChange| {
                change.approve == Some(link.digest) && !change.is_approved && now < change.until
            };
            let change = pending_change(account, now, is_named)?;
            if change.effective_at.is_some() {
                return self.apply_or_cancel(account, change, client).await;
            }
            let approved = self.store.approve_email_change(account, &link.digest).await?;
            if approved {
                self.record(account.id, EventKind::EmailChangeApproved, client);
            }
            Ok(Attempt::of(approved))
        };
        self.retry(account, attempt).await.map_err(gone_is_invalid)
    }

    /// Cancels the caller's pending change, if there is one.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailNotAvailable`].
    pub async fn cancel_email_change(&self, caller: SignedIn) -> Result<(), AuthError> {
        self.require_mail()?;
        let caller = caller.0;
        self.retry(caller.account, async |account: &Account| {
            let session = self.full_session(account, &caller.session.digest)?;
            let Some(change) = self.pending_change(account) else {
                return Ok(Attempt::Done(()));
            };
            let cancelled = self.store.cancel_email_change(account, Some(&session), change).await?;
            if cancelled {
                self.record(account.id, EventKind::EmailChangeCancelled, &caller.client);
            }
            Ok(Attempt::of(cancelled))
        })
        .await
    }
}

/// The pending change that a link names.
fn pending_change(
    account: &Account,
    now: Moment,
    is_named: impl Fn(&EmailChange) -> bool,
) -> Result<&EmailChange, AuthError> {
    let change = account.mail.change.as_ref();
    let named = change.filter(|change| is_named(change) && change.is_pending(now));
    named.filter(|_| account.disabled_at.is_none()).ok_or(AuthError::MailTokenInvalid)
}
