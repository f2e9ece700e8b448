//! Keyed digests of values that could be guessed: email and network addresses.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::digest::Digest;

/// Computes keyed digests (HMAC-SHA-256), separated by purpose, so that a dump of the database doesn't reveal
/// addresses.
#[derive(Clone)]
pub struct KeyedDigest(Hmac<Sha256>);

impl KeyedDigest {
    /// Derives the key from a secret of the service (HKDF, RFC 5869).
    #[must_use]
    pub fn derived_from(secret: &[u8; 32]) -> Self {
        Self::derived(secret, b"twofold keyed digests")
    }

    /// Derives the key of a use.
    pub(super) fn derived(secret: &[u8; 32], label: &[u8]) -> Self {
        let mut key = [0; 64];
        #[expect(clippy::expect_used, reason = "HKDF-SHA-256 expands to up to 255 * 32 bytes")]
        Hkdf::<Sha256>::new(None, secret)
            .expand(label, &mut key)
            .expect("64 bytes are a valid length");
        Self(Hmac::new(&key.into()))
    }

    /// The digest of `parts` for `purpose`. Parts are length-prefixed, so different lists never have the same
    /// input.
    #[must_use]
    pub fn of(&self, purpose: &str, parts: &[&str]) -> Digest {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        self.of_bytes(purpose, &parts)
    }

    /// The same, of bytes.
    pub(super) fn of_bytes(&self, purpose: &str, parts: &[&[u8]]) -> Digest {
        Digest::from_bytes(self.mac(purpose, parts).finalize().into_bytes().into())
    }

    /// Whether `digest` is that of these parts. The time that this takes depends on neither.
    pub(super) fn made(&self, purpose: &str, parts: &[&[u8]], digest: &[u8]) -> bool {
        self.mac(purpose, parts).verify_slice(digest).is_ok()
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            mac.update(&length.to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_differ_by_key_by_purpose_and_by_parts() {
        let digests = KeyedDigest::derived_from(&[1; 32]);
        let one = digests.of("network", &["192.0.2.1"]);
        assert_eq!(one, digests.of("network", &["192.0.2.1"]));
        assert_ne!(one, digests.of("email", &["192.0.2.1"]));
        assert_ne!(one, KeyedDigest::derived_from(&[2; 32]).of("network", &["192.0.2.1"]));
        assert_ne!(digests.of("pair", &["ab", "c"]), digests.of("pair", &["a", "bc"]));
    }
}
