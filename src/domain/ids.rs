//! Identifiers, each a type of its own so that none can stand in for another.

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

    /// Reads 24 hexadecimal digits of either case; anything else is `None`.
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

/// A session's public id: random, says nothing of the session's token, survives rotation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Takes an id as it was stored or as a caller names it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as text of its own.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Counts the changes of an account that end logins under way: a password change, and enabling,
/// replacing or disabling its authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub i64);
