//! Checking a second factor, for every call that accepts one.

use super::grant::Grant;
use super::retry::Attempt;
use crate::crypto::{recovery_codes, totp};
use crate::domain::account::Account;
use crate::domain::authenticator::Authenticator;
use crate::domain::client::Client;
use crate::domain::event::EventKind;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::second_factor::target::FactorTarget;
use crate::domain::second_factor::{SecondFactor, UsedFactor, WrongFactor};
use crate::domain::session::Proof;
use crate::domain::throttle::{self, Counter};
use crate::domain::totp::{OtpCode, TimeStep};
use crate::flows::Auth;
use crate::flows::error::{AuthError, PasskeyError};
use crate::metrics::Throttled;

/// A second factor that a client submits, and what it is for.
pub struct Submission<'a> {
    /// The factor.
    pub factor: &'a SecondFactor,
    /// What it is submitted to.
    pub target: FactorTarget<'a>,
    /// Who submits it.
    pub client: &'a Client,
    /// What it grants if it is correct.
    pub grants: Grant<'a>,
}

/// A second factor that was compared with the account's.
pub enum Compared {
    /// It is correct, and used up by the write that accepts it.
    Right(UsedFactor),
    /// It is not accepted, which is to be counted.
    Wrong(WrongFactor),
}

impl Auth {
    /// Checks a second factor and writes the outcome. A wrong one is reported only after a write has
    /// counted it, a correct one succeeds only through a write, and both writes require tries left.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`PasskeyError::Invalid`];
    /// [`AuthError::TooManyAttempts`] while six-digit codes are locked; [`AuthError::OtpNotEnabled`] if the account
    /// has no second factor any more.
    pub(in crate::flows) async fn submit(
        &self,
        account: &Account,
        submission: &Submission<'_>,
    ) -> Result<Attempt<Proof>, AuthError> {
        let Submission { factor, target, client, grants } = submission;
        if !account.has_second_factor() {
            return Err(AuthError::OtpNotEnabled);
        }
        let used = match self.compare(account, factor, target) {
            Ok(Compared::Right(used)) => used,
            Ok(Compared::Wrong(wrong)) => {
                return self.refuse_factor(account, target, wrong, client).await;
            }
            Err(error) => {
                if matches!(error, AuthError::TooManyAttempts(_)) {
                    self.record_merged(account.id, EventKind::SignInRefused, client);
                }
                return Err(error);
            }
        };
        let now = self.clock.now();
        let Some(proof) = grants.proof(&used) else {
            return self.refuse_factor(account, target, used.refused(), client).await;
        };
        let opening = grants.opening(proof, now);
        if !self.store.accept_factor(account, target, &used, opening.as_ref(), now).await? {
            return Ok(Attempt::Conflict);
        }
        let is_code = matches!(used, UsedFactor::Code(_));
        if is_code && matches!(account.authenticator, Authenticator::Unconfirmed(_)) {
            self.record_at(now, account.id, EventKind::EnrolmentConfirmed, *client);
            self.record_ended_by_change(account, target.digest(), client);
        }
        self.record_used_factor(account, &used, client);
        Ok(Attempt::Done(proof))
    }

    /// Compares a second factor with the account's. It changes nothing: the caller writes the outcome.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`] while six-digit codes are locked for the target.
    pub(in crate::flows) fn compare(
        &self,
        account: &Account,
        factor: &SecondFactor,
        target: &FactorTarget<'_>,
    ) -> Result<Compared, AuthError> {
        Ok(match factor {
            SecondFactor::Otp(code) => {
                let Some(totp) = account.authenticator.totp() else {
                    return Ok(Compared::Wrong(WrongFactor::Unguessable));
                };
                self.require_codes_open(target.codes(account))?;
                match self.step_of(account, code)? {
                    Some(step) if step > totp.last_step => Compared::Right(UsedFactor::Code(step)),
                    Some(_) => Compared::Wrong(WrongFactor::UsedCode),
                    None => Compared::Wrong(WrongFactor::Code),
                }
            }
            SecondFactor::Recovery(code) => {
                let digest = recovery_codes::digest(code);
                if account.recovery_codes()?.contains(&digest) {
                    Compared::Right(UsedFactor::Recovery(digest))
                } else {
                    Compared::Wrong(WrongFactor::Unguessable)
                }
            }
            SecondFactor::Passkey(assertion) => {
                self.compare_passkey(account, assertion.as_deref(), target)?
            }
        })
    }

