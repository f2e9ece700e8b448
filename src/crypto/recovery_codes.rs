//! Generating and digesting recovery codes.

use sha2::{Digest as _, Sha256};

use crate::domain::digest::Digest;
use crate::domain::recovery_code::{RecoveryCode, SET_SIZE};

/// Generates a set of recovery codes.
#[must_use]
pub fn generate_set() -> Vec<RecoveryCode> {
    (0..SET_SIZE).map(|_| RecoveryCode::from_random(rand::random())).collect()
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
        let codes: Vec<RecoveryCode> = (0..50).flat_map(|_| generate_set()).collect();
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
