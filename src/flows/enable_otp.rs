//! Enabling an authenticator app by the Basic contract: it is enabled at once, and the first correct
//! code confirms it.

use super::Auth;
use super::access::{Fresh, OpenSession};
use super::error::AuthError;
use super::shared::retry::Attempt;
use crate::crypto::provisioning::Provisioning;
use crate::crypto::recovery_codes::RecoverySet;
use crate::crypto::totp;
use crate::domain::account::Account;
use crate::domain::authenticator::{Authenticator, Totp};
use crate::domain::event::EventKind;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::totp::TimeStep;
use crate::storage::Enrolled;

impl Auth {
    /// Enables an unconfirmed authenticator. Logins require a code from now on, every other session
    /// ends, and the caller's session may still fetch the QR code or disable the authenticator again.
    ///
    /// Returns `None` if the account already had an authenticator; then nothing changed.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if the session has ended; [`AuthError::TooManyAttempts`].
    pub async fn enable_otp(
        &self,
        caller: Fresh<OpenSession>,
    ) -> Result<Option<Vec<RecoveryCode>>, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        if account.authenticator.is_enabled() {
            return Ok(None);
        }
        self.charge_factor_change(account.id).await?;
        let secret = self.ring.seal(account.id, &totp::generate_secret())?;
        let recovery = RecoverySet::generate();
        let attempt = async |account: &Account| {
            let session = self.require_session(account, &session.digest)?;
            if account.authenticator.is_enabled() {
                return Ok(Attempt::Done(false));
            }
            let now = self.clock.now();
            let secret = secret.clone();
            let totp = Totp { secret, last_step: TimeStep::NONE, created_at: Some(now) };
            let enrolled = Enrolled { totp, recovery: &recovery.digests };
            let kept = session.after_change_of_app(!account.passkeys.is_empty(), now);
            let own = (account, &session);
            if !self.store.enable_unconfirmed(own, &enrolled, &kept, now).await? {
                return Ok(Attempt::Conflict);
            }
            self.record_at(now, account.id, EventKind::AuthenticatorEnabled, &client);
            self.record_ended_by_change(account, Some(&session.digest), &client);
            Ok(Attempt::Done(true))
        };
        let enabled = self.retry(account, attempt).await?;
        Ok(enabled.then_some(recovery.codes))
    }

    /// The QR code of an unconfirmed authenticator, as PNG. Where the account has another second factor, the sign-in
    /// must be recent and include one: the code that the secret makes would replace it.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpNotEnabled`]; [`AuthError::OtpAlreadyVerified`] after the first correct code;
    /// [`AuthError::ReauthenticationRequired`].
    pub fn unconfirmed_qr_code(&self, caller: &OpenSession) -> Result<Vec<u8>, AuthError> {
        let account = &caller.account;
        let totp = match &account.authenticator {
            Authenticator::None => return Err(AuthError::OtpNotEnabled),
            Authenticator::Confirmed(_) => return Err(AuthError::OtpAlreadyVerified),
            Authenticator::Unconfirmed(totp) => totp,
        };
        if account.has_confirmed_factor() {
            self.check_fresh(caller)?;
        }
        let secret = self.ring.open(account.id, &totp.secret)?;
        let provisioning = Provisioning::new(&secret, &self.rules.otp_issuer, &account.email)?;
        Ok(provisioning.qr_png()?)
    }
}
