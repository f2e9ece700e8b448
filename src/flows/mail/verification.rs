//! Verifying the address of an account, and disowning an account that somebody else registered.

use super::limits::LimitedMail;
use super::{Mail, gone_is_invalid};
use crate::crypto::mail_token::{self, PresentedLink, Purpose};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::ids::UserId;
use crate::domain::mail::job::{Job, JobKind};
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::mail::seed::Seed;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;

impl Auth {
    /// Sends a new link that verifies the caller's address, or silently none beyond the limits.
    ///
    /// # Errors
    ///
    /// [`AuthError::EmailAlreadyVerified`]; [`AuthError::TooManyAttempts`] by network.
    pub async fn request_verification(&self, caller: SignedIn) -> Result<(), AuthError> {
        self.require_mail()?;
        let caller = caller.0;
        if caller.account.is_email_verified {
            return Err(AuthError::EmailAlreadyVerified);
        }
        self.charge_mail_of_network("verifications of a network", &caller.client).await?;
        self.send_verification(caller.account).await
    }

    /// Verifies an address by its link.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`].
    pub async fn verify_email(&self, token: &str, client: &Client) -> Result<(), AuthError> {
        self.require_mail()?;
        let link = PresentedLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
        let account = self.account_of_link(&link).await?;
        let attempt = async |account: &Account| {
            let now = self.clock.now();
            account
                .live_link(LinkKind::Verify, &link.digest, now)
                .ok_or(AuthError::MailTokenInvalid)?;
            let verified = self.store.verify_email(account, &link.digest, now).await?;
            Ok(Attempt::done_if(verified, account.clone()))
        };
        let before = self.retry(account, attempt).await.map_err(gone_is_invalid)?;
        self.record(link.user, EventKind::EmailVerified, client);
        self.record_change_cancelled(&before, client);
        Ok(())
    }

    /// Deletes an account whose address was never verified, by the link for who did not register it.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`].
    pub async fn disown(&self, token: &str, client: &Client) -> Result<(), AuthError> {
        self.require_mail()?;
        let link = PresentedLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
        let account = self.account_of_link(&link).await?;
        let email = account.email.clone();
        let attempt = async |account: &Account| {
            let now = self.clock.now();
            let live = account.live_link(LinkKind::Disown, &link.digest, now);
            live.filter(|_| !account.is_email_verified).ok_or(AuthError::MailTokenInvalid)?;
            Ok(Attempt::of(self.store.disown(account, &link.digest, now).await?))
        };
        self.retry(account, attempt).await.map_err(gone_is_invalid)?;
        self.forget_address(&email).await;
        self.record(link.user, EventKind::AccountDisowned, client);
        Ok(())
    }

    /// Refuses a login to an account whose address must be verified first, and sends it a new link.
    ///
    /// # Errors
    ///
    /// [`AuthError::EmailNotVerified`].
    pub(in crate::flows) async fn require_verified_email(
        &self,
        account: &Account,
    ) -> Result<(), AuthError> {
        let required = self.mail.as_ref().is_some_and(|mail| mail.rules.requires_verified);
        if !required || account.is_email_verified {
            return Ok(());
        }
        self.send_verification(account.clone()).await?;
        Err(AuthError::EmailNotVerified)
    }

    async fn send_verification(&self, account: Account) -> Result<(), AuthError> {
        let mail = self.require_mail()?;
        if !self.may_mail(&account.email, LimitedMail::Verify).await? {
            return Ok(());
        }
        let (user, seed) = (account.id, mail_token::seed());
        let job = Job::of_kind(user, JobKind::Verify, seed, self.clock.now());
        self.promise(&job).await?;
        let is_disownable = account.mail.disown.is_some();
        let stored = self.retry(account, async |account: &Account| {
            if account.is_email_verified || account.disabled_at.is_some() {
                return Ok(Attempt::Done(false));
            }
            let mut links = self.registration_links(mail, user, &account.email, seed)?;
            links.retain(|(kind, _)| is_disownable || *kind != LinkKind::Disown);
            Ok(Attempt::done_if(self.store.begin_links(account, &links).await?, true))
        });
        if stored.await? {
            self.keep_promise(mail, &job).await;
        }
        Ok(())
    }

    /// What a new account stores about the mail that it is sent, and the job, which waits for the account.
    pub(in crate::flows) async fn begin_registration_mail(
        &self,
        user: UserId,
        email: &EmailAddress,
    ) -> Result<(Option<Job>, Vec<(LinkKind, MailLink)>), AuthError> {
        let Some(mail) = &self.mail else {
            return Ok((None, Vec::new()));
        };
        let seed = mail_token::seed();
        let links = self.registration_links(mail, user, email, seed)?;
        let job = Job::of_kind(user, JobKind::Verify, seed, self.clock.now());
        self.promise(&job).await?;
        Ok((Some(job), links))
    }

    /// Sends the mail of an account that was just created, unless it is one too many. It is counted only now: an attempt
    /// that created no account sends nothing, and must not take the mail from the next one.
    pub(in crate::flows) async fn finish_registration_mail(
        &self,
        email: &EmailAddress,
        job: Option<Job>,
    ) {
        let (Some(mail), Some(job)) = (&self.mail, job) else {
            return;
        };
        match self.may_mail(email, LimitedMail::Verify).await {
            Ok(false) => self.break_promise(&job).await,
            // Where the database does not count it, it is sent.
            Ok(true) | Err(_) => self.keep_promise(mail, &job).await,
        }
    }

    fn registration_links(
        &self,
        mail: &Mail,
        user: UserId,
        email: &EmailAddress,
        seed: Seed,
    ) -> Result<Vec<(LinkKind, MailLink)>, AuthError> {
        let now = self.clock.now();
        let link = |kind, purpose| {
            let token = mail.token(user, purpose, seed)?;
            Ok((kind, MailLink::begin(kind, seed, token.digest(), email, now)))
        };
        [(LinkKind::Verify, Purpose::Verify), (LinkKind::Disown, Purpose::Disown)]
            .into_iter()
            .map(|(kind, purpose)| link(kind, purpose))
            .collect()
    }
}
