//! A forgotten password: asking for a link, and setting a new password with it.

use std::time::Duration;

use tokio::sync::{OnceCell, mpsc};

use super::limits::LimitedMail;
use super::{Mail, gone_is_invalid};
use crate::crypto::mail_token::{self, PresentedLink, Purpose};
use crate::domain::account::{Account, PasswordHash};
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::mail::job::{Job, JobKind};
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::password::NewPassword;
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;
use crate::flows::shared::second_factor::Compared;

/// Requests that may wait until their address is looked up.
const WAITING: usize = 256;
/// How often a request is tried if the database does not answer, and the pause in between.
const ATTEMPTS: usize = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// A request for a link, whose address is looked up after it was answered.
pub struct ResetRequest {
    email: EmailAddress,
    client: Client,
}

/// The requests that wait.
pub struct ResetQueue(mpsc::Receiver<ResetRequest>);

pub(super) fn queue() -> (mpsc::Sender<ResetRequest>, ResetQueue) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (sender, ResetQueue(receiver))
}

impl ResetQueue {
    /// Looks the addresses up, one after the other, until `stop` resolves; then those that still wait.
    pub async fn run(mut self, auth: Auth, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(request) = self.0.recv() => auth.answer_reset(&request).await,
            }
        }
        while let Ok(request) = self.0.try_recv() {
            auth.answer_reset(&request).await;
        }
    }
}

/// The link that resets the password, as what a second factor is submitted to; `None` if it is not live.
pub(super) fn reset_target<'a>(
    account: &'a Account,
    presented: &PresentedLink,
    now: Moment,
) -> Option<FactorTarget<'a>> {
    LinkKind::RESETS.into_iter().find_map(|kind| {
        let link = account.live_link(kind, &presented.digest, now)?;
        Some(FactorTarget::Reset(kind, link))
    })
}

impl Auth {
    /// Asks for a link that resets the password of an address. The answer is the same, after the same work,
    /// whether there is such an account.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] by network.
    pub async fn forgot_password(
        &self,
        email: EmailAddress,
        client: &Client,
    ) -> Result<(), AuthError> {
        let mail = self.require_mail()?;
        self.charge_mail_of_network("forgotten passwords of a network", client).await?;
        let request = ResetRequest { email, client: client.clone() };
        if mail.resets.try_send(request).is_err() {
            mail.metrics.resets_dropped.inc();
            tracing::warn!(
                "a request for a link that resets a password was dropped: too many wait"
            );
        }
        Ok(())
    }

    /// Sends the link that was asked for.
    async fn answer_reset(&self, request: &ResetRequest) {
        if let Err(error) = self.send_reset_patiently(request).await {
            self.count_dropped_reset();
            tracing::error!(cause = %error, "a link that resets a password was not sent");
        }
    }

    /// Sends the link, in several attempts if the database does not answer.
    async fn send_reset_patiently(&self, request: &ResetRequest) -> Result<(), AuthError> {
        let may_mail = OnceCell::new();
        for _ in 1..ATTEMPTS {
            match self.send_reset(request, &may_mail).await {
                Err(AuthError::Unavailable) => tokio::time::sleep(PAUSE).await,
                outcome => return outcome,
            }
        }
        self.send_reset(request, &may_mail).await
    }

    fn count_dropped_reset(&self) {
        if let Some(mail) = &self.mail {
            mail.metrics.resets_dropped.inc();
        }
    }

