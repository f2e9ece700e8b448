//! Names of passkeys.

use super::models;
use crate::domain::invalid::Invalid;
use crate::domain::short_name::{self, Faults};

/// A passkey's name: 1 to 100 characters after trimming, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The longest, in characters.
    pub const LONGEST: usize = short_name::LONGEST;

    /// Trims and checks a name.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let faults = Faults {
            empty: Invalid::new("passkey_name_empty", "Please enter a name for the passkey."),
            too_long: "passkey_name_too_long",
            control_character: "passkey_name_control_character",
        };
        short_name::parse(text, &faults).map(Self)
    }

    /// The name of a passkey that its user gave none: that of a well-known authenticator, or "Passkey".
    #[must_use]
    pub fn suggested(aaguid: [u8; 16]) -> Self {
        Self(models::name(aaguid).unwrap_or("Passkey").to_owned())
    }

    /// A name from the database, which was checked when it was stored.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_counted_in_characters() {
        assert_eq!(PasskeyName::parse("  My key  ").unwrap().as_str(), "My key");
        assert!(PasskeyName::parse(&"é".repeat(100)).is_ok());
        let code = |text: &str| PasskeyName::parse(text).unwrap_err().code;
        assert_eq!(code(&"é".repeat(101)), "passkey_name_too_long");
        assert_eq!(code(" \t "), "passkey_name_empty");
        assert_eq!(code("a\0b"), "passkey_name_control_character");
    }
    #[test]
    fn a_name_is_suggested_by_the_authenticator() {
        let suggested = |aaguid: u128| PasskeyName::suggested(aaguid.to_be_bytes()).0;
        assert_eq!(suggested(0xbada_5566_a7aa_401f_bd96_4561_9a55_120d), "1Password");
        assert_eq!(suggested(0x0898_7058_cadc_4b81_b6e1_30de_50dc_be96), "Windows Hello");
        assert_eq!(suggested(0), "Passkey");
    }
}
