//! Names of other services, which tokens are made for.

use std::fmt;

/// The name of another service: what a token names as its audience (RFC 7519, section 4.1.3), and what a service
/// introspects tokens under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(String);

impl Audience {
    /// The longest, in characters.
    pub const LONGEST: usize = 200;

    /// A name of 1 to 200 visible ASCII characters, without quotes, commas and backslashes; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |letter: char| letter.is_ascii_graphic() && !r#"",\"#.contains(letter);
        let fits = (1..=Self::LONGEST).contains(&text.len()) && text.chars().all(is_plain);
        fits.then(|| Self(text.to_owned()))
    }

    /// The name of a service that logs in by HTTP Basic: letters, digits, `-`, `_` and `.`, so that no client needs to
    /// encode it (RFC 6749, section 2.3.1).
    #[must_use]
    pub fn parse_service(text: &str) -> Option<Self> {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        text.chars().all(is_plain).then(|| Self::parse(text)).flatten()
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_may_be_a_url_and_the_name_of_a_service_may_not() {
        for (text, is_audience, is_service) in [
            ("billing", true, true),
            ("billing-2.eu_west", true, true),
            ("https://api.example.com/v1", true, false),
            ("", false, false),
            ("a b", false, false),
            ("a\"b", false, false),
            ("é", false, false),
            (&"a".repeat(201), false, false),
        ] {
            assert_eq!(Audience::parse(text).is_some(), is_audience, "{text}");
            assert_eq!(Audience::parse_service(text).is_some(), is_service, "{text}");
        }
    }
}
