//! Why a value a caller sent was refused.

/// A rule a value breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Stable and machine-readable, in `snake_case`.
    pub code: &'static str,
    /// A sentence for the person who typed the value.
    pub message: &'static str,
}

impl Invalid {
    /// A broken rule with its code and its sentence.
    #[must_use]
    pub const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message }
    }
}
