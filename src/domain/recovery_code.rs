//! Look-up secrets for when the phone is lost (NIST SP 800-63B-4, 3.1.2).

use std::fmt;

use zeroize::ZeroizeOnDrop;

/// How many recovery codes an account is given at a time.
pub const SET_SIZE: usize = 10;

/// Characters of a code without its dashes, each worth five bits: 120 bits, past the 112 from which
/// one fast hash is a fit way to store it (NIST SP 800-63B-4, 3.1.2.2).
const LENGTH: usize = 24;
const GROUP: usize = 6;

/// Crockford's base 32: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A recovery code in the one form it is digested in: lower case, without dashes.
#[derive(Clone, ZeroizeOnDrop)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Makes a code of random bytes, of each of which five bits are used.
    #[must_use]
    pub fn from_random(random: [u8; LENGTH]) -> Self {
        let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
        Self(letters.copied().map(char::from).collect())
    }

    /// Takes whatever a person typed in place of a six-digit code: case, spaces and dashes do not
    /// matter, and letters that look like digits are read as those.
    #[must_use]
    pub fn typed(compact: &str) -> Self {
        let read = |letter: char| match letter.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        Self(compact.chars().map(read).collect())
    }

    /// The form that is shown to the user, once: groups of six with dashes between them.
    #[must_use]
    pub fn show(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> =
            letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }

    /// The form that is digested.
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
