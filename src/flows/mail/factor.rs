//! The second factor at links: the challenge for a passkey, and what was sent.

use super::gone_is_invalid;
use super::reset::reset_target;
use crate::crypto::mail_token::{PresentedLink, PresentedSecureLink};
use crate::domain::account::Account;
use crate::domain::second_factor::SecondFactor;
use crate::domain::second_factor::target::FactorTarget;
use crate::flows::Auth;
use crate::flows::ask_for_passkey::PasskeyRequest;
use crate::flows::error::AuthError;
use crate::flows::shared::second_factor::Compared;

impl Auth {
    /// Asks for the signature of a passkey, for a link that resets the password or one that says "This wasn't me".
    ///
    /// # Errors
    ///
    /// [`AuthError::MailTokenInvalid`]; [`AuthError::Passkey`] if the account has no passkey that may sign.
    pub async fn ask_for_passkey_at_link(&self, token: &str) -> Result<PasskeyRequest, AuthError> {
        let mail = self.require_mail()?;
        let asked = if let Some(link) = PresentedSecureLink::parse(token) {
            let account =
                self.store.account(link.user).await?.ok_or(AuthError::MailTokenInvalid)?;
            let attempt = async |account: &Account| {
                if !self.is_live_secure_link(mail, account, &link) {
                    return Err(AuthError::MailTokenInvalid);
                }
                self.ask(account, &FactorTarget::Secure(link.event_at)).await
            };
            self.retry(account, attempt).await
        } else {
            let link = PresentedLink::parse(token).ok_or(AuthError::MailTokenInvalid)?;
            let account = self.account_of_link(&link).await?;
            let attempt = async |account: &Account| {
                let target = reset_target(account, &link, self.clock.now());
                self.ask(account, &target.ok_or(AuthError::MailTokenInvalid)?).await
            };
            self.retry(account, attempt).await
        };
        asked.map_err(gone_is_invalid)
    }

    /// Compares the second factor that was sent with a link; `None` if none is needed.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpRequired`] if one is needed and none was sent; [`AuthError::TooManyAttempts`] while
    /// codes at links are locked.
    pub(super) fn compare_at_link(
        &self,
        account: &Account,
        is_needed: bool,
        factor: Option<&SecondFactor>,
        target: &FactorTarget<'_>,
    ) -> Result<Option<Compared>, AuthError> {
        if !is_needed {
            return Ok(None);
        }
        let factor = factor.ok_or(AuthError::OtpRequired)?;
        self.compare(account, factor, target).map(Some)
    }
}
