//! Names of users.

use super::email::EmailAddress;
use super::invalid::Invalid;

/// A name of 1 to 100 characters after trimming, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// The longest, in characters.
    pub const LONGEST: usize = 100;

    /// Trims and checks a name.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let name = text.trim();
        if name.is_empty() {
            return Err(Invalid::new("name_empty", "Please enter your name."));
        }
        if name.chars().count() > Self::LONGEST {
            return Err(Invalid::new(
                "name_too_long",
                "Please use a name of at most 100 characters.",
            ));
        }
        if name.chars().any(char::is_control) {
            return Err(Invalid::new(
                "name_control_character",
                "Please use a name without control characters.",
            ));
        }
        Ok(Self(name.to_owned()))
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
