//! The implementation of Argon2id in use. Both compute the same hashes, so the choice can be undone.

/// An implementation of Argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kernel {
    /// The `argon2` crate.
    Portable,
    /// The `argon2-rust` crate, with the processor's vector instructions.
    #[cfg(feature = "argon2-simd")]
    Simd,
}

impl Kernel {
    /// Chooses the fastest implementation that is built in.
    #[cfg(not(feature = "argon2-simd"))]
    #[must_use]
    pub fn choose() -> Self {
        Self::Portable
    }

    /// Chooses the fastest implementation that is built in, if it computes the test vector of RFC 9106 and
    /// agrees with the portable one on random inputs.
    #[cfg(feature = "argon2-simd")]
    #[must_use]
    pub fn choose() -> Self {
        if super::argon2_simd::agrees() {
            return Self::Simd;
        }
        tracing::warn!("argon2-simd and argon2 disagree on this machine; using argon2");
        Self::Portable
    }
}
