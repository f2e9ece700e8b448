//! The Basic contract's authenticator: switched on at once, confirmed by the first right code.

use super::Auth;
use super::access::{Fresh, OpenSession};
use super::error::AuthError;
use crate::crypto::provisioning::Provisioning;
use crate::crypto::{recovery_codes, totp};
use crate::domain::account::Account;
use crate::domain::authenticator::{Authenticator, Totp};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::session::{Methods, Session};
use crate::domain::totp::TimeStep;
use crate::storage::Binding;

impl Auth {
    /// Switches an authenticator on, unconfirmed: logins ask for a code from now on, every other
    /// session ends, and the caller's keeps what it needs to scan the QR code or to change its mind.
    ///
    /// `None` says that one was on already, and nothing changed.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] where the session has ended; [`AuthError::TooManyAttempts`].
    pub async fn switch_on(
        &self,
        caller: Fresh<OpenSession>,
    ) -> Result<Option<Vec<RecoveryCode>>, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        if !account.authenticator.is_enabled() {
            self.charge_factor_change(account.id).await?;
        }
        let totp = Totp {
            secret: self.ring.seal(account.id, &totp::generate_secret())?,
            last_step: TimeStep::NONE,
        };
        let codes = recovery_codes::generate_set();
        let digests: Vec<Digest> = codes.iter().map(recovery_codes::digest).collect();
        let bound = Binding { totp, recovery: &digests };
        let attempt = async |account: &Account| {
            let session = self.live_session(account, &session.digest)?;
            let session = session.ok_or(AuthError::NotAuthenticated)?;
            if account.authenticator.is_enabled() {
                return Ok(Some(false));
            }
            let now = self.clock.now();
            let (own, kept) = ((account, &session), proved_by_password_alone(&session, now));
            if !self.store.enable_unconfirmed(own, &bound, &kept, now).await? {
                return Ok(None);
            }
            self.record(account.id, EventKind::EnrolmentBegun, &client);
            self.record_ended_by_change(account, &client);
            Ok(Some(true))
        };
        let switched = self.decide(account, attempt).await?;
        Ok(switched.then_some(codes))
    }

    /// The QR code of an authenticator that no code was right of yet, in PNG.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpNotEnabled`], and [`AuthError::OtpAlreadyVerified`] once it is confirmed:
    /// a secret is not shown after its first right code.
    pub fn unconfirmed_qr_code(&self, caller: &OpenSession) -> Result<Vec<u8>, AuthError> {
        let account = &caller.account;
        let totp = match &account.authenticator {
            Authenticator::Unbound => return Err(AuthError::OtpNotEnabled),
            Authenticator::Bound(_) => return Err(AuthError::OtpAlreadyVerified),
            Authenticator::Unconfirmed(totp) => totp,
        };
        let secret = self.ring.open(account.id, &totp.secret)?;
        let provisioning = Provisioning::new(&secret, &self.rules.otp_issuer, &account.email)?;
        Ok(provisioning.qr_png()?)
    }
}

/// The session after its account's authenticator was replaced or removed: it is worth a password.
pub(super) fn proved_by_password_alone(session: &Session, now: Moment) -> Session {
    let methods = Methods::Password;
    Session { methods, opened_with: None, last_seen_at: now, ..session.clone() }
}
