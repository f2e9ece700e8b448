//! Characters that people cannot see in a text.

/// Whether the character ends a line or is a control character.
#[must_use]
pub fn is_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Whether the character changes the direction of text (Unicode's property `Bidi_Control`).
#[must_use]
pub fn changes_direction(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character is invisible: Unicode's property `Default_Ignorable_Code_Point` and interlinear annotations,
/// without the variation selectors, which are part of emoji. Every character that changes the direction is one.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_direction_is_invisible_and_letters_and_emoji_are_not() {
        for letter in '\0'..=char::MAX {
            assert!(!changes_direction(letter) || is_invisible(letter), "{letter:?}");
        }
        for letter in "aé\u{5d0}\u{e01}中\u{301}\u{a0}❤\u{fe0f}👩".chars() {
            assert!(!is_invisible(letter) && !is_control(letter), "{letter:?}");
        }
    }
}
