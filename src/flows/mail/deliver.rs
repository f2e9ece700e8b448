//! Takes jobs from the outbox and does them. Any number of instances may.

use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::task::JoinSet;

use super::Mail;
use crate::domain::event::{Cause, EventKind};
use crate::domain::mail::job::{Job, JobKind};
use crate::domain::mail::link::LinkKind;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::mail::{Mailer, PageLinks};
use crate::storage::{StoreError, Taken};

/// Does the jobs of the outbox.
pub struct Delivery {
    pub(super) auth: Auth,
    pub(super) mail: Mail,
    pub(super) mailer: Mailer,
    pub(super) pages: PageLinks,
}

/// What became of a job that was taken.
pub(super) enum Outcome {
    /// It is done, or there is nothing to do.
    Done,
    /// It cannot be done.
    Refused,
    /// It is to be tried again after a wait.
    Failed,
    /// It is to be done later; nothing went wrong.
    Later(TimeDelta),
    /// It is in the outbox again already.
    Returned,
}

impl Delivery {
    /// How many jobs are done at once.
    const AT_ONCE: usize = 8;
    /// How often the outbox is looked at without being woken: another instance may have put a job there, or a
    /// wait may be over.
    const LOOK_EVERY: Duration = Duration::from_millis(500);
    /// How often what waits is counted, for the metrics.
    const COUNT_EVERY: Duration = Duration::from_secs(15);

    /// Delivers the mails of `auth`, which must have mail.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailNotAvailable`].
    pub fn new(auth: Auth, mailer: Mailer, pages: PageLinks) -> Result<Self, AuthError> {
        let mail = auth.require_mail()?.clone();
        Ok(Self { auth, mail, mailer, pages })
    }

    /// Does jobs as they become due, until `stop` resolves; then finishes those that were taken. It runs within
    /// a `LocalSet`.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (delivery, mut running) = (Rc::new(self), JoinSet::new());
        tokio::select! {
            () = delivery.take_jobs(&mut running, stop) => {}
            () = delivery.count() => {}
        }
        while running.join_next().await.is_some() {}
    }

    /// Starts jobs as they become due, until `stop` resolves. A job that is being taken is still started: nobody else
    /// could do it until its lease is over.
    async fn take_jobs(self: &Rc<Self>, running: &mut JoinSet<()>, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            // The database does not answer. It is asked again soon.
            let _unread = self.fill(running).await;
            let has_room = running.len() < Self::AT_ONCE;
            tokio::select! {
                () = &mut stop => return,
                Some(_) = running.join_next() => {}
                () = self.mail.wake.notified(), if has_room => {}
                () = tokio::time::sleep(Self::LOOK_EVERY), if has_room => {}
            }
        }
    }

    /// Counts what waits, again and again.
    async fn count(&self) {
        let mut counting = tokio::time::interval(Self::COUNT_EVERY);
        loop {
            counting.tick().await;
            let now = self.auth.clock.now();
            if let Ok(count) = self.auth.store.count_outbox(now).await {
                let age = count.oldest.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
                self.mail.metrics.oldest.set(age);
                self.mail.metrics.waiting.set(i64::try_from(count.waiting).unwrap_or(i64::MAX));
            }
        }
    }

    /// Takes jobs until enough are running or none is due.
    async fn fill(self: &Rc<Self>, running: &mut JoinSet<()>) -> Result<(), AuthError> {
        while running.len() < Self::AT_ONCE {
            let now = self.auth.clock.now();
            match self.auth.store.take_job(now).await? {
                Taken::Nothing => return Ok(()),
                Taken::Malformed(error) => {
                    self.mail.metrics.given_up.inc();
                    tracing::error!(cause = %error, "a job of the outbox was put off");
                }
                Taken::Job(job) => {
                    let delivery = Rc::clone(self);
                    running.spawn_local(async move { delivery.settle(*job).await });
                }
            }
        }
        Ok(())
    }

    /// Does a job and removes it, or returns it to be tried again.
    async fn settle(&self, job: Job) {
        let outcome = self.attempt(&job).await;
        if let Err(error) = &outcome {
            warn(error, &job, "a job of the outbox failed");
        }
        if let Err(error) = self.close(&job, outcome.unwrap_or(Outcome::Failed)).await {
            // Its lease expires, and it is done again.
            warn(&error, &job, "a job of the outbox was not settled");
        }
    }

    async fn close(&self, job: &Job, outcome: Outcome) -> Result<(), StoreError> {
        let (store, now) = (&self.auth.store, self.auth.clock.now());
        match outcome {
            Outcome::Done => store.finish_job(job).await,
            Outcome::Returned => Ok(()),
            Outcome::Later(wait) => store.return_job(job, now + wait).await,
            Outcome::Refused => self.give_up(job).await,
            Outcome::Failed => match job.wait() {
                Some(wait) => store.postpone_job(job, now + wait).await,
                None => self.give_up(job).await,
            },
        }
    }

    async fn give_up(&self, job: &Job) -> Result<(), StoreError> {
        self.count_as_given_up(job);
        self.auth.store.finish_job(job).await
    }

    pub(super) fn count_as_given_up(&self, job: &Job) {
        self.mail.metrics.given_up.inc();
        tracing::error!(job = job.kind.name(), "a mail was given up");
        self.auth.record(job.user, EventKind::MailNotDelivered, Cause::Service);
    }

    async fn attempt(&self, job: &Job) -> Result<Outcome, AuthError> {
        if job.is_taken_too_often() {
            return Ok(Outcome::Refused);
        }
        let Some(account) = self.auth.store.account(job.user).await? else {
            return Ok(Outcome::Done);
        };
        if account.disabled_at.is_some() {
            return Ok(Outcome::Done);
        }
        match &job.kind {
            JobKind::ApplyChange => {
                let wait = self.auth.apply_due_change(account).await?;
                Ok(wait.map_or(Outcome::Done, Outcome::Later))
            }
            JobKind::Verify => self.send_verification(&account).await,
            JobKind::Reset => self.send_reset(&account, LinkKind::Reset).await,
            JobKind::ResetFromKnown => self.send_reset(&account, LinkKind::ResetFromKnown).await,
            JobKind::Change => self.send_change(job, &account).await,
            JobKind::Notice(kind) => self.send_notice(job, &account, *kind).await,
        }
    }
}

fn warn(cause: &dyn Display, job: &Job, what: &str) {
    tracing::warn!(%cause, job = job.kind.name(), "{what}");
}
