//! Security events: what happened to an account, when, and from where. An event contains no secret, email
//! address or name, so it may be kept after the account is deleted.

use std::fmt;

use chrono::TimeDelta;
use data_encoding::HEXLOWER;

use super::client::Client;
use super::clock::Moment;
use super::digest::Digest;
use super::ids::UserId;

/// Defines the kinds of events with their names, so that none lacks one. Names are stored and part of the API, so
/// they must not change.
macro_rules! event_kinds {
    ($($(#[$doc:meta])+ $kind:ident = $name:literal,)+) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])+ $kind,)+
        }

        impl EventKind {
            const ALL: &[Self] = &[$(Self::$kind),+];

            /// The kind's name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

event_kinds! {
    /// The account was created.
    Registered = "registered",
    /// The operator created the account.
    CreatedByOperator = "created_by_operator",
    /// The account was imported from another system.
    ImportedByOperator = "imported_by_operator",
    /// A password alone opened a browser session.
    SignedInWithPassword = "signed_in_with_password",
    /// A password and a code of the authenticator app opened a browser session.
    SignedInWithCode = "signed_in_with_code",
    /// A password and a passkey opened a browser session.
    SignedInWithPasswordAndPasskey = "signed_in_with_password_and_passkey",
    /// A passkey alone opened a browser session.
    SignedInWithPasskey = "signed_in_with_passkey",
    /// A password on a trusted device opened a browser session.
    SignedInOnTrustedDevice = "signed_in_on_trusted_device",
    /// A password and a recovery code opened a browser session.
    SignedInWithRecoveryCode = "signed_in_with_recovery_code",
    /// A bearer token of the Basic contract was issued.
    SignedInWithBearer = "signed_in_with_bearer",
    /// A sign-in was throttled.
    SignInRefused = "sign_in_refused",
    /// A wrong password within a session.
    WrongPassword = "wrong_password",
    /// A wrong code, or one that was used before.
    WrongCode = "wrong_code",
    /// Six-digit codes were locked, after ten wrong codes in a row.
    CodesLocked = "codes_locked",
    /// An enrolment was started.
    EnrolmentBegun = "enrolment_begun",
    /// An authenticator app was enabled by the Basic contract. No code was submitted yet.
    AuthenticatorEnabled = "authenticator_enabled",
    /// An authenticator app was enabled.
    EnrolmentConfirmed = "enrolment_confirmed",
    /// An authenticator app replaced another one.
    AuthenticatorReplaced = "authenticator_replaced",
    /// The authenticator app was disabled.
    AuthenticatorDisabled = "authenticator_disabled",
    /// A passkey was added.
    PasskeyAdded = "passkey_added",
    /// A passkey was renamed.
    PasskeyRenamed = "passkey_renamed",
    /// A passkey was removed.
    PasskeyRemoved = "passkey_removed",
    /// A passkey was not accepted.
    WrongPasskey = "wrong_passkey",
    /// A passkey was refused because its signature counter did not rise: it looks copied.
    PasskeyCounterRefused = "passkey_counter_refused",
    /// The user trusted a device.
    DeviceTrusted = "device_trusted",
    /// A trusted device was removed.
    DeviceRemoved = "device_removed",
    /// A token of a trusted device was used twice: it looks copied, and the device is no longer trusted.
    DeviceTokenReused = "device_token_reused",
    /// A recovery code was used.
    RecoveryCodeUsed = "recovery_code_used",
    /// The recovery codes were replaced by ten new ones.
    RecoveryCodesRenewed = "recovery_codes_renewed",
    /// The password was changed.
    PasswordChanged = "password_changed",
    /// The user authenticated again, with every factor.
    Reauthenticated = "reauthenticated",
    /// The user logged out.
    SignedOut = "signed_out",
    /// The user ended another session.
    SessionEnded = "session_ended",
    /// A session ended after five wrong passwords or recovery codes.
    SessionEndedByFailures = "session_ended_by_failures",
    /// The user ended all other sessions.
    OtherSessionsEnded = "other_sessions_ended",
    /// All other sessions ended because the password or the authenticator app changed.
    SessionsEndedByChange = "sessions_ended_by_change",
    /// The account was deleted by its owner.
    AccountDeleted = "account_deleted",
    /// The operator unlocked the account.
    UnlockedByOperator = "unlocked_by_operator",
    /// The operator ended every session.
    SignedOutByOperator = "signed_out_by_operator",
    /// The operator removed the authenticator app and ended every session.
    AuthenticatorResetByOperator = "authenticator_reset_by_operator",
    /// The operator removed the passkeys, and ended every session and trusted device.
    PasskeysRemovedByOperator = "passkeys_removed_by_operator",
    /// The operator disabled the account.
    AccountDisabledByOperator = "account_disabled_by_operator",
    /// The operator enabled the account.
    AccountEnabledByOperator = "account_enabled_by_operator",
    /// The operator exported the account's data.
    AccountExportedByOperator = "account_exported_by_operator",
    /// The operator deleted the account.
    AccountDeletedByOperator = "account_deleted_by_operator",
    /// The operator verified the address.
    EmailVerifiedByOperator = "email_verified_by_operator",
    /// The address was verified.
    EmailVerified = "email_verified",
    /// The account was deleted by whoever reads mail at its address, which was never verified.
    AccountDisowned = "account_disowned",
    /// A link that resets the password was sent.
    PasswordResetRequested = "password_reset_requested",
    /// The password was reset by a link.
    PasswordReset = "password_reset",
    /// Another address was asked for.
    EmailChangeRequested = "email_change_requested",
    /// The current address approved a change.
    EmailChangeApproved = "email_change_approved",
    /// The new address confirmed a change, which takes effect later.
    EmailChangeConfirmed = "email_change_confirmed",
    /// A pending change of the address was cancelled.
    EmailChangeCancelled = "email_change_cancelled",
    /// The address was changed.
    EmailChanged = "email_changed",
    /// The owner used a "This wasn't me" link.
    AccountSecured = "account_secured",
    /// A sign-in was completed from a network that the account did not know.
    NewNetwork = "new_network",
    /// A right password was not followed by its second factor.
    SecondFactorMissing = "second_factor_missing",
    /// A mail could not be delivered.
    MailNotDelivered = "mail_not_delivered",
}

impl EventKind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
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
    /// The service itself. It is read back as the operator: neither has an address.
    Service,
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
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: BTreeSet<_> = EventKind::all().map(EventKind::as_str).collect();
        assert_eq!(names.len(), EventKind::all().count());
    }
}
