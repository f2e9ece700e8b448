//! Setting up an authenticator app: a new secret is shown, then its first code is confirmed.

use super::Auth;
use super::access::{Carrier, Fresh, OpenSession, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use crate::crypto::provisioning::Provisioning;
use crate::crypto::recovery_codes::RecoverySet;
use crate::crypto::token::{Token, TokenKind};
use crate::crypto::totp;
use crate::domain::account::Account;
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Totp};
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::session::Proof;
use crate::domain::totp::OtpCode;
use crate::storage::Enrolled;

/// The outcome of a confirmed setup.
pub struct ConfirmedSetup {
    /// The account as it was written.
    pub account: Account,
    /// The new recovery codes, to be shown once.
    pub recovery_codes: Vec<RecoveryCode>,
    /// The session's new token.
    pub token: Token,
    /// How the session's token is sent.
    pub carrier: Carrier,
}

impl Auth {
    /// Creates a new secret, pending for the caller's session. An active authenticator keeps working until
    /// the new one is confirmed.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if the session has ended; [`AuthError::TooManyAttempts`].
    pub async fn start_otp_setup(
        &self,
        caller: Fresh<SignedIn>,
    ) -> Result<Provisioning, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0.0;
        let user = account.id;
        self.charge_factor_change(user).await?;
        let secret = totp::generate_secret();
        let provisioning = Provisioning::new(&secret, &self.rules.otp_issuer, &account.email)?;
        let pending = PendingEnrolment {
            secret: self.ring.seal(account.id, &secret)?,
            session: session.id,
            until: self.clock.now() + PendingEnrolment::LIFETIME,
            tries: 0,
        };
        self.retry(account, async |account: &Account| {
            let session = self.full_session(account, &session.digest)?;
            let begun = self.store.begin_enrolment(account, &session, &pending).await?;
            Ok(Attempt::of(begun))
        })
        .await?;
        self.record(user, EventKind::EnrolmentBegun, &client);
        Ok(provisioning)
    }

    /// Returns the pending secret again, for the session that started the setup.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoPendingEnrolment`] if this session has none.
    pub fn pending_enrolment(&self, caller: &SignedIn) -> Result<Provisioning, AuthError> {
        let OpenSession { account, session, .. } = &caller.0;
        let pending = account.pending_for(&session.id, self.clock.now());
        let pending = pending.ok_or(AuthError::NoPendingEnrolment)?;
        let secret = self.ring.open(account.id, &pending.secret)?;
        Ok(Provisioning::new(&secret, &self.rules.otp_issuer, &account.email)?)
    }

    /// Confirms the pending secret by its first code. The session gets a new token and the second
    /// level, every other session ends, and ten new recovery codes replace the old ones.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], which is charged if this session has a pending enrolment;
    /// [`AuthError::TooManyAttempts`] while codes are locked.
    pub async fn confirm_otp_setup(
        &self,
        caller: Fresh<SignedIn>,
        code: &OtpCode,
    ) -> Result<ConfirmedSetup, AuthError> {
        let caller = caller.0.0;
        let token = Token::issue(TokenKind::Session, caller.account.id);
        let recovery = RecoverySet::generate();
        let attempt = async |account: &Account| {
            self.confirm(account, &caller, code, token.digest(), &recovery.digests).await
        };
        let account = self.retry(caller.account.clone(), attempt).await?;
        let carrier = caller.carrier;
        Ok(ConfirmedSetup { account, recovery_codes: recovery.codes, token, carrier })
    }

    async fn confirm(
        &self,
        account: &Account,
        caller: &OpenSession,
        code: &OtpCode,
        token: Digest,
        recovery: &[Digest],
    ) -> Result<Attempt<Account>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        let now = self.clock.now();
        let pending = account.pending_for(&session.id, now).ok_or(AuthError::WrongCode)?;
        self.require_codes_open(account.codes)?;
        let secret = self.ring.open(account.id, &pending.secret)?;
        let step = totp::matching_step(&secret, code, self.rules.otp_window, now);
        let Some(step) = step else {
            let counted =
                self.store.count_wrong_enrolment_code(account, &session, pending, now).await?;
            let Some(in_a_row) = counted else {
                return Ok(Attempt::Conflict);
            };
            self.record_wrong_code(account, in_a_row, &caller.client);
            return Err(AuthError::WrongCode);
        };
        let secret = pending.secret.clone();
        let totp = Totp { secret, last_step: step, created_at: Some(now) };
        let changed = account.with_authenticator(Authenticator::Confirmed(totp.clone()), now);
        let proof = Proof { methods: session.methods.with_app(), step: Some(step) };
        let kept = session.rotated(token, now).with_proof(proof);
        let (own, enrolled) = ((account, &session), Enrolled { totp, recovery });
        if !self.store.confirm_enrolment(own, pending, &enrolled, &kept, now).await? {
            return Ok(Attempt::Conflict);
        }
        let kind = if account.authenticator.is_enabled() {
            EventKind::AuthenticatorReplaced
        } else {
            EventKind::EnrolmentConfirmed
        };
        self.record_at(now, account.id, kind, &caller.client);
        self.record_ended_by_change(account, Some(&session.digest), &caller.client);
        Ok(Attempt::Done(changed))
    }
}
