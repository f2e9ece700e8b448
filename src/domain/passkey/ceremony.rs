//! What authenticators answer, as the browser sends it (`WebAuthn` Level 3, section 5.1.8).

use chrono::TimeDelta;

use super::CredentialId;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::SessionId;

/// The outcome of `navigator.credentials.create()`.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// The id of the new credential.
    pub id: CredentialId,
    /// The bytes of `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// The bytes of `attestationObject`.
    pub object: Vec<u8>,
}

/// The outcome of `navigator.credentials.get()`.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// The id of the credential that signed.
    pub id: CredentialId,
    /// The bytes of `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// The bytes of `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// The user whom the authenticator believes to sign in, if it says so.
    pub user_handle: Option<Vec<u8>>,
}

/// What a verified assertion says about the passkey that signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// Whether the user was verified now.
    pub user_verified: bool,
    /// Whether the credential is copied to other devices now.
    pub backed_up: bool,
    /// The counter of the signature.
    pub counter: u32,
}

/// The digest (SHA-256) of a challenge's 32 random bytes, which is stored in its place.
pub type ChallengeDigest = Digest;

/// A challenge that was sent to a browser. It works once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingChallenge {
    /// Its digest.
    pub digest: ChallengeDigest,
    /// When it expires.
    pub until: Moment,
}

impl PendingChallenge {
    /// How long the user has.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
    /// How many used ones an account keeps until they have expired: as many sign-ins in that time.
    pub const SPENT_LIMIT: usize = 50;

    /// A challenge that was sent now.
    #[must_use]
    pub fn begin(digest: ChallengeDigest, now: Moment) -> Self {
        Self { digest, until: now + Self::LIFETIME }
    }

    /// Whether an answer to it is still accepted.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        now < self.until
    }
}

/// The registration of a passkey that one session began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyEnrolment {
    /// The challenge.
    pub challenge: PendingChallenge,
    /// The public id of the session.
    pub session: SessionId,
}

impl PasskeyEnrolment {
    /// How many an account keeps until they have expired. A further one replaces the oldest.
    pub const LIMIT: usize = 20;

    /// Whether `session` may still complete it.
    #[must_use]
    pub fn is_live_for(&self, session: &SessionId, now: Moment) -> bool {
        self.session == *session && self.challenge.is_live(now)
    }
}