    /// Sends the link, unless it is one mail too many, which is counted once for a request.
    async fn send_reset(
        &self,
        request: &ResetRequest,
        may_mail: &OnceCell<bool>,
    ) -> Result<(), AuthError> {
        let mail = self.require_mail()?;
        let Some(account) = self.store.account_by_email(&request.email).await? else {
            return Ok(());
        };
        if account.disabled_at.is_some() {
            return Ok(());
        }
        let is_known = self.knows_network(&account, &request.client)?;
        let limited = if is_known { LimitedMail::ResetFromKnown } else { LimitedMail::Reset };
        let charge = || self.may_mail(&request.email, limited);
        if !*may_mail.get_or_try_init(charge).await? {
            return Ok(());
        }
        let (kind, job) = if is_known {
            (LinkKind::ResetFromKnown, JobKind::ResetFromKnown)
        } else {
            (LinkKind::Reset, JobKind::Reset)
        };
        let user = account.id;
        let job = Job::of_kind(user, job, mail_token::seed(), self.clock.now());
        self.promise(&job).await?;
        let stored = self.retry(account, async |account: &Account| {
            if account.disabled_at.is_some() {
                return Ok(Attempt::Done(false));
            }
            let links = self.reset_links(mail, account, kind, &job)?;
            Ok(Attempt::done_if(self.store.begin_links(account, &links).await?, true))
        });
        if stored.await? {
            self.keep_promise(mail, &job).await;
            self.record(user, EventKind::PasswordResetRequested, &request.client);
        }
        Ok(())
    }

    /// The link that resets, and for an account that was registered here and never verified the one that
    /// disowns: its address may belong to somebody who never registered.
    fn reset_links(
        &self,
        mail: &Mail,
        account: &Account,
        kind: LinkKind,
        job: &Job,
    ) -> Result<Vec<(LinkKind, MailLink)>, AuthError> {
        let now = self.clock.now();
        let mut links = vec![self.reset_link(mail, account, kind, job)?];
        if account.mail.disown.is_some() && !account.is_email_verified {
            let token = mail.token(account.id, Purpose::Disown, job.seed)?;
            let (kind, digest) = (LinkKind::Disown, token.digest());
            let disown = MailLink::begin(kind, job.seed, digest, &account.email, now);
            links.push((LinkKind::Disown, disown));
        }
        Ok(links)
    }

    /// The link that resets a password.
    pub(super) fn reset_link(
        &self,
        mail: &Mail,
        account: &Account,
        kind: LinkKind,
        job: &Job,
    ) -> Result<(LinkKind, MailLink), AuthError> {
        let token = mail.token(account.id, Purpose::Reset, job.seed)?;
        let (digest, now) = (token.digest(), self.clock.now());
        let link = MailLink::begin(kind, job.seed, digest, &account.email, now);
        Ok((kind, link))
    }

    /// Sets a new password with a link, and with the second factor where the account has one. Every session,
    /// login and link ends. Opens no session.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`], [`AuthError::OtpRequired`], [`AuthError::WrongCode`], [`AuthError::Passkey`],
    /// [`AuthError::TooManyAttempts`] while codes at links are locked, [`AuthError::Busy`];
    /// [`AuthError::InvalidPassword`], and then the link can be used again.
    pub async fn reset_password(
        &self,
        token: &str,
        password: &NewPassword,
        factor: Option<&SecondFactor>,
        client: &Client,
    ) -> Result<(), AuthError> {
        self.require_mail()?;
        let link = PresentedLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
        let account = self.account_of_link(&link).await?;
        let hash = OnceCell::new();
        let attempt = async |account: &Account| {
            let now = self.clock.now();
            let target = reset_target(account, &link, now).ok_or(AuthError::MailTokenInvalid)?;
            let used = match self.compare_at_link(
                account,
                account.has_second_factor(),
                factor,
                &target,
            )? {
                None => None,
                Some(Compared::Right(used)) => Some(used),
                Some(Compared::Wrong(wrong)) => {
                    return self.refuse_factor(account, &target, wrong, client).await;
                }
            };
            let new = || async {
                let screened = self.screen(password).await?;
                Ok::<_, AuthError>(self.hash_new(client.network(), screened).await?)
            };
            let hash: &PasswordHash = hash.get_or_try_init(new).await?;
            let set = (hash, self.network_note(account, client)?);
            let now = self.clock.now();
            let by = (&target, used.as_ref());
            let done = self.store.reset_password(account, by, set, now).await?;
            Ok(Attempt::done_if(done, (account.clone(), used)))
        };
        let (before, used) = self.retry(account, attempt).await.map_err(gone_is_invalid)?;
        self.forget_address(&before.email).await;
        self.record(before.id, EventKind::PasswordReset, client);
        if let Some(used) = used {
            self.record_used_factor(&before, &used, client);
        }
        self.record_change_cancelled(&before, client);
        Ok(())
    }
}
