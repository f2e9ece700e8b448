//! Passwords.

use std::collections::HashSet;
use std::sync::LazyLock;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use super::invalid::Invalid;

/// A password: any Unicode, NFC-normalised, 8 to 256 code points, never truncated, without composition rules
/// (NIST SP 800-63B-4, 3.1.1.2). It cannot be printed.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// The shortest, in characters.
    pub const SHORTEST: usize = 8;
    /// The longest, in characters.
    pub const LONGEST: usize = 256;

    /// Normalises a password and checks its length.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let password: String = text.nfc().collect();
        let length = password.chars().count();
        let password = Self(SecretString::from(password));
        if length < Self::SHORTEST {
            return Err(Invalid::new(
                "password_too_short",
                "Please use a password of at least 8 characters.",
            ));
        }
        if length > Self::LONGEST {
            return Err(Invalid::new(
                "password_too_long",
                "Please use a password of at most 256 characters.",
            ));
        }
        Ok(password)
    }

    /// The bytes to hash.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// Which new passwords are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordPolicy {
    /// Any of a valid length; for development, where the tutorials' passwords must work.
    AnyOfLength,
    /// Any of a valid length that is not on the list of common passwords (NIST SP 800-63B-4, 3.1.1.2; OWASP
    /// ASVS 6.2.4).
    RefuseCommon,
}

/// A password that the policy accepts for a registration or a password change. (Logins use [`Password`].)
#[derive(Clone, Debug)]
pub struct NewPassword(Password);

impl NewPassword {
    /// The rule that a breached password breaks (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 6.2.12).
    pub const BREACHED: Invalid = Invalid::new(
        "password_breached",
        "This password was found in a data breach. Please choose another.",
    );

    /// Checks a password against the policy.
    pub fn parse(text: &str, policy: PasswordPolicy) -> Result<Self, Invalid> {
        let password = Password::parse(text)?;
        if policy == PasswordPolicy::RefuseCommon && is_common(password.0.expose_secret()) {
            return Err(Invalid::new(
                "password_too_common",
                "This password is among the most common ones. Please choose another.",
            ));
        }
        Ok(Self(password))
    }

    /// The password to look up among breached ones, and to hash.
    #[must_use]
    pub fn password(&self) -> &Password {
        &self.0
    }
}

/// Common passwords of at least eight characters: from the 20,000 most common ones in published breaches, as
/// compiled by Royce Williams and distributed with Django.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

fn is_common(password: &str) -> bool {
    COMMON.contains(password.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_code_points_after_normalisation() {
        assert!(Password::parse("short").is_err());
        assert!(Password::parse("pässwörd").is_ok());
        assert!(Password::parse(&"🔑".repeat(256)).is_ok());
        assert_eq!(Password::parse(&"🔑".repeat(257)).unwrap_err().code, "password_too_long");
        // Sixteen code points as typed, eight once composed.
        assert!(Password::parse(&"e\u{301}".repeat(8)).is_ok());
        assert!(Password::parse(&"e\u{301}".repeat(7)).is_err());
    }

    #[test]
    fn two_ways_of_typing_one_character_are_the_same_password() {
        let composed = Password::parse("caf\u{e9} au lait").unwrap();
        let decomposed = Password::parse("cafe\u{301} au lait").unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
    }

    #[test]
    fn common_passwords_are_refused_in_any_case_where_the_policy_says_so() {
        assert!(COMMON.len() >= 3_000);
        for common in ["password123", "Password123", "QWERTYUIOP"] {
            let refused = NewPassword::parse(common, PasswordPolicy::RefuseCommon);
            assert_eq!(refused.unwrap_err().code, "password_too_common");
            assert!(NewPassword::parse(common, PasswordPolicy::AnyOfLength).is_ok());
        }
        assert!(NewPassword::parse("plum velvet tractor", PasswordPolicy::RefuseCommon).is_ok());
    }

    #[test]
    fn a_password_cannot_be_printed() {
        let password = NewPassword::parse("plum velvet tractor", PasswordPolicy::AnyOfLength);
        assert!(!format!("{password:?}").contains("velvet"));
    }
}
