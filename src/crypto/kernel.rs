//! What computes Argon2id: the crate that everybody uses, or a faster one where the operator built it
//! in and it computes the same here and now. Hashes are interchangeable, so the choice can be undone.

/// What computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// The `argon2` crate.
    Portable,
    /// The `argon2-rust` crate, with the processor's vector instructions.
    #[cfg(feature = "argon2-simd")]
    Simd,
}

impl Kernel {
    /// The fastest that is built in and right.
    #[cfg(not(feature = "argon2-simd"))]
    #[must_use]
    pub fn choose() -> Self {
        Self::Portable
    }

    /// The fastest that is built in and right: it is compared with the portable one on the vectors of
    /// RFC 9106 and on random inputs first.
    #[cfg(feature = "argon2-simd")]
    #[must_use]
    pub fn choose() -> Self {
        if super::argon2_simd::agrees() {
            return Self::Simd;
        }
        tracing::warn!(
            "argon2-simd computes something else than argon2 on this machine: it is not used"
        );
        Self::Portable
    }
}
