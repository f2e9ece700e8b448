//! Names of users.

use super::email::EmailAddress;
use super::invalid::Invalid;
use super::short_name::{self, Faults};

/// A name of 1 to 100 characters after trimming, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// The longest, in characters.
    pub const LONGEST: usize = short_name::LONGEST;

    /// Trims and checks a name.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let faults = Faults {
            empty: Invalid::new("name_empty", "Please enter your name."),
            too_long: "name_too_long",
            control_character: "name_control_character",
        };
        short_name::parse(text, &faults).map(Self)
    }

    /// The part of an email address before the `@`, for a user without a name. At most 64 characters.
    #[must_use]
    pub fn of_address(email: &EmailAddress) -> Self {
        let local = email.as_str().split('@').next().unwrap_or_default();
        Self(local.to_owned())
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
        assert_eq!(DisplayName::parse("  Zoë  ").unwrap().as_str(), "Zoë");
        assert!(DisplayName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(DisplayName::parse(&"é".repeat(101)).unwrap_err().code, "name_too_long");
        assert_eq!(DisplayName::parse(" \t ").unwrap_err().code, "name_empty");
        assert_eq!(DisplayName::parse("a\0b").unwrap_err().code, "name_control_character");
    }
}
