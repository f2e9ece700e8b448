//! Binding an authenticator app: a secret is shown, a first code of it is proved.

use super::Auth;
use super::access::{Carrier, Fresh, OpenSession, SignedIn};
use super::error::AuthError;
use crate::crypto::provisioning::Provisioning;
use crate::crypto::token::Token;
use crate::crypto::{recovery_codes, totp};
use crate::domain::account::Account;
use crate::domain::authenticator::{Authenticator, PendingEnrolment, Totp};
use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::session::{Methods, Session};
use crate::domain::totp::OtpCode;
use crate::storage::Binding;

/// A confirmed enrolment.
pub struct Enrolled {
    /// The account with its authenticator bound.
    pub account: Account,
    /// The new recovery codes, to be shown once.
    pub recovery_codes: Vec<RecoveryCode>,
    /// The session's new token.
    pub token: Token,
    /// How the session's token travels.
    pub carrier: Carrier,
}

impl Auth {
    /// Makes a pending secret for the caller's session. An active authenticator keeps working until
    /// the new one is proved.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] where the session has ended; [`AuthError::TooManyAttempts`].
    pub async fn begin_enrolment(
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
        self.decide(account, async |account: &Account| {
            let session = self.full_session(account, &session.digest)?;
            Ok(self.store.begin_enrolment(account, &session, &pending).await?.then_some(()))
        })
        .await?;
        self.record(user, EventKind::EnrolmentBegun, &client);
        Ok(provisioning)
    }

    /// What an app needs to be bound, once more, for the session that began the enrolment.
    ///
    /// # Errors
    ///
    /// [`AuthError::NoPendingEnrolment`] where this session has none under way.
    pub fn pending_enrolment(&self, caller: &SignedIn) -> Result<Provisioning, AuthError> {
        let OpenSession { account, session, .. } = &caller.0;
        let now = self.clock.now();
        let pending = account.pending.as_ref().filter(|p| p.is_live_for(&session.id, now));
        let pending = pending.ok_or(AuthError::NoPendingEnrolment)?;
        let secret = self.ring.open(account.id, &pending.secret)?;
        Ok(Provisioning::new(&secret, &self.rules.otp_issuer, &account.email)?)
    }

    /// Proves the first code of the pending secret and binds it: the session gets a new token and
    /// the second level, every other session ends, and ten new recovery codes replace the old.
    ///
    /// # Errors
    ///
    /// [`AuthError::WrongCode`], which is charged where this session has an enrolment under way;
    /// [`AuthError::TooManyAttempts`] while codes are locked.
    pub async fn confirm_enrolment(
        &self,
        caller: Fresh<SignedIn>,
        code: &OtpCode,
    ) -> Result<Enrolled, AuthError> {
        let caller = caller.0.0;
        let token = Token::issue(caller.account.id);
        let recovery_codes = recovery_codes::generate_set();
        let digests: Vec<Digest> = recovery_codes.iter().map(recovery_codes::digest).collect();
        let attempt =
            async |account: &Account| self.bind(account, &caller, code, &token, &digests).await;
        let account = self.decide(caller.account.clone(), attempt).await?;
        Ok(Enrolled { account, recovery_codes, token, carrier: caller.carrier })
    }

    async fn bind(
        &self,
        account: &Account,
        caller: &OpenSession,
        code: &OtpCode,
        token: &Token,
        recovery: &[Digest],
    ) -> Result<Option<Account>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        let now = self.clock.now();
        let pending = account.pending.as_ref().filter(|p| p.is_live_for(&session.id, now));
        let pending = pending.ok_or(AuthError::WrongCode)?;
        self.require_codes_open(account)?;
        let secret = self.ring.open(account.id, &pending.secret)?;
        let step = totp::matching_step(&secret, code, self.rules.otp_window, now);
        let Some(step) = step else {
            let counted =
                self.store.count_wrong_enrolment_code(account, &session, pending, now).await?;
            let Some(in_a_row) = counted else {
                return Ok(None);
            };
            self.record_wrong_code(account, in_a_row, &caller.client);
            return Err(AuthError::WrongCode);
        };
        let totp = Totp { secret: pending.secret.clone(), last_step: step };
        let bound = Binding { totp: totp.clone(), recovery };
        let rotated = Session {
            methods: Methods::PasswordAndOtp,
            opened_with: Some(step),
            ..session.rotated(token.digest(), now)
        };
        let own = (account, &session);
        if !self.store.confirm_enrolment(own, pending, &bound, &rotated, now).await? {
            return Ok(None);
        }
        self.record_enrolment(account, &caller.client);
        let enrolled = Account {
            authenticator: Authenticator::Bound(totp),
            updated_at: now,
            ..account.clone()
        };
        Ok(Some(enrolled))
    }

    fn record_enrolment(&self, before: &Account, client: &Client) {
        let is_replaced = before.authenticator.is_enabled();
        let kind = if is_replaced {
            EventKind::AuthenticatorReplaced
        } else {
            EventKind::EnrolmentConfirmed
        };
        self.record(before.id, kind, client);
        self.record_ended_by_change(before, client);
    }
}
