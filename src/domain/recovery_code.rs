//! Look-up secrets for the day the phone is lost (NIST SP 800-63B-4, 3.1.2).

use std::fmt;

use zeroize::ZeroizeOnDrop;

use super::invalid::Invalid;
use super::totp::OtpCode;

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
    fn typed(compact: &str) -> Self {
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

/// What a user gives as a second factor: six digits are a one-time code, anything else is taken
/// for a recovery code.
#[derive(Clone, Debug)]
pub enum SecondFactor {
    /// A code of the authenticator app.
    Otp(OtpCode),
    /// One of the recovery codes.
    Recovery(RecoveryCode),
}

impl SecondFactor {
    const LONGEST: usize = 64;

    /// Reads a code as a person types or pastes it; spaces and dashes are dropped.
    ///
    /// # Errors
    ///
    /// An empty code, and one of more than 64 characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > Self::LONGEST {
            return Err(Invalid::new(
                "token_too_long",
                "This code is too long. Please check it and try again.",
            ));
        }
        let is_filler = |letter: char| letter.is_whitespace() || is_dash(letter);
        let compact: String = text.chars().filter(|letter| !is_filler(*letter)).collect();
        if compact.is_empty() {
            return Err(Invalid::new("token_empty", "Please enter your code."));
        }
        Ok(match OtpCode::parse(&compact) {
            Some(code) => Self::Otp(code),
            None => Self::Recovery(RecoveryCode::typed(&compact)),
        })
    }
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_otp(text: &str) -> bool {
        matches!(SecondFactor::parse(text), Ok(SecondFactor::Otp(_)))
    }

    #[test]
    fn six_ascii_digits_are_a_one_time_code_however_they_are_spaced() {
        assert!(
            is_otp("123456") && is_otp("123 456") && is_otp(" 123-456 ") && is_otp("12\u{a0}3456")
        );
        assert!(!is_otp("12345") && !is_otp("1234567"));
        assert!(!is_otp("١٢٣٤٥٦") && !is_otp("１２３４５６"));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        assert_eq!(SecondFactor::parse(" - ").unwrap_err().code, "token_empty");
        assert_eq!(SecondFactor::parse(&"1".repeat(65)).unwrap_err().code, "token_too_long");
    }

    #[test]
    fn a_shown_code_is_read_back_in_any_case_and_spacing() {
        let code =
            RecoveryCode::from_random(std::array::from_fn(|i| u8::try_from(i * 11 % 256).unwrap()));
        assert_eq!(code.show().len(), 27);
        let typed =
            code.show().to_uppercase().replace('-', "  ").replace('0', "O").replace('1', "l");
        let Ok(SecondFactor::Recovery(read)) = SecondFactor::parse(&typed) else {
            panic!("not taken for a recovery code");
        };
        assert_eq!(read.expose(), code.expose());
    }
}
