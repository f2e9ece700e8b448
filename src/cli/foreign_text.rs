//! Text from untrusted sources, made safe to print.

use crate::domain::email::EmailAddress;
use crate::domain::letters::{changes_direction, is_control};

/// The text, cut to the length of the longest email address.
pub(super) fn bounded(text: &str) -> String {
    match text.char_indices().nth(EmailAddress::LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The same, with everything escaped that ends a line, moves the cursor or changes the direction of text.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in bounded(text).chars() {
        match letter {
            '"' | '\'' => escaped.push(letter),
            _ => escaped.extend(letter.escape_debug()),
        }
    }
    escaped
}

/// The text, with a replacement character for everything that ends a line, moves the cursor or changes the direction
/// of text. Combining letters stay.
pub(super) fn printable(text: &str) -> String {
    let replaced = |letter: char| is_control(letter) || changes_direction(letter);
    text.chars().map(|letter| if replaced(letter) { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_or_turns_text_is_replaced_and_letters_stay() {
        let text = "e\u{301} \u{1b}[2J\u{85}\u{61c}\u{200e}\u{202a}\u{202e}\u{2029}\u{2069}\u{5d0}👩\u{200d}💻";
        let shown = "e\u{301} \u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{5d0}👩\u{200d}💻";
        assert_eq!(printable(text), shown);
    }
}
