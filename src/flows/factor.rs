//! The second factor, at whichever door it is given.

use chrono::TimeDelta;

use super::Auth;
use super::error::AuthError;
use crate::crypto::{recovery_codes, totp};
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::client::Client;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::{RecoveryCode, SecondFactor};
use crate::domain::session::Methods;
use crate::domain::throttle::{self, Counter};
use crate::domain::totp::{OtpCode, TimeStep};
use crate::storage::{Door, Opening};

/// A door, and who stands at it.
pub(super) type AtDoor<'a> = (&'a Door<'a>, &'a Client);

/// What a right factor proves, for the session it opens.
pub(super) type Proof = (Methods, Option<TimeStep>);

impl Auth {
    /// Checks a second factor and writes the outcome down: a wrong one is answered only after a
    /// write has counted it, a right one succeeds only by a write, and both need budget left.
    ///
    /// `None` says that nothing was written because the account changed: read it and decide again.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`]; [`AuthError::TooManyAttempts`]
    /// while six-digit codes are locked; [`AuthError::NoAuthenticator`].
    pub(super) async fn present_factor(
        &self,
        account: &Account,
        door: AtDoor<'_>,
        factor: &SecondFactor,
        opening: impl Fn(Proof) -> Option<Opening>,
    ) -> Result<Option<Proof>, AuthError> {
        match factor {
            SecondFactor::Otp(code) => self.present_code(account, door, code, opening).await,
            SecondFactor::Recovery(code) => {
                self.present_recovery_code(account, door, code, opening).await
            }
        }
    }

    async fn present_code(
        &self,
        account: &Account,
        (door, client): AtDoor<'_>,
        code: &OtpCode,
        opening: impl Fn(Proof) -> Option<Opening>,
    ) -> Result<Option<Proof>, AuthError> {
        if let Err(locked) = self.require_codes_open(account) {
            self.record_merged(account.id, EventKind::SignInRefused, client);
            return Err(locked);
        }
        let totp = account.authenticator.totp().ok_or(AuthError::NoAuthenticator)?;
        let now = self.clock.now();
        let step = self.step_of(account, code)?;
        if let Some(step) = step.filter(|step| *step > totp.last_step) {
            let proof = (Methods::PasswordAndOtp, Some(step));
            let opening = opening(proof);
            if !self.store.accept_code(account, door, step, opening.as_ref(), now).await? {
                return Ok(None);
            }
            if matches!(account.authenticator, Authenticator::Unconfirmed(_)) {
                self.record(account.id, EventKind::EnrolmentConfirmed, client);
                self.record_ended_by_change(account, client);
            }
            return Ok(Some(proof));
        }
        let Some(in_a_row) = self.store.count_wrong_code(account, door, now).await? else {
            return Ok(None);
        };
        self.record_wrong_code(account, in_a_row, client);
        Err(if step.is_some() { AuthError::CodeAlreadyUsed } else { AuthError::WrongCode })
    }

    async fn present_recovery_code(
        &self,
        account: &Account,
        (door, client): AtDoor<'_>,
        code: &RecoveryCode,
        opening: impl Fn(Proof) -> Option<Opening>,
    ) -> Result<Option<Proof>, AuthError> {
        let (now, digest) = (self.clock.now(), recovery_codes::digest(code));
        if !account.lists.recovery()?.contains(&digest) {
            let counted = self.store.count_wrong_recovery_code(account, door, now).await?;
            if !counted {
                return Ok(None);
            }
            self.record(account.id, EventKind::WrongCode, client);
            return Err(AuthError::WrongCode);
        }
        let proof = (Methods::PasswordAndRecoveryCode, None);
        let opening = opening(proof);
        let used =
            self.store.use_recovery_code(account, door, &digest, opening.as_ref(), now).await?;
        if used {
            self.record(account.id, EventKind::RecoveryCodeUsed, client);
        }
        Ok(used.then_some(proof))
    }

    /// Leaves the events of a wrong code that was counted.
    pub(super) fn record_wrong_code(&self, account: &Account, in_a_row: u32, client: &Client) {
        self.record(account.id, EventKind::WrongCode, client);
        let counter = Counter { failed: in_a_row, at: self.clock.now() };
        if !throttle::CODES.admits(counter, self.clock.now()) {
            self.record(account.id, EventKind::CodesLocked, client);
        }
    }

    /// The step that a code belongs to, if it is one of those accepted now.
    pub(super) fn step_of(
        &self,
        account: &Account,
        code: &OtpCode,
    ) -> Result<Option<TimeStep>, AuthError> {
        let totp = account.authenticator.totp().ok_or(AuthError::NoAuthenticator)?;
        let secret = self.ring.open(account.id, &totp.secret)?;
        Ok(totp::matching_step(&secret, code, self.rules.otp_window, self.clock.now()))
    }

    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] while six-digit codes are locked.
    pub(super) fn require_codes_open(&self, account: &Account) -> Result<(), AuthError> {
        let now = self.clock.now();
        if throttle::CODES.admits(account.codes, now) {
            return Ok(());
        }
        let wait = throttle::CODES.retry_after(account.codes, now);
        Err(AuthError::TooManyAttempts(wait.max(TimeDelta::seconds(1))))
    }
}
