//! Mail: links that verify an address and repair an account, changes of the address, and notices.
//!
//! A use case that promises a mail puts a job into the outbox; [`deliver`] sends it. Links never sign anyone
//! in, and mail is never a second factor.

mod apply_change;
pub mod change;
mod deliver;
mod factor;
mod limits;
mod messages;
mod notices;
pub mod reset;
pub mod secure;
pub mod verification;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use tokio::sync::{Notify, mpsc};

pub use deliver::Delivery;
pub use notices::Notices;
pub use reset::ResetQueue;

use self::reset::ResetRequest;
use crate::crypto::mail_token::{MailKeys, MailToken, PresentedLink, Purpose};
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::ids::UserId;
use crate::domain::mail::job::Job;
use crate::domain::mail::seed::Seed;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::{OutboxCount, StoreError};

/// How long a promised job waits for the write that it belongs to.
const MARGIN: TimeDelta = TimeDelta::seconds(10);

/// What use cases need to send mail. There is none if no mail is configured.
#[derive(Clone)]
pub struct Mail {
    keys: MailKeys,
    rules: MailRules,
    /// Wakes the delivery, so that a mail is sent at once.
    wake: Arc<Notify>,
    resets: mpsc::Sender<ResetRequest>,
    counts: Arc<MailCounts>,
}

/// The operator's settings about mail.
#[derive(Clone, Copy, Debug)]
pub struct MailRules {
    /// Whether a login requires a verified address.
    pub requires_verified: bool,
    /// How long a confirmed change of an address waits if the current one did not approve it.
    pub change_delay: TimeDelta,
}

/// What happened to mails since the start.
#[derive(Debug, Default)]
pub struct MailCounts {
    sent: AtomicU64,
    failed: AtomicU64,
    given_up: AtomicU64,
    resets_dropped: AtomicU64,
    waiting: AtomicU64,
    oldest_age: AtomicU64,
}

impl MailCounts {
    /// Mails that were handed over.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Attempts that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Mails that were given up.
    #[must_use]
    pub fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Jobs that are due or are being retried, as they were counted last.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// The age of the oldest of these, in seconds.
    #[must_use]
    pub fn oldest_age(&self) -> u64 {
        self.oldest_age.load(Ordering::Relaxed)
    }

    fn set_waiting(&self, count: OutboxCount, now: Moment) {
        let age = count.oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
        self.waiting.store(count.waiting, Ordering::Relaxed);
        self.oldest_age.store(u64::try_from(age).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Requests for a link that resets a password, dropped because too many waited.
    #[must_use]
    pub fn resets_dropped(&self) -> u64 {
        self.resets_dropped.load(Ordering::Relaxed)
    }
}

/// Mail for use cases, and the queue of requests for links that reset a password.
#[must_use]
pub fn mail(keys: MailKeys, rules: MailRules) -> (Mail, ResetQueue) {
    let (resets, queue) = reset::queue();
    let mail = Mail { keys, rules, wake: Arc::default(), resets, counts: Arc::default() };
    (mail, queue)
}

impl Mail {
    /// What happened to mails since the start.
    #[must_use]
    pub fn counts(&self) -> &MailCounts {
        &self.counts
    }

    fn token(&self, user: UserId, purpose: Purpose, seed: Seed) -> Result<MailToken, AuthError> {
        let token = self.keys.token(user, purpose, seed);
        token.ok_or_else(|| AuthError::Fault("the key ring is empty".into()))
    }
}

impl Auth {
    /// Whether mail is configured.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailNotAvailable`] if it is not.
    pub fn require_mail(&self) -> Result<&Mail, AuthError> {
        self.mail.as_ref().ok_or(AuthError::MailNotAvailable)
    }

    /// Puts a job into the outbox before the write that it belongs to, due a little later: if this process ends
    /// in between, the job is done all the same. Without the write it sends the link that the account has from
    /// before, if any: so it comes after the limits.
    async fn promise(&self, job: &Job) -> Result<(), StoreError> {
        self.store.put_job(&job.clone().due_at(job.due + MARGIN)).await
    }

    /// Has a promised job done now. If that fails, it is done a little later.
    async fn keep_promise(&self, mail: &Mail, job: &Job) {
        if let Err(error) = self.enqueue(mail, job).await {
            tracing::warn!(cause = %error, "a mail is sent a little later");
        }
    }

    /// Puts a job into the outbox and has it done soon.
    async fn enqueue(&self, mail: &Mail, job: &Job) -> Result<(), StoreError> {
        self.store.put_job(job).await?;
        mail.wake.notify_one();
        Ok(())
    }

    /// The account that a link's token names.
    async fn account_of_link(&self, link: &PresentedLink) -> Result<Account, AuthError> {
        self.store.account(link.user).await?.ok_or(AuthError::MailTokenInvalid)
    }
}

/// A link of a deleted account is an invalid one.
fn gone_is_invalid(error: AuthError) -> AuthError {
    match error {
        AuthError::AccountGone => AuthError::MailTokenInvalid,
        other => other,
    }
}