    /// Refuses a wrong second factor once it was counted.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`PasskeyError::Invalid`].
    pub(in crate::flows) async fn refuse_factor<T>(
        &self,
        account: &Account,
        target: &FactorTarget<'_>,
        wrong: WrongFactor,
        client: &Client,
    ) -> Result<Attempt<T>, AuthError> {
        let now = self.clock.now();
        let counted = self.store.count_wrong_factor(account, target, wrong, now).await?;
        let Some(in_a_row) = counted else {
            return Ok(Attempt::Conflict);
        };
        self.notify_if_spent(account, target);
        let user = account.id;
        Err(match wrong {
            WrongFactor::Code | WrongFactor::UsedCode => {
                self.record_wrong_code(account, in_a_row, client);
                if wrong == WrongFactor::UsedCode && !target.is_link() {
                    AuthError::CodeAlreadyUsed
                } else {
                    AuthError::WrongCode
                }
            }
            WrongFactor::Unguessable => {
                self.record(user, EventKind::WrongCode, client);
                AuthError::WrongCode
            }
            WrongFactor::Passkey => {
                self.record(user, EventKind::WrongPasskey, client);
                PasskeyError::Invalid.into()
            }
            WrongFactor::CopiedPasskey => {
                self.record(user, EventKind::PasskeyCounterRefused, client);
                PasskeyError::Invalid.into()
            }
        })
    }

    /// Records that a recovery code was used up.
    pub(in crate::flows) fn record_used_factor(
        &self,
        account: &Account,
        used: &UsedFactor,
        client: &Client,
    ) {
        if matches!(used, UsedFactor::Recovery(_)) {
            self.record(account.id, EventKind::RecoveryCodeUsed, client);
        }
    }

    /// After the last try of a login challenge, its second factor will not come.
    fn notify_if_spent(&self, account: &Account, target: &FactorTarget<'_>) {
        if let FactorTarget::Challenge(challenge) = target
            && challenge.tries + 1 >= LoginChallenge::TRIES_ALLOWED
        {
            self.event_log.count_ended_challenge();
            self.second_factor_will_not_come(account, challenge);
        }
    }

    /// Records a wrong code that was counted, and the lock that it caused, if any.
    pub(in crate::flows) fn record_wrong_code(
        &self,
        account: &Account,
        in_a_row: u32,
        client: &Client,
    ) {
        self.record(account.id, EventKind::WrongCode, client);
        let counter = Counter { failed: in_a_row, at: self.clock.now() };
        if !throttle::CODES.admits(counter, self.clock.now()) {
            self.record(account.id, EventKind::CodesLocked, client);
        }
    }

    /// The step that a code belongs to, if it is one of those accepted now.
    pub(in crate::flows) fn step_of(
        &self,
        account: &Account,
        code: &OtpCode,
    ) -> Result<Option<TimeStep>, AuthError> {
        let Some(totp) = account.authenticator.totp() else {
            return Ok(None);
        };
        let secret = self.ring.open(account.id, &totp.secret)?;
        Ok(totp::matching_step(&secret, code, self.rules.otp_window, self.clock.now()))
    }

    /// Requires that six-digit codes are not locked by this count of wrong ones.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`].
    pub(in crate::flows) fn require_codes_open(&self, codes: Counter) -> Result<(), AuthError> {
        let now = self.clock.now();
        if throttle::CODES.admits(codes, now) {
            return Ok(());
        }
        Err(self.throttled(Throttled::Codes, throttle::CODES.retry_after(codes, now)))
    }
}
