//! Time-based one-time codes (RFC 6238).

use std::fmt;

use zeroize::ZeroizeOnDrop;

/// The secret shared with the user's authenticator app.
///
/// 160 bits if this service generated it (RFC 4226, section 4, R6); an imported one may differ.
#[derive(Clone, ZeroizeOnDrop)]
pub struct SharedSecret(Vec<u8>);

impl SharedSecret {
    /// The secret with these bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The secret's bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

/// A code of an authenticator app: six ASCII digits.
#[derive(Clone, ZeroizeOnDrop)]
pub struct OtpCode(String);

impl OtpCode {
    /// Parses exactly six ASCII digits. Digits of other scripts are refused.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let six_digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        six_digits.then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OtpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtpCode(..)")
    }
}

/// The number of whole periods since the Unix epoch: `T` in RFC 6238, section 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeStep(pub i64);

impl TimeStep {
    /// A step before that of any code: the last step of an authenticator of which no code was accepted yet.
    pub const NONE: Self = Self(0);
}

/// How many steps before and after the current one are accepted, to allow for clock drift and slow typing
/// (RFC 6238, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptanceWindow(pub u8);
