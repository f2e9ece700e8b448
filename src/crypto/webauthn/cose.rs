//! Public keys of credentials (`COSE_Key`, RFC 9052) and their signatures (section 6.5.6).

use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey as Peer, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::Refused;
use super::cbor::Map;

/// Labels of a `COSE_Key` and values in it (RFC 9053, RFC 8230).
const KEY_TYPE: i128 = 1;
const ALGORITHM: i128 = 3;
const CURVE: i128 = -1;
const X: i128 = -2;
const Y: i128 = -3;
const MODULUS: i128 = -1;
const EXPONENT: i128 = -2;

/// A key of one of the algorithms that are asked for.
#[derive(Debug)]
pub(super) enum PublicKey<'a> {
    /// ES256: an uncompressed point of P-256.
    Es256(Vec<u8>),
    /// `EdDSA` with Ed25519.
    EdDsa(&'a [u8; 32]),
    /// RS256: modulus and exponent.
    Rs256 { n: &'a [u8], e: &'a [u8] },
}

impl<'a> PublicKey<'a> {
    /// Reads a key.
    pub(super) fn parse(cose: &'a [u8]) -> Result<Self, Refused> {
        let key = Map::whole(cose)?;
        let curve = key.integer(CURVE);
        match (key.integer(KEY_TYPE), key.integer(ALGORITHM)) {
            (Some(2), Some(-7)) if curve == Some(1) => Self::es256(&key),
            (Some(1), Some(-8)) if curve == Some(6) => Self::eddsa(&key),
            (Some(3), Some(-257)) => Self::rs256(&key),
            _ => Err(Refused("an algorithm that was not asked for")),
        }
    }

    fn es256(key: &Map<'a>) -> Result<Self, Refused> {
        match (key.bytes(X), key.bytes(Y)) {
            (Some(x), Some(y)) if x.len() == 32 && y.len() == 32 => {
                Ok(Self::Es256([&[4], x, y].concat()))
            }
            _ => Err(Refused("not a point of P-256")),
        }
    }

    fn eddsa(key: &Map<'a>) -> Result<Self, Refused> {
        let x = key.bytes(X).and_then(|x| x.try_into().ok());
        x.map(Self::EdDsa).ok_or(Refused("not a point of Ed25519"))
    }

    /// 2048 to 4096 bits, and an odd exponent of up to 32 bits that is not 1.
    fn rs256(key: &Map<'a>) -> Result<Self, Refused> {
        let (Some(n), Some(e)) = (key.bytes(MODULUS), key.bytes(EXPONENT)) else {
            return Err(Refused("an RSA key lacks a number"));
        };
        let has_size = match n {
            [top, ..] if n.len() == 256 => *top >= 0x80,
            [top, ..] => (257..=512).contains(&n.len()) && *top > 0,
            [] => false,
        };
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        let is_exponent = (1..=4).contains(&e.len()) && e != [1] && e.first() != Some(&0);
        if has_size && is_exponent && is_odd(n) && is_odd(e) {
            return Ok(Self::Rs256 { n, e });
        }
        Err(Refused("an RSA key of a size or exponent that is not accepted"))
    }

    /// The algorithm's number.
    pub(super) fn algorithm(&self) -> i128 {
        match self {
            Self::Es256(_) => -7,
            Self::EdDsa(_) => -8,
            Self::Rs256 { .. } => -257,
        }
    }

    /// Checks that a point of P-256 is on the curve. ring checks it when it verifies too, but a key that can
    /// never verify should not be stored.
    pub(super) fn check_point(&self) -> Result<(), Refused> {
        let Self::Es256(point) = self else {
            return Ok(());
        };
        let failed = |_cause| Refused("not a point of P-256");
        let ours = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new());
        let theirs = Peer::new(&ECDH_P256, point);
        agree_ephemeral(ours.map_err(failed)?, &theirs, |_shared| ()).map_err(failed)
    }

    /// Verifies a signature.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let verified = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::EdDsa(x) => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            Self::Rs256 { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        };
        verified.map_err(|_cause| Refused("the signature is wrong"))
    }
}
