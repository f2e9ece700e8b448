//! Recovery codes: look-up secrets for users who lost their authenticator app (NIST SP 800-63B-4, 3.1.2).

use std::fmt;

use zeroize::ZeroizeOnDrop;

/// How many recovery codes an account gets at a time.
pub const SET_SIZE: usize = 10;

/// The length of a code without dashes. Each character has five bits, so a code has 120 bits. From 112 bits
/// on, a fast hash is enough to store it (NIST SP 800-63B-4, 3.1.2.2).
const LENGTH: usize = 24;
const GROUP: usize = 6;

/// Crockford's base 32, without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A recovery code in its canonical form: lower case, without dashes.
#[derive(Clone, ZeroizeOnDrop)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Creates a code from random bytes, using five bits of each.
    #[must_use]
    pub fn from_random(random: [u8; LENGTH]) -> Self {
        let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
        Self(letters.copied().map(char::from).collect())
    }

    /// A code as a user typed it, without spaces and dashes. Case doesn't matter, and letters that look like
    /// digits are read as digits.
    #[must_use]
    pub fn typed(compact: &str) -> Self {
        let read = |letter: char| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        Self(compact.chars().map(read).collect())
    }

    /// The form that is shown to the user: groups of six characters with dashes between them.
    #[must_use]
    pub fn show(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> =
            letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }

    /// The canonical form, to be digested.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}
