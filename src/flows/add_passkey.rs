//! Adding a passkey: the browser gets a challenge, then a new credential answers it.

use super::Auth;
use super::access::{Carrier, Fresh, OpenSession, SignedIn};
use super::error::{AuthError, PasskeyError};
use super::shared::passkeys::refused;
use super::shared::retry::Attempt;
use crate::crypto::recovery_codes::RecoverySet;
use crate::crypto::token::{Token, TokenKind};
use crate::crypto::webauthn::Challenge;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::event::EventKind;
use crate::domain::passkey::ceremony::{Attestation, PasskeyEnrolment, PendingChallenge};
use crate::domain::passkey::name::PasskeyName;
use crate::domain::passkey::{NewCredential, Passkey};
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::session::{Methods, Proof, Session};
use crate::storage::{FirstFactor, StoreError};

/// What a browser needs to make a credential.
pub struct PasskeyRegistration {
    /// The challenge, in base64url.
    pub challenge: String,
    /// The relying party's id.
    pub rp_id: String,
    /// The name of the service.
    pub rp_name: String,
    /// The account that it is for, with the passkeys that it has.
    pub account: Account,
}

/// A passkey that was added.
pub struct AddedPasskey {
    /// The passkey.
    pub passkey: Passkey,
    /// What came with the account's first second factor.
    pub first: Option<FirstPasskey>,
}

/// What comes with the first second factor of an account.
pub struct FirstPasskey {
    /// The new recovery codes, to be shown once.
    pub recovery_codes: Vec<RecoveryCode>,
    /// The session's new token.
    pub token: Token,
    /// How the session's token is sent.
    pub carrier: Carrier,
}

/// What an account gets with its first second factor, made before it is known whether this is the first.
struct Prepared {
    token: Token,
    recovery: RecoverySet,
}

/// A passkey that was written.
struct Written {
    passkey: Passkey,
    is_first: bool,
}

impl Auth {
    /// Creates a challenge for a new passkey, which belongs to the caller's session.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::NotAvailable`], [`PasskeyError::TooMany`]; [`AuthError::NotAuthenticated`] if the session has
    /// ended; [`AuthError::TooManyAttempts`].
    pub async fn start_passkey(
        &self,
        caller: Fresh<SignedIn>,
    ) -> Result<PasskeyRegistration, AuthError> {
        let rp_id = self.require_relying_party()?.id().to_owned();
        let OpenSession { account, session, .. } = caller.0.0;
        self.charge_factor_change(account.id).await?;
        let challenge = Challenge::generate();
        let attempt = async |account: &Account| {
            let session = self.full_session(account, &session.digest)?;
            require_room(account)?;
            let challenge = PendingChallenge::begin(challenge.digest(), self.clock.now());
            let enrolment = PasskeyEnrolment { challenge, session: session.id.clone() };
            let begun = self.store.begin_passkey(account, &session, &enrolment).await?;
            Ok(Attempt::done_if(begun, account.clone()))
        };
        let account = self.retry(account, attempt).await?;
        let (challenge, rp_name) = (challenge.encode(), self.rules.service_name.clone());
        Ok(PasskeyRegistration { challenge, rp_id, rp_name, account })
    }

    /// Adds the passkey that answers the session's challenge, which works once. The first second factor turns 2FA
    /// on: the session gets a new token and the second level, every other session ends, and there are ten recovery
    /// codes.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::Invalid`], also for `None`, a credential not of the form; [`PasskeyError::Exists`],
    /// [`PasskeyError::TooMany`], [`PasskeyError::NotAvailable`]; [`AuthError::NotAuthenticated`] if the session has
    /// ended.
    pub async fn add_passkey(
        &self,
        caller: Fresh<SignedIn>,
        attestation: Option<&Attestation>,
        name: Option<&PasskeyName>,
    ) -> Result<AddedPasskey, AuthError> {
        let caller = caller.0.0;
        let token = Token::issue(TokenKind::Session, caller.account.id);
        let prepared = Prepared { token, recovery: RecoverySet::generate() };
        let attempt = async |account: &Account| {
            self.attempt_passkey(account, &caller, (attestation, name), &prepared).await
        };
        let written = self.retry(caller.account.clone(), attempt).await?;
        let first = written.is_first.then_some(FirstPasskey {
            recovery_codes: prepared.recovery.codes,
            token: prepared.token,
            carrier: caller.carrier,
        });
        Ok(AddedPasskey { passkey: written.passkey, first })
    }

