//! Verification of `WebAuthn` Level 3: what an authenticator answers is checked against the relying party,
//! the challenge and the key (sections 7.1 and 7.2). User verification is reported, not required.

mod attestation;
mod authenticator_data;
mod cbor;
mod client_data;
mod cose;

use sha2::{Digest as _, Sha256};

use self::attestation::AttestationObject;
use self::authenticator_data::AuthenticatorData;
use self::client_data::{Ceremony, ClientData};
use self::cose::PublicKey;
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
        ChallengeDigest::from_bytes(Sha256::digest(self.0).into())
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
        challenge: &ChallengeDigest,
        attestation: &Attestation,
    ) -> Result<NewCredential, Refused> {
        let client_data = &attestation.client_data;
        self.check_client_data(client_data, Ceremony::Create, challenge)?;
        let object = AttestationObject::parse(&attestation.object)?;
        let data = AuthenticatorData::parse(object.authenticator_data)?;
        data.check_rp_id(&self.id)?;
        let credential = data.credential.ok_or(Refused("no credential"))?;
        if credential.id != attestation.id {
            return Err(Refused("another credential id"));
        }
        let key = PublicKey::parse(credential.key)?;
        key.check_point()?;
        object.check_statement(&key, &signed(object.authenticator_data, client_data))?;
        Ok(NewCredential {
            key: credential.stored_key()?,
            id: credential.id,
            counter: data.counter,
            flags: data.flags,
            aaguid: credential.aaguid,
        })
    }

    /// Verifies an assertion by a passkey of an account. The signature counter is compared by the caller.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    pub fn verify(
        &self,
        challenge: &ChallengeDigest,
        assertion: &Assertion,
        passkey: &Passkey,
    ) -> Result<VerifiedAssertion, Refused> {
        if assertion.id != passkey.id {
            return Err(Refused("another credential id"));
        }
        self.check_client_data(&assertion.client_data, Ceremony::Get, challenge)?;
        let data = AuthenticatorData::parse(&assertion.authenticator_data)?;
        data.check_rp_id(&self.id)?;
        if data.flags.backup_eligible != passkey.backup_eligible {
            return Err(Refused("another backup eligibility"));
        }
        let message = signed(&assertion.authenticator_data, &assertion.client_data);
        PublicKey::parse(passkey.key.bytes())?.verify(&message, &assertion.signature)?;
        Ok(VerifiedAssertion {
            user_verified: data.flags.user_verified,
            backed_up: data.flags.backed_up,
            counter: data.counter,
        })
    }

    fn check_client_data(
        &self,
        client_data: &[u8],
        ceremony: Ceremony,
        challenge: &ChallengeDigest,
    ) -> Result<(), Refused> {
        ClientData::parse(client_data)?.check(ceremony, challenge, &self.origins)
    }
}

/// What authenticators sign.
fn signed(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, &Sha256::digest(client_data)].concat()
}

#[cfg(test)]
mod tests;
