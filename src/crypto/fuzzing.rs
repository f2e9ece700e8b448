//! What must hold for any bytes that are opened as a sealed secret. For `make fuzz`.

use super::seal::KeyRing;
use crate::domain::authenticator::Sealed;
use crate::domain::ids::UserId;
use crate::domain::totp::SharedSecret;

/// Opens bytes as an envelope; then seals them as a secret and damages the envelope.
pub fn sealed(bytes: &[u8]) {
    let ring = KeyRing::new([("new", &[2; 32]), ("old", &[1; 32])]);
    let (user, other) = (UserId::from_bytes([7; 12]), UserId::from_bytes([8; 12]));
    let opens = |bytes: Vec<u8>, user| ring.open(user, &Sealed::new(bytes));
    let _any = KeyRing::key_of(&Sealed::new(bytes.to_vec()));
    if let Ok(secret) = opens(bytes.to_vec(), user) {
        assert!(opens(bytes.to_vec(), other).is_err(), "it opens for two accounts");
        let again = ring.seal(user, &secret).map(|sealed| ring.open(user, &sealed));
        assert!(matches!(again, Ok(Ok(again)) if again.expose() == secret.expose()));
    }

    let Ok(sealed) = ring.seal(user, &SharedSecret::new(bytes.to_vec())) else {
        panic!("a ring with keys does not seal");
    };
    let envelope = sealed.bytes();
    assert!(opens(envelope.to_vec(), user).is_ok_and(|secret| secret.expose() == bytes));
    let chosen = bytes.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31) + usize::from(*byte));
    let at = chosen % envelope.len();
    let mut flipped = envelope.to_vec();
    flipped[at] ^= 1 << (chosen % 8);
    assert!(opens(flipped, user).is_err(), "byte {at} does not matter");
    assert!(opens(envelope[..at].to_vec(), user).is_err(), "it opens cut at {at}");
    assert!(opens([envelope, &[0]].concat(), user).is_err(), "it opens with a byte behind it");
}
