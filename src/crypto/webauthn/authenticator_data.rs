//! What the authenticator says: authenticator data (section 6.1).

use sha2::{Digest as _, Sha256};

use super::Refused;
use super::cbor::Map;
use crate::domain::passkey::{AuthenticatorFlags, CredentialId, CredentialKey};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// What an authenticator signed, by a user who was present.
#[derive(Debug)]
pub(super) struct AuthenticatorData<'a> {
    rp_id_digest: &'a [u8; 32],
    pub flags: AuthenticatorFlags,
    pub counter: u32,
    /// The credential, if it was just created.
    pub credential: Option<AttestedCredential<'a>>,
}

/// A credential in authenticator data (section 6.5.1).
#[derive(Debug)]
pub(super) struct AttestedCredential<'a> {
    pub aaguid: [u8; 16],
    pub id: CredentialId,
    /// Its key as a `COSE_Key`.
    pub key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads authenticator data, and checks what it says on its own.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refused> {
        let short = Refused("the authenticator data is too short");
        let Some((rp_id_digest, rest)) = bytes.split_first_chunk::<32>() else {
            return Err(short);
        };
        let Some((&[bits, ref counter @ ..], rest)) = rest.split_first_chunk::<5>() else {
            return Err(short);
        };
        let has = |bit: u8| bits & bit != 0;
        let flags = AuthenticatorFlags {
            user_verified: has(USER_VERIFIED),
            backup_eligible: has(BACKUP_ELIGIBLE),
            backed_up: has(BACKED_UP),
        };
        if !has(USER_PRESENT) {
            return Err(Refused("the user was not present"));
        }
        if flags.backed_up && !flags.backup_eligible {
            return Err(Refused("backed up without being eligible"));
        }
        let (credential, rest) = if has(HAS_CREDENTIAL) {
            let (credential, rest) = AttestedCredential::first(rest)?;
            (Some(credential), rest)
        } else {
            (None, rest)
        };
        // None was asked for, so whatever an authenticator adds is read and ignored.
        if has(HAS_EXTENSIONS) {
            Map::whole(rest)?;
        } else if !rest.is_empty() {
            return Err(Refused("bytes after the authenticator data"));
        }
        Ok(Self { rp_id_digest, flags, counter: u32::from_be_bytes(*counter), credential })
    }

    /// Checks that it was signed for this relying party.
    pub(super) fn check_rp_id(&self, id: &str) -> Result<(), Refused> {
        if Sha256::digest(id)[..] == self.rp_id_digest[..] {
            return Ok(());
        }
        Err(Refused("another relying party"))
    }
}

impl<'a> AttestedCredential<'a> {
    /// Reads the credential that `bytes` begin with. Returns it and the bytes after it.
    fn first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Refused> {
        let short = Refused("the credential is too short");
        let Some((aaguid, rest)) = bytes.split_first_chunk::<16>() else {
            return Err(short);
        };
        let Some((length, rest)) = rest.split_first_chunk::<2>() else {
            return Err(short);
        };
        let length = u16::from_be_bytes(*length).into();
        let (id, rest) = rest.split_at_checked(length).ok_or(short)?;
        let id =
            CredentialId::parse(id.to_vec()).ok_or(Refused("the id is too short or too long"))?;
        let (key, rest) = Map::split(rest)?;
        Ok((Self { aaguid: *aaguid, id, key }, rest))
    }

    /// Its key, to be stored.
    pub(super) fn stored_key(&self) -> Result<CredentialKey, Refused> {
        CredentialKey::parse(self.key.to_vec()).ok_or(Refused("the key is too long"))
    }
}
