//! The rules of names that users choose.

use super::invalid::Invalid;

/// The longest, in characters.
pub(super) const LONGEST: usize = 100;

/// What is reported for a name that breaks a rule.
pub(super) struct Faults {
    /// There is nothing but space.
    pub empty: Invalid,
    /// It is too long.
    pub too_long: &'static str,
    /// It has a control character.
    pub control_character: &'static str,
}

/// Trims a name: 1 to 100 characters, none of them a control character.
pub(super) fn parse(text: &str, faults: &Faults) -> Result<String, Invalid> {
    let name = text.trim();
    if name.is_empty() {
        return Err(faults.empty);
    }
    if name.chars().count() > LONGEST {
        let message = "Please use a name of at most 100 characters.";
        return Err(Invalid::new(faults.too_long, message));
    }
    if name.chars().any(char::is_control) {
        let message = "Please use a name without control characters.";
        return Err(Invalid::new(faults.control_character, message));
    }
    Ok(name.to_owned())
}
