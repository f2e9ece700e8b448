//! The second factor that a link asks for.

use crate::crypto::recovery_codes;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::event::EventKind;
use crate::domain::second_factor::SecondFactor;
use crate::domain::throttle;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::shared::retry::Attempt;
use crate::storage::FactorProof;

/// A second factor that was compared with the account's.
pub(super) enum Compared {
    /// It is right, or none is needed.
    Right(FactorProof),
    /// It is wrong, and to be counted.
    Wrong {
        /// Whether it is a six-digit code, which also counts against the account.
        is_code: bool,
    },
}

impl Auth {
    /// Refuses a wrong second factor once it was counted. `counted` is how many wrong codes there are at links in
    /// a row now, or `None` if nothing was counted.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`].
    pub(super) fn refuse_factor<T>(
        &self,
        account: &Account,
        counted: Option<u32>,
        is_code: bool,
        client: &Client,
    ) -> Result<Attempt<T>, AuthError> {
        match counted {
            None => return Ok(Attempt::Conflict),
            Some(in_a_row) if is_code => self.record_wrong_code(account, in_a_row, client),
            Some(_) => self.record(account.id, EventKind::WrongCode, client),
        }
        Err(AuthError::WrongCode)
    }

    /// Records the recovery code that a link used up.
    pub(super) fn record_used_factor(
        &self,
        account: &Account,
        proof: FactorProof,
        client: &Client,
    ) {
        if matches!(proof, FactorProof::Recovery(_)) {
            self.record(account.id, EventKind::RecoveryCodeUsed, client);
        }
    }

    /// Compares the second factor that was sent with a link. Wrong codes at links have a budget of their own,
    /// with the rule of logins; neither locks the other.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpRequired`] if one is needed and none was sent; [`AuthError::TooManyAttempts`] while
    /// codes at links are locked.
    pub(super) fn compare_factor(
        &self,
        account: &Account,
        factor: Option<&SecondFactor>,
    ) -> Result<Compared, AuthError> {
        let Some(totp) = account.authenticator.totp() else {
            return Ok(Compared::Right(FactorProof::NotNeeded));
        };
        Ok(match factor.ok_or(AuthError::OtpRequired)? {
            SecondFactor::Otp(code) => {
                let (read, now) = (account.mail.codes, self.clock.now());
                if !throttle::CODES.admits(read, now) {
                    let wait = throttle::CODES.retry_after(read, now);
                    return Err(AuthError::TooManyAttempts(wait));
                }
                match self.step_of(account, code)?.filter(|step| *step > totp.last_step) {
                    Some(step) => Compared::Right(FactorProof::Code(step)),
                    None => Compared::Wrong { is_code: true },
                }
            }
            SecondFactor::Recovery(code) => {
                let digest = recovery_codes::digest(code);
                if account.recovery_codes()?.contains(&digest) {
                    Compared::Right(FactorProof::Recovery(digest))
                } else {
                    Compared::Wrong { is_code: false }
                }
            }
        })
    }
}
