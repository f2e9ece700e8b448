//! Notices: the emails that notify the owner of an account of an event.

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// The password was changed.
    PasswordChanged,
    /// The password was reset by a link.
    PasswordReset,
    /// Somebody in a session asked for another email address.
    EmailChangeRequested,
    /// A pending change of the email address was cancelled.
    EmailChangeCancelled,
    /// The email address was changed.
    EmailChanged,
    /// A second factor was added.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// The recovery codes were replaced.
    RecoveryCodesRenewed,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// Codes are locked after too many wrong ones.
    CodesLocked,
    /// Somebody signed in from a network that the account did not know.
    NewNetwork,
    /// Somebody knew the password but did not have the second factor.
    SecondFactorMissing,
    /// A passkey or a trusted device looks copied and was refused.
    CredentialRefused,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::EmailChangeRequested,
        Self::EmailChangeCancelled,
        Self::EmailChanged,
        Self::FactorAdded,
        Self::FactorRemoved,
        Self::RecoveryCodesRenewed,
        Self::RecoveryCodeUsed,
        Self::CodesLocked,
        Self::NewNetwork,
        Self::SecondFactorMissing,
        Self::CredentialRefused,
    ];

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Its name in headers, in the database and in the names of templates.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChangeCancelled => "email_change_cancelled",
            Self::EmailChanged => "email_changed",
            Self::FactorAdded => "factor_added",
            Self::FactorRemoved => "factor_removed",
            Self::RecoveryCodesRenewed => "recovery_codes_renewed",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::CodesLocked => "codes_locked",
            Self::NewNetwork => "new_network",
            Self::SecondFactorMissing => "second_factor_missing",
            Self::CredentialRefused => "credential_refused",
        }
    }
}
