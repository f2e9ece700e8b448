//! Tokens as `src/crypto/token.rs` makes them: the kind, the account's id and 256 bits, of which the SHA-256 is
//! stored. These bits are computed from the id, so that nothing has to be remembered.

use bson::Binary;
use bson::oid::ObjectId;
use bson::spec::BinarySubtype;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::person::CHALLENGE;
use crate::fault::{Result, fault};

/// Base64 letters of an id.
const ID_LETTERS: usize = 16;

/// The token of an account for a purpose.
pub fn token(user: ObjectId, purpose: &str) -> String {
    let secret = bits(purpose, &user.bytes());
    let kind = if purpose == CHALLENGE { "login" } else { "session" };
    format!("{kind}-{}", BASE64URL_NOPAD.encode(&[&user.bytes()[..], &secret[..]].concat()))
}

/// What is stored of a token.
pub fn digest(token: &str) -> Binary {
    binary(Sha256::digest(token.as_bytes()).to_vec())
}

/// The account that a token names.
pub fn user(token: &str) -> Result<ObjectId> {
    let (_, encoded) = token.split_once('-').ok_or_else(|| fault("a token of no kind"))?;
    let letters = encoded.as_bytes().get(..ID_LETTERS).ok_or_else(|| fault("a short token"))?;
    let bytes = BASE64URL_NOPAD.decode(letters)?;
    let id = bytes.first_chunk().ok_or_else(|| fault("a token that names nobody"))?;
    Ok(ObjectId::from_bytes(*id))
}

/// 256 bits that look random and can be computed again.
pub fn bits(purpose: &str, of: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(purpose.as_bytes()).chain_update(of).finalize().into()
}

/// Bytes as BSON.
pub fn binary(bytes: Vec<u8>) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_user() {
        let id = ObjectId::from_bytes([7; 12]);
        assert_eq!(user(&token(id, "session")).unwrap(), id);
        assert_ne!(token(id, "session"), token(id, "bearer"));
        assert!(token(id, CHALLENGE).starts_with("login-"));
        assert_eq!(token(id, "session").len(), "session-".len() + 59);
    }
}
