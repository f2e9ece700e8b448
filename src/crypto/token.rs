//! Opaque tokens of sessions and login challenges.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use zeroize::ZeroizeOnDrop;

use crate::domain::client::Client;
use crate::domain::digest::Digest;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::session::{NewSession, SessionKind};

const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 32;
const LENGTH: usize = ID_LENGTH + SECRET_LENGTH;

/// A token as the client has it: the id of its account and 256 random bits (NIST SP 800-63B-4, 5.1). It cannot
/// be printed, and only its digest is stored.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Token(String);

impl Token {
    /// Creates a token for `user`.
    #[must_use]
    pub fn issue(user: UserId) -> Self {
        let mut bytes = [0; LENGTH];
        let (id, secret) = bytes.split_at_mut(ID_LENGTH);
        id.copy_from_slice(&user.bytes());
        rand::fill(secret);
        Self(BASE64URL_NOPAD.encode(&bytes))
    }

    /// Its digest, which is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.0)
    }

    /// The token's text, for the response that issues it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A token that a caller sent, reduced to what a lookup needs.
#[derive(Clone, Copy, Debug)]
pub struct PresentedToken {
    /// The account that it names.
    pub user: UserId,
    /// Its digest.
    pub digest: Digest,
}

impl PresentedToken {
    /// Parses a token; `None` if the text cannot be a token of this service.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (id, _) = bytes.split_first_chunk::<ID_LENGTH>()?;
        Some(Self { user: UserId::from_bytes(*id), digest: digest_of(text) })
    }
}

/// Creates a session for a client under a new token, with a new public id.
#[must_use]
pub fn new_session<'a>(token: &Token, kind: SessionKind, client: &'a Client) -> NewSession<'a> {
    NewSession { digest: token.digest(), id: session_id(), kind, client }
}

/// Creates a session's public id: 128 random bits, unrelated to its token.
fn session_id() -> SessionId {
    SessionId::new(BASE64URL_NOPAD.encode(&rand::random::<[u8; 16]>()))
}

fn digest_of(text: &str) -> Digest {
    Digest::from_bytes(Sha256::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sampling::assert_random;

    #[test]
    fn a_token_contains_its_user_and_has_its_digest() {
        let user = UserId::from_bytes([7; 12]);
        let token = Token::issue(user);
        let presented = PresentedToken::parse(token.expose()).unwrap();
        assert_eq!(presented.user, user);
        assert_eq!(presented.digest, token.digest());
        assert_ne!(Token::issue(user).digest(), token.digest());
        assert!(!format!("{token:?}").contains(token.expose()));
    }

    #[test]
    fn a_token_is_its_user_s_id_and_256_random_bits() {
        let user = UserId::from_bytes([7; 12]);
        let issue = |_| BASE64URL_NOPAD.decode(Token::issue(user).expose().as_bytes()).unwrap();
        let tokens: Vec<Vec<u8>> = (0..256).map(issue).collect();
        assert!(tokens.iter().all(|token| token.starts_with(&user.bytes())));
        let secrets: Vec<&[u8]> = tokens.iter().map(|token| &token[ID_LENGTH..]).collect();
        assert_random(&secrets, 32, 0xff);
    }

    #[test]
    fn a_session_s_public_id_is_128_random_bits() {
        let id = |_| BASE64URL_NOPAD.decode(session_id().as_str().as_bytes()).unwrap();
        let ids: Vec<Vec<u8>> = (0..256).map(id).collect();
        assert_random(&ids, 16, 0xff);
    }

    #[test]
    fn text_that_is_not_a_token_is_refused() {
        let longer = format!("{}A", Token::issue(UserId::from_bytes([0; 12])).expose());
        for text in ["", "abc", "é", &"A".repeat(59 * 2), longer.as_str()] {
            assert!(PresentedToken::parse(text).is_none(), "{text}");
        }
    }
}
