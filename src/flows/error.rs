//! Why a use case failed.

use std::error::Error;

use chrono::TimeDelta;

use crate::crypto::hashing::HashingError;
use crate::crypto::jwt::SignError;
use crate::crypto::provisioning::ProvisioningError;
use crate::crypto::seal::SealError;
use crate::domain::invalid::Invalid;
use crate::domain::lists::Malformed;
use crate::storage::StoreError;

/// A reason that the caller can act on, or a fault that is only logged.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The address is registered already.
    #[error("the account exists already")]
    AccountExists,
    /// The address, the password or both are wrong; the caller does not learn which.
    #[error("the credentials were not accepted")]
    IncorrectCredentials,
    /// The password is correct, but the operator disabled the account.
    #[error("the account is disabled")]
    AccountDisabled,
    /// There is no live session.
    #[error("there is no live session")]
    NotAuthenticated,
    /// There is no live session or login challenge to submit a second factor to.
    #[error("there is no live login")]
    LoginExpired,
    /// The account was deleted while the request was handled.
    #[error("the account was deleted")]
    AccountGone,
    /// A second factor is needed first.
    #[error("a second factor is required")]
    OtpRequired,
    /// The sign-in is too old for a sensitive action.
    #[error("the session is not fresh")]
    ReauthenticationRequired,
    /// The code is wrong.
    #[error("the code was not accepted")]
    WrongCode,
    /// The code is correct, but was used before (RFC 6238, section 5.2).
    #[error("the code was used before")]
    CodeAlreadyUsed,
    /// The password is wrong, in a request within a session.
    #[error("the password was not accepted")]
    WrongPassword,
    /// The new password breaks a rule.
    #[error("the new password is not accepted: {}", .0.code)]
    InvalidPassword(Invalid),
    /// The account has no authenticator app.
    #[error("the account has no authenticator app")]
    OtpNotEnabled,
    /// The authenticator app is confirmed: its secret is not shown again.
    #[error("the authenticator app is confirmed")]
    OtpAlreadyVerified,
    /// The caller's session has no pending enrolment.
    #[error("there is no pending enrolment")]
    NoPendingEnrolment,
    /// The caller has no session with this id.
    #[error("there is no such session")]
    SessionNotFound,
    /// No mail is configured.
    #[error("no mail is configured")]
    MailNotAvailable,
    /// A link's token is not valid, or not any more.
    #[error("the link is not valid")]
    MailTokenInvalid,
    /// The address is verified already.
    #[error("the address is verified already")]
    EmailAlreadyVerified,
    /// The password is correct, but the address must be verified first.
    #[error("the address is not verified")]
    EmailNotVerified,
    /// A passkey was not accepted, or is not there.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// A token for another service was not issued, or a service not let in.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The caller has no trusted device with this id.
    #[error("there is no such device")]
    DeviceNotFound,
    /// Too many attempts; the next one is allowed after this long.
    #[error("too many attempts")]
    TooManyAttempts(TimeDelta),
    /// The hashing queue is full.
    #[error("the hashing queue is full")]
    Busy,
    /// The database is unreachable, or the outcome of a write is unknown.
    #[error("the database is away")]
    Unavailable,
    /// A fault of the service or of its data, with the error that caused it.
    #[error(transparent)]
    Fault(Box<dyn Error + Send + Sync>),
}

/// Why a call about passkeys failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// The service has no relying party: browsers reach it at an IP address.
    #[error("passkeys are not available")]
    NotAvailable,
    /// The answer of an authenticator is not accepted; the caller does not learn why.
    #[error("the passkey was not accepted")]
    Invalid,
    /// The account has none.
    #[error("the account has no passkey")]
    NoneRegistered,
    /// The credential is registered already, here or on another account.
    #[error("the passkey is registered already")]
    Exists,
    /// The account has as many as it may have.
    #[error("the account has too many passkeys")]
    TooMany,
    /// The caller has none with this id.
    #[error("there is no such passkey")]
    NotFound,
}

/// Why a call about tokens for other services failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// What the call needs is not configured.
    #[error("tokens for other services are not available")]
    NotAvailable,
    /// No tokens are made for this audience.
    #[error("the audience is unknown")]
    UnknownAudience,
    /// No audience is named, and there are several.
    #[error("no audience is named")]
    MissingAudience,
    /// A service's name or secret is wrong or missing.
    #[error("the service was not authenticated")]
    UnknownService,
    /// The session was opened with fewer factors than the proxy asks for.
    #[error("the session's assurance level is too low")]
    LevelTooLow,
}

impl From<StoreError> for AuthError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable => Self::Unavailable,
            StoreError::Duplicate
            | StoreError::Malformed(_)
            | StoreError::Bson(_)
            | StoreError::InvalidWrite(_)
            | StoreError::BadUrl(_)
            | StoreError::Refused { .. } => Self::Fault(error.into()),
        }
    }
}

impl From<Malformed> for AuthError {
    fn from(error: Malformed) -> Self {
        Self::Fault(error.into())
    }
}

impl From<HashingError> for AuthError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => Self::Busy,
            HashingError::Hash(fault) => Self::Fault(fault.into()),
        }
    }
}

impl From<SealError> for AuthError {
    fn from(error: SealError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignError> for AuthError {
    fn from(error: SignError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ProvisioningError> for AuthError {
    fn from(error: ProvisioningError) -> Self {
        Self::Fault(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_keeps_the_error_that_caused_it() {
        let error = AuthError::from(StoreError::InvalidWrite("two operators for one field"));
        assert_eq!(error.to_string(), "an invalid write: two operators for one field");
        assert!(matches!(error, AuthError::Fault(cause) if cause.is::<StoreError>()));
    }
}
