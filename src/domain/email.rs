//! Email addresses of accounts.

use email_address::{EmailAddress as Rfc5322, Options};

use super::invalid::Invalid;

/// An email address in its canonical form: trimmed and in lower case.
///
/// ASCII, at most 254 characters (RFC 5321, 4.5.3.1.3), unquoted, and without a colon, because HTTP Basic
/// authentication (RFC 7617, section 2) splits at the first colon. Dots and `+tags` are significant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The longest, in characters.
    pub const LONGEST: usize = 254;

    /// Parses an address as a user types it.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const MALFORMED: Invalid =
            Invalid::new("email_invalid", "Please enter a valid email address.");
        let address = text.trim().to_ascii_lowercase();
        if address.is_empty() {
            return Err(Invalid::new("email_empty", "Please enter your email address."));
        }
        if address.len() > Self::LONGEST {
            return Err(Invalid::new(
                "email_too_long",
                "Please use an email address of at most 254 characters.",
            ));
        }
        if !address.is_ascii() || address.contains(['"', ':']) {
            return Err(MALFORMED);
        }
        let options =
            Options::default().with_required_tld().without_display_text().without_domain_literal();
        match Rfc5322::parse_with_options(&address, options) {
            Ok(_) => Ok(Self(address)),
            Err(_) => Err(MALFORMED),
        }
    }

    /// An address from the database, which was checked when it was stored.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_lower_cased_and_otherwise_left_alone() {
        let address = EmailAddress::parse("  Ada.Lovelace+Tag@Example.COM ").unwrap();
        assert_eq!(address.as_str(), "ada.lovelace+tag@example.com");
    }

    #[test]
    fn what_is_not_a_plain_ascii_address_is_refused() {
        let too_long = format!("a@{}.example", "b".repeat(250));
        for text in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a b@example.com",
            "ada@exa mple.com",
            "\"ada\"@example.com",
            "a:b@example.com",
            "Ada <ada@example.com>",
            "ada@[127.0.0.1]",
            "ada@@example.com",
            "ädä@example.com",
            "ada@exämple.com",
            "ada@example.com\0",
            "ada\n@example.com",
            "ada..b@example.com",
            ".ada@example.com",
            "ada@-example.com",
            &too_long,
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_longest_address_has_254_characters() {
        let local = "a".repeat(64);
        let rest = format!("{}.{}.{}.example", "b".repeat(60), "c".repeat(60), "d".repeat(58));
        let address = format!("{local}@{rest}");
        assert!(address.len() <= 254 && EmailAddress::parse(&address).is_ok());
    }
}
