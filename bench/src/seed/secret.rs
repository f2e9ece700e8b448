//! Second factors: a secret computed from the account's id, sealed as `src/crypto/seal.rs` seals it,
//! and the code it gives now.

use bson::Binary;
use bson::oid::ObjectId;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE32_NOPAD, BASE64};
use totp_rs::{Builder, Secret};

use super::token::{binary, bits};
use crate::fault::{Result, fault};

const KEY_ID: &str = "bench";
const KEY: [u8; 32] = *b"a sealing key for the benchmarks";
const VERSION: u8 = 1;
const PURPOSE: &[u8] = b"totp";
const SECRET_LENGTH: usize = 20;
const NONCE_LENGTH: usize = 24;

/// The setting under which the service opens the secrets.
pub fn sealing_keys() -> String {
    format!("{KEY_ID}:{}", BASE64.encode(&KEY))
}

/// An account's secret.
fn secret(user: ObjectId) -> Vec<u8> {
    bits("secret", &user.bytes()).into_iter().take(SECRET_LENGTH).collect()
}

/// Seals secrets.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// With the key that the service is given.
    pub fn new() -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(KEY)))
    }

    /// An account's secret as it is stored: version, length of the key's id, the id, nonce,
    /// ciphertext; bound to the account and to the purpose.
    pub fn seal(&self, user: ObjectId) -> Result<Binary> {
        let whole = bits("nonce", &user.bytes());
        let nonce = whole.first_chunk::<NONCE_LENGTH>().ok_or_else(|| fault("a short nonce"))?;
        let associated = [PURPOSE, &user.bytes()].concat();
        let payload = Payload { msg: &secret(user), aad: &associated };
        let sealed = self.0.encrypt(&XNonce::from(*nonce), payload);
        let sealed = sealed.map_err(|error| fault(error.to_string()))?;
        let length = u8::try_from(KEY_ID.len())?;
        Ok(binary([&[VERSION, length], KEY_ID.as_bytes(), nonce, &sealed].concat()))
    }
}

/// An account's secret as a person would type it.
pub fn base32(user: ObjectId) -> String {
    BASE32_NOPAD.encode(&secret(user))
}

/// The code of an account's authenticator app at a moment, seconds since 1970.
pub fn code(user: ObjectId, seconds: u64) -> Result<String> {
    let totp = Builder::new().with_secret(Secret::from(secret(user))).build()?;
    Ok(totp.generate(seconds).to_string())
}
