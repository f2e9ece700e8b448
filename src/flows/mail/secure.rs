//! "This wasn't me": the owner undoes what somebody else did.

use super::{Mail, gone_is_invalid};
use crate::crypto::mail_token::{self, PresentedSecureLink};
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::event::EventKind;
use crate::domain::mail::job::{Job, JobKind};
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;
use crate::flows::shared::second_factor::Compared;
use crate::storage::Removal;

/// How long a link can be used after its event.
pub(super) const LIFETIME: chrono::TimeDelta = chrono::TimeDelta::hours(72);

impl Auth {
    /// Removes second factors that were made at or after the event of a notice, ends every session and link,
    /// leaves the account without a password, and sends a link that sets a new one.
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`]; [`AuthError::OtpRequired`] if a factor older than the event remains and
    /// none was sent; [`AuthError::WrongCode`]; [`AuthError::Passkey`]; [`AuthError::TooManyAttempts`] while codes at links are locked.
    pub async fn secure_account(
        &self,
        token: &str,
        factor: Option<&SecondFactor>,
        client: &Client,
    ) -> Result<(), AuthError> {
        let mail = self.require_mail()?;
        let link = PresentedSecureLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
        let account = self.store.account(link.user).await?.ok_or(AuthError::MailTokenInvalid)?;
        // A link that a stranger asks for must not replace this one.
        let (kind, job) = if self.knows_network(&account, client)? {
            (LinkKind::ResetFromKnown, JobKind::ResetFromKnown)
        } else {
            (LinkKind::Reset, JobKind::Reset)
        };
        let job = Job::of_kind(link.user, job, mail_token::seed(), self.clock.now());
        let attempt = async |account: &Account| {
            let (now, at) = (self.clock.now(), link.event_at);
            if !self.is_live_secure_link(mail, account, &link) {
                return Err(AuthError::MailTokenInvalid);
            }
            let (removal, target) = (removal(account, at), FactorTarget::Secure(at));
            let used = match self.compare_remaining_factor(account, removal, factor, &target)? {
                None => None,
                Some(Compared::Right(used)) => Some(used),
                Some(Compared::Wrong(wrong)) => {
                    return self.refuse_factor(account, &target, wrong, client).await;
                }
            };
            self.promise(&job).await?;
            let reset = self.reset_link(mail, account, kind, &job)?;
            let by = (at, used.as_ref());
            let done = self.store.secure_account(account, by, removal, &reset, now).await?;
            Ok(Attempt::done_if(done, (account.clone(), used)))
        };
        let (before, used) = self.retry(account, attempt).await.map_err(gone_is_invalid)?;
        self.record(before.id, EventKind::AccountSecured, client);
        if let Some(used) = used {
            self.record_used_factor(&before, &used, client);
        }
        self.record_change_cancelled(&before, client);
        self.keep_promise(mail, &job).await;
        Ok(())
    }

    /// Whether a "This wasn't me" link may still be used.
    pub(super) fn is_live_secure_link(
        &self,
        mail: &Mail,
        account: &Account,
        link: &PresentedSecureLink,
    ) -> bool {
        let at = link.event_at;
        mail.keys.made(link, &account.email)
            && self.clock.now() < at + LIFETIME
            && account.disabled_at.is_none()
            && account.is_email_verified
            && account.secured_at.is_none_or(|secured| secured < at)
            && account.mail.tries_of(at) < MailLink::TRIES_ALLOWED
    }

    /// Compares the factor with those that remain; `None` if none is needed.
    fn compare_remaining_factor(
        &self,
        account: &Account,
        removal: Removal,
        factor: Option<&SecondFactor>,
        target: &FactorTarget<'_>,
    ) -> Result<Option<Compared>, AuthError> {
        Ok(match self.compare_at_link(account, removal.leaves_factor, factor, target)? {
            // What is about to be removed proves nothing.
            Some(Compared::Right(used)) if removal.removes(&used) => {
                Some(Compared::Wrong(used.refused()))
            }
            compared => compared,
        })
    }
}

/// What was made at or after the event. Without a second factor there are no recovery codes either.
fn removal(account: &Account, event_at: Moment) -> Removal {
    let is_new = |made: Option<Moment>| made.is_some_and(|made| made >= event_at);
    let app = account.authenticator.totp();
    let authenticator = app.is_some_and(|totp| is_new(totp.created_at));
    let has_old_passkey = FactorTarget::Secure(event_at).passkeys(account).next().is_some();
    let leaves_factor = has_old_passkey || (app.is_some() && !authenticator);
    let recovery_codes = !leaves_factor || is_new(account.recovery_created_at);
    Removal { authenticator, recovery_codes, leaves_factor }
}
