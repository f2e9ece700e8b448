//! Checking a second factor, for every call that accepts one.

use super::retry::Attempt;
use crate::crypto::{recovery_codes, totp};
use crate::domain::account::Account;
use crate::domain::authenticator::{Authenticator, Totp};
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::second_factor::SecondFactor;
use crate::domain::session::{Methods, NewSession, Proof, Session};
use crate::domain::throttle::{self, Counter};
use crate::domain::totp::{OtpCode, TimeStep};
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::storage::{FactorTarget, NetworkNote, Opening};

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

/// What a correct second factor grants.
pub enum Grant<'a> {
    /// Nothing: it is checked and used up.
    Nothing,
    /// A new session.
    NewSession {
        /// The session.
        session: NewSession<'a>,
        /// What to record about its network.
        network: NetworkNote,
    },
    /// The session that submits it, authenticated again.
    Renewal {
        /// The session.
        session: &'a Session,
        /// Digest of its new token.
        digest: Digest,
    },
}

impl Grant<'_> {
    fn opening(&self, proof: Proof, now: Moment) -> Option<Opening> {
        match self {
            Self::Nothing => None,
            Self::NewSession { session, network } => Some(Opening {
                session: session.begin(proof, now),
                in_place_of: None,
                network: *network,
            }),
            Self::Renewal { session, digest } => Some(Opening {
                session: session.renewed(*digest, proof, now),
                in_place_of: Some(session.digest),
                network: NetworkNote::Nothing,
            }),
        }
    }
}

impl Auth {
    /// Checks a second factor and writes the outcome. A wrong one is reported only after a write has
    /// counted it, a correct one succeeds only through a write, and both writes require tries left.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`]; [`AuthError::TooManyAttempts`]
    /// while six-digit codes are locked; [`AuthError::OtpNotEnabled`].
    pub(in crate::flows) async fn submit(
        &self,
        account: &Account,
        submission: &Submission<'_>,
    ) -> Result<Attempt<Proof>, AuthError> {
        let totp = account.authenticator.totp().ok_or(AuthError::OtpNotEnabled)?;
        match submission.factor {
            SecondFactor::Otp(code) => self.submit_code((account, totp), code, submission).await,
            SecondFactor::Recovery(code) => {
                self.submit_recovery_code(account, code, submission).await
            }
        }
    }

    async fn submit_code(
        &self,
        (account, totp): (&Account, &Totp),
        code: &OtpCode,
        submission: &Submission<'_>,
    ) -> Result<Attempt<Proof>, AuthError> {
        let Submission { target, client, grants, .. } = submission;
        if let Err(locked) = self.require_codes_open(account) {
            self.record_merged(account.id, EventKind::SignInRefused, client);
            return Err(locked);
        }
        let now = self.clock.now();
        let step = self.step_of(account, code)?;
        if let Some(step) = step.filter(|step| *step > totp.last_step) {
            let proof = Proof { methods: Methods::PasswordAndOtp, step: Some(step) };
            let opening = grants.opening(proof, now);
            if !self.store.accept_code(account, target, step, opening.as_ref(), now).await? {
                return Ok(Attempt::Conflict);
            }
            if matches!(account.authenticator, Authenticator::Unconfirmed(_)) {
                self.record_at(now, account.id, EventKind::EnrolmentConfirmed, *client);
                self.record_ended_by_change(account, target.digest(), client);
            }
            return Ok(Attempt::Done(proof));
        }
        let Some(in_a_row) = self.store.count_wrong_code(account, target, now).await? else {
            return Ok(Attempt::Conflict);
        };
        self.record_wrong_code(account, in_a_row, client);
        self.tell_if_spent(account, target);
        Err(if step.is_some() { AuthError::CodeAlreadyUsed } else { AuthError::WrongCode })
    }

    async fn submit_recovery_code(
        &self,
        account: &Account,
        code: &RecoveryCode,
        submission: &Submission<'_>,
    ) -> Result<Attempt<Proof>, AuthError> {
        let Submission { target, client, grants, .. } = submission;
        let (now, digest) = (self.clock.now(), recovery_codes::digest(code));
        if !account.recovery_codes()?.contains(&digest) {
            if !self.store.count_wrong_recovery_code(account, target, now).await? {
                return Ok(Attempt::Conflict);
            }
            self.record(account.id, EventKind::WrongCode, *client);
            self.tell_if_spent(account, target);
            return Err(AuthError::WrongCode);
        }
        let proof = Proof { methods: Methods::PasswordAndRecoveryCode, step: None };
        let opening = grants.opening(proof, now);
        let used =
            self.store.use_recovery_code(account, target, &digest, opening.as_ref(), now).await?;
        if used {
            self.record(account.id, EventKind::RecoveryCodeUsed, *client);
        }
        Ok(Attempt::done_if(used, proof))
    }

    /// After the last try of a login challenge, its second factor will not come.
    fn tell_if_spent(&self, account: &Account, target: &FactorTarget<'_>) {
        if let FactorTarget::Challenge(challenge) = target
            && challenge.tries + 1 >= LoginChallenge::TRIES_ALLOWED
        {
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
        let totp = account.authenticator.totp().ok_or(AuthError::OtpNotEnabled)?;
        let secret = self.ring.open(account.id, &totp.secret)?;
        Ok(totp::matching_step(&secret, code, self.rules.otp_window, self.clock.now()))
    }

    /// Requires that six-digit codes are not locked.
    ///
    /// # Errors
    ///
    /// [`AuthError::TooManyAttempts`].
    pub(in crate::flows) fn require_codes_open(&self, account: &Account) -> Result<(), AuthError> {
        let now = self.clock.now();
        if throttle::CODES.admits(account.codes, now) {
            return Ok(());
        }
        Err(AuthError::TooManyAttempts(throttle::CODES.retry_after(account.codes, now)))
    }
}
