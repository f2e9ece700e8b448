//! Passkeys: credentials of `WebAuthn` Level 3 that sign a user in or serve as a second factor.

pub mod ceremony;
mod models;
pub mod name;

use super::clock::Moment;
use name::PasskeyName;

/// The id of a credential, chosen by its authenticator: 16 to 1023 bytes (`WebAuthn` Level 3, section 4). In a path it
/// is therefore never taken for a word such as `options`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// The shortest, in bytes.
    pub const SHORTEST: usize = 16;
    /// The longest, in bytes.
    pub const LONGEST: usize = 1023;

    /// An id with these bytes; `None` if it is too short or too long.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        (Self::SHORTEST..=Self::LONGEST).contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A credential's public key as a `COSE_Key`: at most 1 KiB. Only `crypto` decodes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialKey(Vec<u8>);

impl CredentialKey {
    /// The longest, in bytes.
    pub const LONGEST: usize = 1024;

    /// A key with these bytes; `None` if it is too long.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() <= Self::LONGEST).then_some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What an authenticator says about itself and its user whenever it signs (`WebAuthn` Level 3, section 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticatorFlags {
    /// Whether it verified the user, by a PIN or a fingerprint.
    pub user_verified: bool,
    /// Whether the credential can be copied to other devices of its user.
    pub backup_eligible: bool,
    /// Whether it was copied.
    pub backed_up: bool,
}

/// A credential that an authenticator just created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCredential {
    /// Its id.
    pub id: CredentialId,
    /// Its public key.
    pub key: CredentialKey,
    /// The signature counter; 0 if the authenticator has none.
    pub counter: u32,
    /// What the authenticator said.
    pub flags: AuthenticatorFlags,
    /// The model of the authenticator; zeros if it does not say.
    pub aaguid: [u8; 16],
}

/// A passkey of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id.
    pub id: CredentialId,
    /// Its public key.
    pub key: CredentialKey,
    /// The counter of its last signature.
    pub counter: u32,
    /// Whether the user was verified when it was registered.
    pub verifies_user: bool,
    /// Whether it can be copied to other devices. This never changes.
    pub backup_eligible: bool,
    /// Whether it was copied when it was last used.
    pub backed_up: bool,
    /// The name that its user sees.
    pub name: PasskeyName,
    /// When it was registered.
    pub created_at: Moment,
    /// When it was last used, if ever.
    pub last_used_at: Option<Moment>,
    /// The model of the authenticator.
    pub aaguid: [u8; 16],
}

impl Passkey {
    /// How many an account may have.
    pub const LIMIT: usize = 10;

    /// The passkey of a credential that was just created.
    #[must_use]
    pub fn of(credential: NewCredential, name: PasskeyName, now: Moment) -> Self {
        let NewCredential { id, key, counter, flags, aaguid } = credential;
        Self {
            id,
            key,
            counter,
            verifies_user: flags.user_verified,
            backup_eligible: flags.backup_eligible,
            backed_up: flags.backed_up,
            name,
            created_at: now,
            last_used_at: None,
            aaguid,
        }
    }

    /// Whether it may sign its user in without a password. One that was registered without user verification
    /// is a second factor only.
    #[must_use]
    pub fn signs_in(&self) -> bool {
        self.verifies_user
    }

    /// Whether a signature with this counter may come from a copy of the key. Counters of credentials that are
    /// meant to be copied say nothing.
    #[must_use]
    pub fn suspects_copy(&self, counter: u32) -> bool {
        let counts = self.counter > 0 || counter > 0;
        !self.backup_eligible && counts && counter <= self.counter
    }
}
