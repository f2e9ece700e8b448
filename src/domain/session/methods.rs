//! The factors that sessions were opened with, and the level that follows from them.

/// How strongly a session was authenticated (NIST SP 800-63B-4, section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aal {
    /// A password alone.
    One,
    /// Two factors: a password and a second one, or a passkey that verified its user.
    Two,
}

impl Aal {
    /// The level as text, for responses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One => "aal1",
            Self::Two => "aal2",
        }
    }
}

/// The factors that a session was opened with. The level follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// A password alone.
    Password,
    /// A password, on a device where a second factor was submitted before. Such a session may do what is not
    /// sensitive.
    PasswordOnTrustedDevice,
    /// A password and a code of the authenticator app.
    PasswordAndOtp,
    /// A password and a recovery code.
    PasswordAndRecoveryCode,
    /// A password and a passkey.
    PasswordAndPasskey,
    /// A passkey alone, which verified its user.
    Passkey,
}

impl Methods {
    /// The same after a code of a new authenticator app: a passkey alone is no password.
    #[must_use]
    pub fn with_app(self) -> Self {
        if self == Self::Passkey { self } else { Self::PasswordAndOtp }
    }

    /// The authentication assurance level.
    #[must_use]
    pub fn aal(self) -> Aal {
        match self {
            Self::Password | Self::PasswordOnTrustedDevice => Aal::One,
            Self::PasswordAndOtp
            | Self::PasswordAndRecoveryCode
            | Self::PasswordAndPasskey
            | Self::Passkey => Aal::Two,
        }
    }

    /// The values of the claim `amr` (RFC 8176, section 2).
    #[must_use]
    pub fn references(self) -> &'static [&'static str] {
        match self {
            Self::Password | Self::PasswordOnTrustedDevice => &["pwd"],
            Self::PasswordAndOtp | Self::PasswordAndRecoveryCode => &["pwd", "otp", "mfa"],
            Self::PasswordAndPasskey => &["pwd", "pop", "mfa"],
            Self::Passkey => &["pop", "user", "mfa"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_named_as_rfc_8176_has_them_and_mfa_is_said_of_two_only() {
        for (methods, names) in [
            (Methods::Password, &["pwd"][..]),
            (Methods::PasswordOnTrustedDevice, &["pwd"]),
            (Methods::PasswordAndOtp, &["pwd", "otp", "mfa"]),
            (Methods::PasswordAndRecoveryCode, &["pwd", "otp", "mfa"]),
            (Methods::PasswordAndPasskey, &["pwd", "pop", "mfa"]),
            (Methods::Passkey, &["pop", "user", "mfa"]),
        ] {
            assert_eq!(methods.references(), names);
            assert_eq!(names.contains(&"mfa"), methods.aal() == Aal::Two);
        }
    }
}
