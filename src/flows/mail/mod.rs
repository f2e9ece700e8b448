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

use chrono::TimeDelta;
use tokio::sync::{Notify, mpsc};

pub use deliver::Delivery;
pub use notices::Notices;
pub use reset::ResetQueue;

use self::reset::ResetRequest;
use crate::crypto::mail_token::{MailKeys, MailToken, PresentedLink, Purpose};
use crate::domain::account::Account;
use crate::domain::ids::UserId;
use crate::domain::mail::job::Job;
use crate::domain::mail::seed::Seed;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::metrics::MailMetrics;
use crate::storage::StoreError;

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
    metrics: MailMetrics,
}

/// The operator's settings about mail.
#[derive(Clone, Copy, Debug)]
pub struct MailRules {
    /// Whether a login requires a verified address.
    pub requires_verified: bool,
    /// How long a confirmed change of an address waits if the current one did not approve it.
    pub change_delay: TimeDelta,
}

/// Mail for use cases, and the queue of requests for links that reset a password.
#[must_use]
pub fn mail(keys: MailKeys, rules: MailRules, metrics: MailMetrics) -> (Mail, ResetQueue) {
    let (resets, queue) = reset::queue();
    let mail = Mail { keys, rules, wake: Arc::default(), resets, metrics };
    (mail, queue)
}

impl Mail {
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
    /// before, if any: so it comes after the limits, except for an account that does not exist yet.
    async fn promise(&self, job: &Job) -> Result<(), StoreError> {
        self.store.put_job(&job.clone().due_at(job.due + MARGIN)).await
    }

    /// Has a promised job done now. If that fails, it is done a little later.
    async fn keep_promise(&self, mail: &Mail, job: &Job) {
        if let Err(error) = self.enqueue(mail, job).await {
            tracing::warn!(cause = %error, "a mail is sent a little later");
        }
    }

    /// Takes a promised job back before it is due. If that fails, it is done.
    async fn break_promise(&self, job: &Job) {
        if let Err(error) = self.store.drop_job(&job.key).await {
            tracing::warn!(cause = %error, "a mail beyond the limits is sent");
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
