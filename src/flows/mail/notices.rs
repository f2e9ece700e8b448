//! Which security event becomes which notice.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use std::sync::Arc;
use tokio::sync::Notify;

use super::Mail;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::event::{EventKind, SecurityEvent};
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::mail::job::Job;
use crate::domain::notice::NoticeKind;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::{Store, StoreError};

/// Puts the notices of recorded events into the outbox.
#[derive(Clone)]
pub struct Notices(Arc<Notify>);

impl Notices {
    /// The notices that `mail` delivers.
    #[must_use]
    pub fn of(mail: &Mail) -> Self {
        Self(Arc::clone(&mail.wake))
    }

    /// Puts the notices of events into the outbox. One that waits already is not put there again.
    pub(in crate::flows) async fn add(
        &self,
        store: &Store,
        events: &[SecurityEvent],
    ) -> Result<(), StoreError> {
        let jobs: Vec<Job> = events.iter().filter_map(job).collect();
        if !jobs.is_empty() {
            store.add_jobs(&jobs).await?;
            self.0.notify_one();
        }
        Ok(())
    }
}

fn job(event: &SecurityEvent) -> Option<Job> {
    let kind = kind(event.kind)?;
    let about = if is_merged(kind) { String::new() } else { event.id.to_string() };
    Some(Job::notice(event.user, kind, &about, event.at))
}

/// The notice that an event causes. (For a requested change of the address, it is the mail that asks for approval.)
fn kind(event: EventKind) -> Option<NoticeKind> {
    Some(match event {
        EventKind::PasswordChanged => NoticeKind::PasswordChanged,
        EventKind::PasswordReset => NoticeKind::PasswordReset,
        EventKind::EmailChangeCancelled => NoticeKind::EmailChangeCancelled,
        EventKind::EmailChanged => NoticeKind::EmailChanged,
        EventKind::AuthenticatorEnabled
        | EventKind::EnrolmentConfirmed
        | EventKind::AuthenticatorReplaced
        | EventKind::PasskeyAdded => NoticeKind::FactorAdded,
        EventKind::AuthenticatorDisabled
        | EventKind::AuthenticatorResetByOperator
        | EventKind::PasskeyRemoved
        | EventKind::PasskeysRemovedByOperator => NoticeKind::FactorRemoved,
        EventKind::PasskeyCounterRefused | EventKind::DeviceTokenReused => {
            NoticeKind::CredentialRefused
        }
        EventKind::RecoveryCodesRenewed => NoticeKind::RecoveryCodesRenewed,
        EventKind::RecoveryCodeUsed => NoticeKind::RecoveryCodeUsed,
        EventKind::CodesLocked => NoticeKind::CodesLocked,
        EventKind::NewNetwork => NoticeKind::NewNetwork,
        _ => return None,
    })
}

/// Whether notices of a kind are limited, and merge while they wait: all but those about the address and the
/// password.
pub(super) fn is_merged(kind: NoticeKind) -> bool {
    !matches!(
        kind,
        NoticeKind::PasswordChanged
            | NoticeKind::PasswordReset
            | NoticeKind::EmailChangeRequested
            | NoticeKind::EmailChangeCancelled
            | NoticeKind::EmailChanged
    )
}

impl Auth {
    /// Counts a notice against its limit, if its kind has one. Returns how long to wait if it is one too many.
    pub(super) async fn charge_notice_of(
        &self,
        job: &Job,
        kind: NoticeKind,
    ) -> Result<Result<(), TimeDelta>, AuthError> {
        if !is_merged(kind) {
            return Ok(Ok(()));
        }
        self.charge_notice(job.user, kind).await
    }

    /// Notifies the owner if a login is not completed: a right password without its second factor. The notice
    /// waits until the challenge has expired, and is dropped if the challenge is gone by then.
    pub(in crate::flows) fn expect_second_factor(
        &self,
        account: &Account,
        challenge: &LoginChallenge,
    ) {
        let notice =
            Job { challenge: Some(challenge.digest), ..missing_at_login(account, challenge) };
        self.expect(account, notice.due_at(challenge.until));
    }

    /// The same, where the credentials of the Basic contract came without their second factor: it may follow
    /// within five minutes.
    pub(in crate::flows) fn expect_second_factor_of_bearer(&self, account: &Account) {
        let due = self.clock.now() + LoginChallenge::LIFETIME;
        self.expect(account, missing_of_bearer(account, self.clock.now()).due_at(due));
    }

    /// The second factor of the Basic contract followed.
    pub(in crate::flows) fn second_factor_of_bearer_came(&self, account: &Account) {
        let key = missing_of_bearer(account, self.clock.now()).key;
        self.change_outbox(account, |store| async move { store.drop_job(&key).await });
    }

    /// The challenge has no tries left: the owner is notified now.
    pub(in crate::flows) fn second_factor_will_not_come(
        &self,
        account: &Account,
        challenge: &LoginChallenge,
    ) {
        let (key, now) = (missing_at_login(account, challenge).key, self.clock.now());
        self.change_outbox(account, |store| async move { store.hasten_job(&key, now).await });
    }

    fn expect(&self, account: &Account, job: Job) {
        self.change_outbox(account, |store| async move { store.add_jobs(&[job]).await });
    }

    /// Changes what the outbox has for an owner who can be notified, in the background.
    fn change_outbox<F>(&self, account: &Account, change: impl FnOnce(Store) -> F)
    where
        F: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        if self.mail.is_none() || !account.is_email_verified {
            return;
        }
        let changed = change(self.store.clone());
        tokio::spawn(async move {
            if let Err(error) = changed.await {
                tracing::warn!(cause = %error, "a notice in the outbox was not changed");
            }
        });
    }
}

fn missing_at_login(account: &Account, challenge: &LoginChallenge) -> Job {
    let began = challenge.until - LoginChallenge::LIFETIME;
    let about = HEXLOWER.encode(challenge.digest.bytes());
    Job::notice(account.id, NoticeKind::SecondFactorMissing, &about, began)
}

fn missing_of_bearer(account: &Account, now: Moment) -> Job {
    Job::notice(account.id, NoticeKind::SecondFactorMissing, "bearer", now)
}
