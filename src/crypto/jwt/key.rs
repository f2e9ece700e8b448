//! Keys that sign tokens: ECDSA on the curve P-256.

use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A key that signs tokens. It cannot be printed.
pub struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
    public: PublicKey,
    header: String,
}

/// The public half of a key, as it is published (RFC 7517, RFC 7518 section 6.2.1).
pub struct PublicKey {
    /// The thumbprint of the key (RFC 7638), which tokens name it by.
    pub kid: String,
    /// The first coordinate, in base64url.
    pub x: String,
    /// The second coordinate, in base64url.
    pub y: String,
    point: Vec<u8>,
}

/// A key is not PKCS#8 of a private key on P-256.
#[derive(Debug, thiserror::Error)]
#[error("this is not the PKCS#8 of a private key on P-256")]
pub struct InvalidKey;

/// Generates a key, as PKCS#8 (RFC 5958) in DER. `None` if the system has no random numbers.
#[must_use]
pub fn generate() -> Option<Zeroizing<Vec<u8>>> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    made.ok().map(|der| Zeroizing::new(der.as_ref().to_vec()))
}

impl SigningKey {
    /// Reads a key. `id` is its name for the operator.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`].
    pub fn from_pkcs8(id: &str, der: &[u8]) -> Result<Self, InvalidKey> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random);
        let pair = pair.map_err(|_rejected| InvalidKey)?;
        let public = PublicKey::of(pair.public_key().as_ref()).ok_or(InvalidKey)?;
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{}"}}"#, public.kid);
        let header = BASE64URL_NOPAD.encode(header.as_bytes());
        Ok(Self { id: id.to_owned(), pair, public, header })
    }

    /// Its name for the operator.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The header of the tokens that it signs, in base64url.
    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// A signature as two numbers of 32 bytes (RFC 7518, section 3.4).
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let signature = self.pair.sign(&SystemRandom::new(), message);
        signature.ok().map(|signature| signature.as_ref().to_vec())
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.public.point());
        key.verify(message, signature).is_ok()
    }
}

impl PublicKey {
    /// An uncompressed point: 4, and two coordinates of 32 bytes.
    fn of(point: &[u8]) -> Option<Self> {
        let [4, coordinates @ ..] = point else { return None };
        let (x, y) = coordinates.split_at_checked(32)?;
        let (x, y) = (BASE64URL_NOPAD.encode(x), BASE64URL_NOPAD.encode(y));
        Some(Self { kid: thumbprint(&x, &y), x, y, point: point.to_vec() })
    }

    pub(super) fn point(&self) -> &[u8] {
        &self.point
    }
}

/// The thumbprint of a key (RFC 7638, section 3).
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    BASE64URL_NOPAD.encode(&Sha256::digest(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_on_another_curve_and_what_is_no_key_are_not_read() {
        let p384 = &ring::signature::ECDSA_P384_SHA384_FIXED_SIGNING;
        let p384 = EcdsaKeyPair::generate_pkcs8(p384, &SystemRandom::new()).unwrap();
        assert!(SigningKey::from_pkcs8("k", p384.as_ref()).is_err());
        let der = generate().unwrap();
        for wrong in [&b""[..], &[0; 138], &der[..der.len() - 1]] {
            assert!(SigningKey::from_pkcs8("k", wrong).is_err());
        }
    }

    #[test]
    fn two_generated_keys_differ_and_a_key_has_the_same_thumbprint_each_time() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        let kid = |der: &[u8]| SigningKey::from_pkcs8("k", der).unwrap().public().kid.clone();
        assert_eq!(kid(&one), kid(&one));
        assert_ne!(kid(&one), kid(&other));
        assert_eq!(BASE64URL_NOPAD.decode(kid(&one).as_bytes()).unwrap().len(), 32);
    }
}
