//! Encrypting secrets at rest, for one account and one purpose.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};

use crate::domain::authenticator::Sealed;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::totp::SharedSecret;

const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 24;
/// What is sealed. It is associated data, so that one is never opened as the other.
const TOTP: &[u8] = b"totp";
const ADDRESS: &[u8] = b"mail address";

/// Seals shared secrets with XChaCha20-Poly1305.
///
/// An envelope consists of a version (1 byte), the length of the key's id (1), the id, a nonce (24) and the
/// ciphertext. Purpose and account are associated data, so a secret that is copied into another account can't
/// be opened. The newest key seals; every key of the ring opens.
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<RingKey>,
}

#[derive(Clone)]
struct RingKey {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    /// It was sealed under a key that is not in the ring.
    #[error("a secret is sealed under key \"{0}\", which SEALING_KEYS lacks")]
    UnknownKey(String),
    /// It is damaged, or belongs to another account.
    #[error("a sealed secret is damaged or belongs to another account")]
    Damaged,
    /// The ring has no key to seal under.
    #[error("the key ring is empty")]
    NoKey,
}

impl KeyRing {
    /// A ring of keys with their ids (at most 255 bytes each), newest first.
    pub fn new<'a>(keys: impl IntoIterator<Item = (&'a str, &'a [u8; 32])>) -> Self {
        let ring_key = |(id, key): (&str, &[u8; 32])| RingKey {
            id: id.to_owned(),
            cipher: XChaCha20Poly1305::new(&Key::from(*key)),
        };
        Self { keys: keys.into_iter().map(ring_key).collect() }
    }

    /// Seals a secret for an account under the newest key.
    pub fn seal(&self, user: UserId, secret: &SharedSecret) -> Result<Sealed, SealError> {
        self.seal_bytes(TOTP, user, secret.expose())
    }

    /// Seals an address that mail is to be sent to.
    pub fn seal_address(&self, user: UserId, address: &EmailAddress) -> Result<Sealed, SealError> {
        self.seal_bytes(ADDRESS, user, address.as_str().as_bytes())
    }

    fn seal_bytes(&self, purpose: &[u8], user: UserId, clear: &[u8]) -> Result<Sealed, SealError> {
        let key = self.keys.first().ok_or(SealError::NoKey)?;
        let nonce: [u8; NONCE_LENGTH] = rand::random();
        let data = associated_data(purpose, user);
        let payload = Payload { msg: clear, aad: &data };
        let ciphertext = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_cause| SealError::Damaged)?;

        let id_length = u8::try_from(key.id.len()).map_err(|_cause| SealError::NoKey)?;
        let mut envelope = vec![VERSION, id_length];
        envelope.extend_from_slice(key.id.as_bytes());
        envelope.extend_from_slice(&nonce);
        envelope.extend_from_slice(&ciphertext);
        Ok(Sealed::new(envelope))
    }

    /// The id of the newest key.
    #[must_use]
    pub fn newest(&self) -> Option<&str> {
        self.keys.first().map(|key| key.id.as_str())
    }

    /// The ids of all keys, newest first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    /// The id of the key that a secret is sealed under; `None` if the envelope is damaged.
    #[must_use]
    pub fn key_of(sealed: &Sealed) -> Option<&str> {
        Envelope::parse(sealed.bytes()).map(|envelope| envelope.key_id)
    }

    /// Opens a secret that was sealed for this account.
    pub fn open(&self, user: UserId, sealed: &Sealed) -> Result<SharedSecret, SealError> {
        self.open_bytes(TOTP, user, sealed).map(SharedSecret::new)
    }

    /// Opens an address.
    pub fn open_address(&self, user: UserId, sealed: &Sealed) -> Result<EmailAddress, SealError> {
        let opened = self.open_bytes(ADDRESS, user, sealed)?;
        let text = std::str::from_utf8(&opened).map_err(|_cause| SealError::Damaged)?;
        Ok(EmailAddress::stored(text))
    }

    fn open_bytes(
        &self,
        purpose: &[u8],
        user: UserId,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, SealError> {
        let envelope = Envelope::parse(sealed.bytes()).ok_or(SealError::Damaged)?;
        let key = self.keys.iter().find(|key| key.id == envelope.key_id);
        let key = key.ok_or_else(|| SealError::UnknownKey(envelope.key_id.to_owned()))?;
        let data = associated_data(purpose, user);
        let payload = Payload { msg: envelope.ciphertext, aad: &data };
        let opened = key.cipher.decrypt(&XNonce::from(*envelope.nonce), payload);
        opened.map_err(|_cause| SealError::Damaged)
    }
}

struct Envelope<'a> {
    key_id: &'a str,
    nonce: &'a [u8; NONCE_LENGTH],
    ciphertext: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let ([version, id_length], rest) = bytes.split_first_chunk::<2>()?;
        let (key_id, rest) = rest.split_at_checked(usize::from(*id_length))?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LENGTH>()?;
        let key_id = std::str::from_utf8(key_id).ok()?;
        (*version == VERSION).then_some(Self { key_id, nonce, ciphertext })
    }
}

fn associated_data(purpose: &[u8], user: UserId) -> Vec<u8> {
    [purpose, &user.bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(byte: u8) -> UserId {
        UserId::from_bytes([byte; 12])
    }

    #[test]
    fn a_sealed_secret_opens_for_its_own_account_only() {
        let ring = KeyRing::new([("a", &[1; 32])]);
        let sealed = ring.seal(user(1), &SharedSecret::new(b"a shared secret".to_vec())).unwrap();
        assert_eq!(ring.open(user(1), &sealed).unwrap().expose(), b"a shared secret");
        assert_eq!(ring.open(user(2), &sealed).unwrap_err(), SealError::Damaged);
        let clear = sealed.bytes().windows(6).any(|part| part == b"shared");
        assert!(!clear);
    }

    #[test]
    fn an_older_key_still_opens_and_a_missing_one_is_named() {
        let old = KeyRing::new([("old", &[1; 32])]);
        let both = KeyRing::new([("new", &[2; 32]), ("old", &[1; 32])]);
        let new = KeyRing::new([("new", &[2; 32])]);
        let sealed = old.seal(user(1), &SharedSecret::new(vec![5; 20])).unwrap();
        assert_eq!(both.open(user(1), &sealed).unwrap().expose(), [5; 20]);
        assert_eq!(
            new.open(user(1), &sealed).unwrap_err(),
            SealError::UnknownKey("old".to_owned())
        );
    }

    #[test]
    fn a_damaged_envelope_is_refused() {
        let ring = KeyRing::new([("a", &[1; 32])]);
        let sealed = ring.seal(user(1), &SharedSecret::new(vec![5; 20])).unwrap();
        for length in 0..sealed.bytes().len() {
            let cut = Sealed::new(sealed.bytes()[..length].to_vec());
            assert!(ring.open(user(1), &cut).is_err());
        }
    }
}
