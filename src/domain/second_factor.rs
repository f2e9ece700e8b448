//! Second factors: as users submit them, and what a submitted one turned out to be.

pub mod target;

use super::account::Account;
use super::digest::Digest;
use super::invalid::Invalid;
use super::passkey::Passkey;
use super::passkey::ceremony::{Assertion, ChallengeDigest, VerifiedAssertion};
use super::recovery_code::RecoveryCode;
use super::totp::{OtpCode, TimeStep};

/// A second factor. Of what a user types, six digits are a one-time code, anything else is a recovery code.
#[derive(Clone, Debug)]
pub enum SecondFactor {
    /// A code of the authenticator app.
    Otp(OtpCode),
    /// One of the recovery codes.
    Recovery(RecoveryCode),
    /// What a passkey signed; `None` if what was sent is not of the form.
    Passkey(Option<Box<Assertion>>),
}

impl SecondFactor {
    /// The longest text that is read, in characters.
    pub const LONGEST: usize = 64;

    /// Parses a code as a user types or pastes it. Spaces and dashes are ignored. An empty code and one of
    /// more than 64 characters are invalid.
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

    /// Whether a wrong one counts towards the lock of the account's six-digit codes. Within a session, any other
    /// is counted in the session before it is checked.
    #[must_use]
    pub fn counts_against_codes(&self, account: &Account) -> bool {
        matches!(self, Self::Otp(_)) && account.authenticator.is_enabled()
    }
}

/// A correct second factor, which is used up by the write that accepts it.
#[derive(Clone, Debug)]
pub enum UsedFactor {
    /// A code of the authenticator app.
    Code(TimeStep),
    /// A recovery code.
    Recovery(Digest),
    /// A passkey.
    Passkey(Box<UsedPasskey>),
}

/// A verified assertion of a passkey.
#[derive(Clone, Debug)]
pub struct UsedPasskey {
    /// The passkey as it was read.
    pub passkey: Passkey,
    /// The digest of the challenge that it signed.
    pub challenge: ChallengeDigest,
    /// What the assertion says.
    pub verified: VerifiedAssertion,
}

impl UsedPasskey {
    /// Whether it verified its user now and when it was registered, so that it needs no password beside it.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.verified.user_verified && self.passkey.signs_in()
    }
}

impl UsedFactor {
    /// What it counts as if it is refused after all.
    #[must_use]
    pub fn refused(&self) -> WrongFactor {
        match self {
            Self::Code(_) => WrongFactor::Code,
            Self::Recovery(_) => WrongFactor::Unguessable,
            Self::Passkey(_) => WrongFactor::Passkey,
        }
    }
}

/// A second factor that is not accepted. It costs what it was submitted to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongFactor {
    /// A wrong code of the authenticator app.
    Code,
    /// A correct code that was used before (RFC 6238, section 5.2). It counts as a wrong one.
    UsedCode,
    /// A wrong recovery code, or six digits where there is no authenticator app. Nobody can guess a right one, so
    /// it does not count against the account.
    Unguessable,
    /// A passkey that is not accepted.
    Passkey,
    /// A passkey whose signature counter did not rise: it looks copied.
    CopiedPasskey,
}

impl WrongFactor {
    /// Whether it also counts towards the lock of the account's six-digit codes.
    #[must_use]
    pub fn counts_against_codes(self) -> bool {
        match self {
            Self::Code | Self::UsedCode => true,
            Self::Unguessable | Self::Passkey | Self::CopiedPasskey => false,
        }
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
