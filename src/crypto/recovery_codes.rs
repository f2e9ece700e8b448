//! Making and digesting recovery codes.

use sha2::{Digest as _, Sha256};

use crate::domain::digest::Digest;
use crate::domain::recovery_code::{RecoveryCode, SET_SIZE};

/// Makes a set of new recovery codes.
#[must_use]
pub fn generate_set() -> Vec<RecoveryCode> {
    (0..SET_SIZE).map(|_| RecoveryCode::from_random(rand::random())).collect()
}

/// What is stored of a recovery code. One fast hash is enough for 120 random bits
/// (NIST SP 800-63B-4, 3.1.2.2; OWASP ASVS 6.5.2).
#[must_use]
pub fn digest(code: &RecoveryCode) -> Digest {
    Digest::from_bytes(Sha256::digest(code.expose().as_bytes()).into())
}
