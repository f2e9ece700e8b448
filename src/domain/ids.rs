//! Identifiers. Each has its own type, so that they can't be confused.

use std::fmt;

use data_encoding::HEXLOWER_PERMISSIVE;

/// An account's `_id`: twelve bytes, written as 24 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId([u8; 12]);

impl UserId {
    /// The id with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }

    /// Parses 24 hexadecimal digits of either case; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The id's bytes.
    #[must_use]
    pub fn bytes(&self) -> [u8; 12] {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER_PERMISSIVE.encode(&self.0))
    }
}

/// A session's public id: random, unrelated to the session's token, and kept when the token is rotated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// An id from the database or from a caller.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as an owned string.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Counts the changes of an account that invalidate logins in progress: changing the password; enabling,
/// confirming, replacing or disabling the authenticator app; and the operator's reset, disable and sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub i64);
