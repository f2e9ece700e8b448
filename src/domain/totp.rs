//! Time-based one-time codes: their parts and their bounds (RFC 6238).

use std::fmt;

use zeroize::ZeroizeOnDrop;

/// The secret shared with the user's authenticator app.
///
/// 160 bits where this service made it (RFC 4226, section 4, R6); an imported one may differ.
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

/// Six ASCII digits that a user read off their authenticator app.
#[derive(Clone, ZeroizeOnDrop)]
pub struct OtpCode(String);

impl OtpCode {
    /// Reads exactly six ASCII digits; digits of other scripts are not codes.
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
    /// Before every step that a code can have: what an authenticator is born with when no code of
    /// it was seen yet.
    pub const NONE: Self = Self(0);
}

/// How many steps before and after the present one are accepted, for clocks that drift and people
/// who type slowly (RFC 6238, section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptanceWindow(pub u8);
