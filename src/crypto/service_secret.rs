//! Secrets that other services authenticate with.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A secret of another service. Only an HMAC of it is kept, under a key that is random for each start.
#[derive(Clone)]
pub struct ServiceSecret {
    key: Hmac<Sha256>,
    tag: [u8; 32],
}

impl ServiceSecret {
    /// Keeps what a presented secret is compared with.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let key = Hmac::<Sha256>::new(&rand::random::<[u8; 64]>().into());
        let tag = key.clone().chain_update(secret).finalize().into_bytes().into();
        Self { key, tag }
    }

    /// Whether this is the secret, in a time that does not depend on where they differ.
    #[must_use]
    pub fn is(&self, presented: &str) -> bool {
        self.key.clone().chain_update(presented).verify_slice(&self.tag).is_ok()
    }
}

impl fmt::Debug for ServiceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_accepted() {
        let secret = ServiceSecret::new("a-secret-of-thirty-two-characters");
        assert!(secret.is("a-secret-of-thirty-two-characters"));
        for wrong in [
            "",
            "a-secret-of-thirty-two-character",
            "a-secret-of-thirty-two-characters-",
            "A-secret-of-thirty-two-characters",
        ] {
            assert!(!secret.is(wrong), "{wrong}");
        }
    }
}
