//! Text from untrusted sources, made safe to print.

/// The longest text that is printed, in characters: the length of an email address.
const LONGEST: usize = 254;

/// The text, cut to a length that fits a line.
pub(super) fn bounded(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
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
