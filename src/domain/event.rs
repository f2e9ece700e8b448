//! Security events: what happened to an account, when, and from where. None holds a secret, an
//! address of a person or a name, so an account's events may outlive it.

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
    /// The account was made.
    Registered,
    /// The account was taken over from another system.
    ImportedByOperator,
    /// A password alone opened a browser session.
    SignedInWithPassword,
    /// A password and a code of the authenticator app opened a browser session.
    SignedInWithCode,
    /// A password and a recovery code opened a browser session.
    SignedInWithRecoveryCode,
    /// A bearer token of the Basic contract was handed out.
    SignedInWithBearer,
    /// A sign-in was refused by a wait.
    SignInRefused,
    /// A wrong password within a session.
    WrongPassword,
    /// A wrong code, or one that was used before.
    WrongCode,
    /// That was the tenth in a row: six-digit codes are locked.
    CodesLocked,
    /// A secret was shown, to be bound.
    EnrolmentBegun,
    /// A first code was right: the authenticator app is bound.
    EnrolmentConfirmed,
    /// The same, in the place of another authenticator app.
    AuthenticatorReplaced,
    /// The authenticator app was unbound.
    AuthenticatorDisabled,
    /// A recovery code was used up.
    RecoveryCodeUsed,
    /// Ten new recovery codes took the place of the old.
    RecoveryCodesRenewed,
    /// The password was changed.
    PasswordChanged,
    /// Password and factors were proved again.
    Reauthenticated,
    /// A session was ended by itself.
    SignedOut,
    /// A session was ended by another session of its owner.
    SessionEnded,
    /// A session was ended by five wrong passwords or recovery codes.
    SessionEndedByFailures,
    /// All sessions but one were ended by their owner.
    OtherSessionsEnded,
    /// A change of the password or the authenticator app ended every other session.
    SessionsEndedByChange,
    /// The account was deleted by its owner.
    AccountDeleted,
    /// The operator took back the locks and waits of the account.
    UnlockedByOperator,
    /// The operator ended every session.
    SignedOutByOperator,
    /// The operator unbound the authenticator app and ended every session.
    AuthenticatorResetByOperator,
    /// The operator disabled the account.
    AccountDisabledByOperator,
    /// The operator enabled the account.
    AccountEnabledByOperator,
    /// The operator took the account's data out.
    AccountExportedByOperator,
    /// The operator deleted the account.
    AccountDeletedByOperator,
}

use EventKind as K;

/// Every kind and its name, which is stored and answered and does not change.
const NAMES: &[(EventKind, &str)] = &[
    (K::Registered, "registered"),
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

/// An event's id: 128 bits. Of events that one process records at one moment the later has the greater;
/// one that is kept once a minute has an id that is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId([u8; 16]);

impl EventId {
    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// An id that no other process makes, after all those of this process with a smaller number.
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
        /// The program it used.
        user_agent: String,
    },
    /// The service's operator, at the command line.
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

/// An event as it is read back; its kind may be one of a later version.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// Its id.
    pub id: EventId,
    /// The name of what happened.
    pub kind: String,
    /// When.
    pub at: Moment,
    /// Who caused it.
    pub cause: Cause,
}

/// The time in which merged events of one kind, account and network are one event.
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
