//! Why a value from a caller is invalid.

/// A rule that a value breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// A stable, machine-readable code in `snake_case`.
    pub code: &'static str,
    /// A message for the user.
    pub message: &'static str,
}

impl Invalid {
    /// A rule with its code and its message.
    #[must_use]
    pub const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message }
    }
}