    async fn attempt_passkey(
        &self,
        account: &Account,
        caller: &OpenSession,
        (attestation, name): (Option<&Attestation>, Option<&PasskeyName>),
        prepared: &Prepared,
    ) -> Result<Attempt<Written>, AuthError> {
        let session = self.full_session(account, &caller.session.digest)?;
        let now = self.clock.now();
        let begun = account.passkey_enrolments()?;
        let enrolment = begun.iter().find(|one| one.is_live_for(&session.id, now));
        let enrolment = enrolment.ok_or(PasskeyError::Invalid)?;
        let refusal = match self.verify_new(account, enrolment, attestation) {
            Ok(credential) => {
                let name = name.cloned();
                let name = name.unwrap_or_else(|| PasskeyName::suggested(credential.aaguid));
                let passkey = Passkey::of(credential, name, now);
                let own = (account, &session);
                match self.write_passkey(own, enrolment, &passkey, prepared, now).await {
                    Ok(true) => {
                        self.record_passkey(account, &session, caller, now);
                        let is_first = !account.has_second_factor();
                        return Ok(Attempt::Done(Written { passkey, is_first }));
                    }
                    Ok(false) => return Ok(Attempt::Conflict),
                    Err(StoreError::Duplicate) => PasskeyError::Exists.into(),
                    Err(other) => return Err(other.into()),
                }
            }
            Err(refusal) => refusal,
        };
        // A challenge works once, so the answer comes only after it has ended.
        let ended = self.store.end_passkey_enrolment(account, &session, enrolment, now).await?;
        if ended { Err(refusal) } else { Ok(Attempt::Conflict) }
    }

    /// Verifies a new credential, which the account must not have, and have room for.
    fn verify_new(
        &self,
        account: &Account,
        enrolment: &PasskeyEnrolment,
        attestation: Option<&Attestation>,
    ) -> Result<NewCredential, AuthError> {
        let relying_party = self.require_relying_party()?;
        let attestation = attestation.ok_or(PasskeyError::Invalid)?;
        let verified = relying_party.register(&enrolment.challenge.digest, attestation);
        let credential = verified.map_err(refused)?;
        if account.passkey(&credential.id).is_some() {
            return Err(PasskeyError::Exists.into());
        }
        require_room(account)?;
        Ok(credential)
    }

    async fn write_passkey(
        &self,
        (account, session): (&Account, &Session),
        enrolment: &PasskeyEnrolment,
        passkey: &Passkey,
        prepared: &Prepared,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let proof = Proof { methods: Methods::PasswordAndPasskey, step: None };
        let kept = session.rotated(prepared.token.digest(), now).with_proof(proof);
        let first = FirstFactor { recovery: &prepared.recovery.digests, kept: &kept };
        let first = (!account.has_second_factor()).then_some(first);
        self.store.add_passkey((account, session), enrolment, passkey, first, now).await
    }

    fn record_passkey(
        &self,
        account: &Account,
        session: &Session,
        caller: &OpenSession,
        now: Moment,
    ) {
        self.record_at(now, account.id, EventKind::PasskeyAdded, &caller.client);
        if !account.has_second_factor() {
            self.record_ended_by_change(account, Some(&session.digest), &caller.client);
        }
    }
}

fn require_room(account: &Account) -> Result<(), AuthError> {
    if account.passkeys.len() < Passkey::LIMIT { Ok(()) } else { Err(PasskeyError::TooMany.into()) }
}
