//! The name in the greeting: the only text in a mail that a caller chose.

use crate::domain::display_name::DisplayName;

/// The longest name that is used, in characters; the rest is cut off.
const LONGEST: usize = 50;

/// The name to greet with. `None` if it could be taken for a link or an address, or is more than a line of text.
pub(super) fn greeted(name: &DisplayName) -> Option<String> {
    let name = name.as_str().trim();
    let is_hidden = |letter: char| {
        letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if name.is_empty() || name.contains(['.', ':', '/', '@']) || name.contains(is_hidden) {
        return None;
    }
    Some(name.chars().take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_link_or_an_address_is_left_out() {
        let greeted = |name: &str| greeted(&DisplayName::stored(name));
        assert_eq!(greeted(" Zoë O'Neill "), Some("Zoë O'Neill".to_owned()));
        assert_eq!(greeted(&"é".repeat(51)), Some("é".repeat(50)));
        for name in [
            "",
            " ",
            "evil.example",
            "http:evil",
            "a/b",
            "ada@example",
            // Behind the cut, too.
            &format!("{}.", "a".repeat(60)),
            "Ada\r\nBcc",
            "Ada\nBcc",
            "Ada\u{2028}Bcc",
            "Ada\u{202e}adA",
        ] {
            assert_eq!(greeted(name), None, "{name:?}");
        }
    }
}
