//! Security events: what happened to an account, when, and from where. An event contains no secret, email
//! address or name, so it may be kept after the account is deleted.

use std::fmt;

use chrono::TimeDelta;
use data_encoding::HEXLOWER;

use super::client::Client;
use super::clock::Moment;
use super::digest::Digest;
use super::ids::UserId;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// The account was created.
    Registered,
    /// The operator created the account.
    CreatedByOperator,
    /// The account was imported from another system.
    ImportedByOperator,
    /// A password alone opened a browser session.
    SignedInWithPassword,
    /// A password and a code of the authenticator app opened a browser session.
    SignedInWithCode,
    /// A password and a recovery code opened a browser session.
    SignedInWithRecoveryCode,
    /// A bearer token of the Basic contract was issued.
    SignedInWithBearer,
    /// A sign-in was throttled.
    SignInRefused,
    /// A wrong password within a session.
    WrongPassword,
    /// A wrong code, or one that was used before.
    WrongCode,
    /// Six-digit codes were locked, after ten wrong codes in a row.
    CodesLocked,
    /// An enrolment was started.
    EnrolmentBegun,
    /// An authenticator app was enabled.
    EnrolmentConfirmed,
    /// An authenticator app replaced another one.
    AuthenticatorReplaced,
    /// The authenticator app was disabled.
    AuthenticatorDisabled,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// The recovery codes were replaced by ten new ones.
    RecoveryCodesRenewed,
    /// The password was changed.
    PasswordChanged,
    /// The user authenticated again, with every factor.
    Reauthenticated,
    /// The user logged out.
    SignedOut,
    /// The user ended another session.
    SessionEnded,
    /// A session ended after five wrong passwords or recovery codes.
    SessionEndedByFailures,
    /// The user ended all other sessions.
    OtherSessionsEnded,
    /// All other sessions ended because the password or the authenticator app changed.
    SessionsEndedByChange,
    /// The account was deleted by its owner.
    AccountDeleted,
    /// The operator unlocked the account.
    UnlockedByOperator,
    /// The operator ended every session.
    SignedOutByOperator,
    /// The operator removed the authenticator app and ended every session.
    AuthenticatorResetByOperator,
    /// The operator disabled the account.
    AccountDisabledByOperator,
    /// The operator enabled the account.
    AccountEnabledByOperator,
    /// The operator exported the account's data.
    AccountExportedByOperator,
    /// The operator deleted the account.
    AccountDeletedByOperator,
}

use EventKind as K;

/// Every kind and its name. Names are stored and part of the API, so they must not change.
const NAMES: &[(EventKind, &str)] = &[
    (K::Registered, "registered"),
    (K::CreatedByOperator, "created_by_operator"),
    (K::ImportedByOperator, "imported_by_operator"),
    (K::SignedInWithPassword, "signed_in_with_password"),
    (K::SignedInWithCode, "signed_in_with_code"),
    (K::SignedInWithRecoveryCode, "signed_in_with_recovery_code"),
    (K::SignedInWithBearer, "signed_in_with_bearer"),
    (K::SignInRefused, "sign_in_refused"),
    (K::WrongPassword, "wrong_password"),
    (K::WrongCode, "wrong_code"),
    (K::CodesLocked, "codes_locked"),
    (K::EnrolmentBegun, "enrolment_begun"),
    (K::EnrolmentConfirmed, "enrolment_confirmed"),
    (K::AuthenticatorReplaced, "authenticator_replaced"),
    (K::AuthenticatorDisabled, "authenticator_disabled"),
    (K::RecoveryCodeUsed, "recovery_code_used"),
    (K::RecoveryCodesRenewed, "recovery_codes_renewed"),
    (K::PasswordChanged, "password_changed"),
    (K::Reauthenticated, "reauthenticated"),
    (K::SignedOut, "signed_out"),
    (K::SessionEnded, "session_ended"),
    (K::SessionEndedByFailures, "session_ended_by_failures"),
    (K::OtherSessionsEnded, "other_sessions_ended"),
    (K::SessionsEndedByChange, "sessions_ended_by_change"),
    (K::AccountDeleted, "account_deleted"),
    (K::UnlockedByOperator, "unlocked_by_operator"),
    (K::SignedOutByOperator, "signed_out_by_operator"),
    (K::AuthenticatorResetByOperator, "authenticator_reset_by_operator"),
    (K::AccountDisabledByOperator, "account_disabled_by_operator"),
    (K::AccountEnabledByOperator, "account_enabled_by_operator"),
    (K::AccountExportedByOperator, "account_exported_by_operator"),
    (K::AccountDeletedByOperator, "account_deleted_by_operator"),
];

impl EventKind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(kind, _)| *kind)
    }

    /// The kind's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self).map_or("unknown", |(_, name)| name)
    }
}

/// An event's id: 128 bits. If one process records several events at the same time, later ones have greater
/// ids. An event that is recorded at most once a minute has an id derived from a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId([u8; 16]);

impl EventId {
    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A unique id, greater than those of this process with a smaller number.
    #[must_use]
    pub fn in_sequence(number: u64, random: [u8; 8]) -> Self {
        let number = u128::from(number) << 64;
        Self((number | u128::from(u64::from_be_bytes(random))).to_be_bytes())
    }

    /// An id that is the same for the same digest.
    #[must_use]
    pub fn of(digest: &Digest) -> Self {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(digest.bytes()) {
            *to = *from;
        }
        Self(bytes)
    }

    /// The id's bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A client of the service.
    Client {
        /// Its address.
        ip: String,
        /// Its user agent.
        user_agent: String,
    },
    /// The operator, on the command line.
    Operator,
}

impl From<&Client> for Cause {
    fn from(client: &Client) -> Self {
        Self::Client { ip: client.address.to_string(), user_agent: client.user_agent.clone() }
    }
}

/// Something that happened to an account.
#[derive(Clone, Debug)]
pub struct SecurityEvent {
    /// Its id.
    pub id: EventId,
    /// The account.
    pub user: UserId,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Moment,
    /// Who caused it.
    pub cause: Cause,
}

/// An event from the database. Its kind may be one of a later version.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// Its id.
    pub id: EventId,
    /// The name of its kind.
    pub kind: String,
    /// When.
    pub at: Moment,
    /// Who caused it.
    pub cause: Cause,
}

/// The interval in which merged events of the same kind, account and network are recorded once.
pub const MERGED_WITHIN: TimeDelta = TimeDelta::minutes(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let mut names: Vec<_> = NAMES.iter().map(|(_, name)| *name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(NAMES.iter().all(|(kind, name)| kind.as_str() == *name));
    }
}
