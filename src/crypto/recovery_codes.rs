//! Generating and digesting recovery codes.

use sha2::{Digest as _, Sha256};

use crate::domain::digest::Digest;
use crate::domain::recovery_code::{RecoveryCode, SET_SIZE};

/// A new set of recovery codes.
pub struct RecoverySet {
    /// The codes, to be shown once.
    pub codes: Vec<RecoveryCode>,
    /// Their digests, to be stored.
    pub digests: Vec<Digest>,
}

impl RecoverySet {
    /// Generates a set.
    #[must_use]
    pub fn generate() -> Self {
        let random = |_| RecoveryCode::from_random(rand::random());
        let codes: Vec<RecoveryCode> = (0..SET_SIZE).map(random).collect();
        let digests = codes.iter().map(digest).collect();
        Self { codes, digests }
    }
}

/// The digest of a recovery code, which is stored. A fast hash is enough for 120 random bits
/// (NIST SP 800-63B-4, 3.1.2.2; OWASP ASVS 6.5.2).
#[must_use]
pub fn digest(code: &RecoveryCode) -> Digest {
    Digest::from_bytes(Sha256::digest(code.expose().as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::crypto::sampling::assert_random;

    #[test]
    fn a_code_is_120_random_bits() {
        let codes: Vec<RecoveryCode> =
            (0..50).flat_map(|_| RecoverySet::generate().codes).collect();
        // One of the 32 letters is missing by chance less than once in 10^12 runs.
        let letters = codes.iter().flat_map(|code| code.expose().bytes());
        let alphabet: BTreeSet<u8> = letters.collect();
        assert_eq!(alphabet.len(), 32, "five bits a letter");
        let values: BTreeMap<u8, u8> = alphabet.into_iter().zip(0..).collect();
        let five_bits = |code: &RecoveryCode| -> Vec<u8> {
            code.expose().bytes().map(|letter| values[&letter]).collect()
        };
        let samples: Vec<Vec<u8>> = codes.iter().map(five_bits).collect();
        assert_random(&samples, 24, 0b1_1111);
    }
}
